import { isSystemNamespace } from "../../access/system-namespace.ts";
import type { Lifetime } from "../../access/intent.ts";
import type { ConnectOptions, World } from "../../cli/world.ts";
import { parseDuration } from "../../text/duration.ts";
import { UserError, usageError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { createGrant, type CreateOptions } from "./create.ts";
import { sameGrant } from "./grant-command.ts";
import { parseLifetime } from "../../access/expiry.ts";
import { checkNamespace, limitTarget, parseGrantee, type GrantFlags } from "../../access/parse-intent.ts";
import { typedIntent } from "./typed-intent.ts";
import { readOperatorNamespace, readNamespaces } from "../../reading/namespaces.ts";

type GuidedFlags = Omit<GrantFlags, "subject"> & CreateOptions & Omit<ConnectOptions, "namespace">;

/**
 * Asks for what the command line left out, and shows the plan before it is carried out. What was given as a flag is not asked
 * again. Only what the caller may see is offered. Throws UserError "usage" where there is nobody to ask.
 */
export async function guidedGrant(flags: GuidedFlags, world: World): Promise<number> {
  const { ask, isTerminal } = world;
  if (!isTerminal.stdin || !isTerminal.stderr) {
    throw usageError(
      "a grant needs a subject, a role and namespaces; missing: subject",
      "On a terminal the command asks. Elsewhere, for example: kubectl mirrord grant jim --ns dev",
    );
  }
  const { namespace: given, selector, allNamespaces, lifetime: typedLifetime, ...rest } = flags;
  const subject = await ask.input(
    "Who? (USER, group:NAME or sa:NAMESPACE/NAME)",
    "SUBJECT",
    complaint((text) => parseGrantee(text, flags.dangerous)),
  );
  const placed = given.length > 0 || selector.length > 0 || allNamespaces;
  const where = placed ? {} : await askPlaces(await world.connect(rest), flags.allowSystem, world);
  const isOpen = flags.role === "user" && flags.privileged === undefined;
  const what = isOpen ? await askRole(flags, world) : {};
  const lifetime = typedLifetime ?? (await askLifetime(world));
  const all = { ...flags, subject, ...where, ...what, lifetime };
  const intent = await typedIntent(all, rest, world);
  const confirm = async (lines: string[]) => {
    if (flags.yes) return true;
    world.note([...lines, "", "The same as a command:", `  ${sameGrant(intent, all)}`]);
    return await ask.confirm("Write this?", "--yes");
  };
  return await createGrant(intent, { ...all, confirm }, rest, world);
}

const SOME_TARGETS = "user, on some targets";

const roles = [
  { name: "user", value: "user", describe: "Sessions on every target: the operator's own role" },
  { name: SOME_TARGETS, value: SOME_TARGETS, describe: "The same, and connections to the targets that you name only" },
  { name: "minimal", value: "minimal", describe: "Plain sessions only: no copies" },
  { name: "view", value: "view", describe: "Look at sessions and workloads, no connection" },
];

/** The role, and the targets that it is limited to where that is chosen. */
async function askRole({ target }: GuidedFlags, { ask }: World): Promise<{ role: string; target: string[] }> {
  const role = await ask.select("Which role?", roles, "--role");
  if (role !== SOME_TARGETS) return { role, target: [...target] };
  const check = complaint((text) => listed(text).forEach(limitTarget));
  const named = await ask.input("Which targets? (KIND/NAME, with commas between them)", "--target", check);
  return { role: "user", target: [...target, ...listed(named)] };
}

/** `a, b` */
function listed(text: string): string[] {
  const names = text.split(/[\s,]+/).filter((name) => name !== "");
  if (names.length === 0) throw usageError("nothing is named");
  return names;
}

const ALL = "all namespaces";
const SEVERAL = "several of them";

async function askPlaces(
  cluster: Cluster,
  allowSystem: boolean,
  { ask }: World,
): Promise<{ namespace: string[] } | { allNamespaces: true }> {
  const [found = [], operator] = await Promise.all([readNamespaces(cluster), readOperatorNamespace(cluster)]);
  const names = found
    .map(({ metadata }) => metadata.name ?? "")
    .filter((name) => !isSystemNamespace(name, operator))
    .toSorted();
  const check = complaint((text) => listed(text).forEach((name) => checkNamespace(name, allowSystem)));
  const type = async (question: string) => ({ namespace: listed(await ask.input(question, "--namespace", check)) });
  if (names.length === 0) return await type("In which namespace?");
  const more = [
    ...(names.length > 1 ? [{ name: SEVERAL, value: SEVERAL }] : []),
    { name: ALL, value: ALL, describe: "Those of the future included" },
  ];
  const choices = [...names.map((name) => ({ name, value: name })), ...more];
  const chosen = await ask.select("In which namespace?", choices, "--namespace");
  if (chosen === ALL) return { allNamespaces: true };
  return chosen === SEVERAL ? await type("In which? (names, with commas between them)") : { namespace: [chosen] };
}

async function askLifetime(world: World): Promise<Lifetime | undefined> {
  const choice = await world.ask.select(
    "For how long?",
    [
      ...["1h", "8h", "7d"].map((text) => ({ name: text, value: text })),
      { name: "another time", value: "other" },
      { name: "for good", value: "never" },
    ],
    "--for",
  );
  if (choice === "never") return undefined;
  const parse = (text: string) => parseLifetime({ for: parseDuration(text), until: undefined }, world.now().getTime());
  return parse(
    choice === "other" ? await world.ask.input("How long? (30m, 8h, 7d)", "--for", complaint(parse)) : choice,
  );
}

/** What is wrong with an answer, in the words of the parser that refuses it. */
function complaint(parse: (text: string) => unknown): (text: string) => string | undefined {
  return (text) => {
    try {
      parse(text);
      return undefined;
    } catch (error) {
      if (error instanceof UserError) return error.message;
      throw error;
    }
  };
}
