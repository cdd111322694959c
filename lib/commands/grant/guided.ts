import { isSystemNamespace } from "../../access/system-namespace.ts";
import type { Lifetime } from "../../access/intent.ts";
import type { ConnectOptions, World } from "../../cli/world.ts";
import { parseDuration } from "../../text/duration.ts";
import { UserError, usageError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { createGrant, type CreateOptions } from "./create.ts";
import { parseLifetime } from "../../access/expiry.ts";
import { checkNamespace, parseGrantee, type GrantFlags } from "../../access/parse-intent.ts";
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
  const namespace = placed ? given : [await askNamespace(await world.connect(rest), flags.allowSystem, world)];
  const isOpen = flags.role === "user" && flags.privileged === undefined;
  const role = isOpen ? await ask.select("Which role?", roles, "--role") : flags.role;
  const lifetime = typedLifetime ?? (await askLifetime(world));
  const all = { ...flags, subject, namespace, role, lifetime };
  const confirm = async (lines: string[]) => {
    if (flags.yes) return true;
    world.note(lines);
    return await ask.confirm("Write this?", "--yes");
  };
  return await createGrant(await typedIntent(all, rest, world), { ...all, confirm }, rest, world);
}

const roles = [
  { name: "user", value: "user", describe: "Sessions on every target: the operator's own role" },
  { name: "minimal", value: "minimal", describe: "Plain sessions only: no copies" },
  { name: "view", value: "view", describe: "Look at sessions and workloads, no connection" },
];

async function askNamespace(cluster: Cluster, allowSystem: boolean, { ask }: World): Promise<string> {
  const [listed = [], operator] = await Promise.all([readNamespaces(cluster), readOperatorNamespace(cluster)]);
  const names = listed
    .map(({ metadata }) => metadata.name ?? "")
    .filter((name) => !isSystemNamespace(name, operator))
    .toSorted();
  if (names.length === 0) {
    const check = complaint((text) => checkNamespace(text, allowSystem));
    return await ask.input("In which namespace?", "--namespace", check);
  }
  return await ask.select(
    "In which namespace?",
    names.map((name) => ({ name, value: name })),
    "--namespace",
  );
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
