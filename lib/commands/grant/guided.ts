import { seeCollections } from "../../access/collections-seen.ts";
import { customRoles } from "../../access/custom-role.ts";
import type { Lifetime } from "../../access/intent.ts";
import { COLLECTIONS, CUSTOM_ROLE_LABEL } from "../../access/names.ts";
import { membersToday } from "../../access/organizations/directory.ts";
import { noShared } from "../../access/organizations/missing.ts";
import type { Choice, ConnectOptions, World } from "../../cli/world.ts";
import { parseDuration } from "../../text/duration.ts";
import { UserError, usageError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { createGrant, type CreateOptions } from "./create.ts";
import { sameGrant } from "./grant-command.ts";
import { parseLifetime } from "../../access/expiry.ts";
import { checkNamespace, limitTarget, parseGrantee, type GrantFlags } from "../../access/parse-intent.ts";
import { typedIntent } from "./typed-intent.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import { readCollectionGuard } from "../../reading/guards.ts";
import { readNamespaces, readOperatorNamespace } from "../../reading/namespaces.ts";
import { readDirectory } from "../../reading/organizations.ts";
import { readList, readObject } from "../../reading/read.ts";
import { nextStep } from "../../text/next-step.ts";
import { byCodePoint } from "../../text/order.ts";
import { connectBounded } from "../connection.ts";

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
  const cluster = await connectBounded(rest, world);
  const subject = await askSubject(cluster, flags.dangerous, world);
  const placed = given.length > 0 || selector.length > 0 || flags.collection.length > 0 || allNamespaces;
  const where = placed ? {} : await askPlaces(cluster, flags, world);
  const isOpen = flags.role === "user" && flags.privileged === undefined;
  const what = isOpen ? await askRole(cluster, flags, world) : {};
  const lifetime = typedLifetime ?? (await askLifetime(world));
  const all = { ...flags, subject, ...where, ...what, lifetime };
  const intent = await typedIntent(all, rest, world);
  const confirm = async (lines: string[]) => {
    if (flags.yes) return true;
    world.note([...lines, "", "The same as a command:", `  ${nextStep(sameGrant(intent, all), flags.manifests)}`]);
    return await ask.confirm("Write this?", "--yes");
  };
  return await createGrant(intent, { ...all, confirm }, rest, world);
}

const TYPED = "a user, a group or a service account";

/** An organization or a team where the caller sees any, else whoever is typed. */
async function askSubject(cluster: Cluster, dangerous: boolean, { ask }: World): Promise<string> {
  const known = await readDirectory(cluster);
  const shared = [...(known?.organizations.values() ?? [])].flatMap(({ name, description, teams }) => [
    offer(`org:${name}`, description),
    ...teams.map((team) => offer(`team:${name}/${team.name}`, team.description)),
  ]);
  const chosen = shared.length === 0 ? TYPED : await ask.select("Who?", [offer(TYPED), ...shared], "SUBJECT");
  if (chosen !== TYPED) return chosen;
  const check = complaint((text) => {
    const subject = parseGrantee(text, dangerous);
    if (known !== undefined && membersToday(subject, known).state === "absent") throw noShared(known, subject);
  });
  return await ask.input("Who? (USER, group:NAME, sa:NAMESPACE/NAME, team:ORG/TEAM or org:ORG)", "SUBJECT", check);
}

const offer = (name: string, describe = ""): Choice<string> => ({
  name,
  value: name,
  ...(describe === "" ? {} : { describe }),
});

const SOME_TARGETS = "user, on some targets";

const roles = [
  { name: "user", value: "user", describe: "Sessions on every target: the operator's own role" },
  { name: SOME_TARGETS, value: SOME_TARGETS, describe: "The same, and connections to the targets that you name only" },
  { name: "minimal", value: "minimal", describe: "Plain sessions only: no copies" },
  { name: "view", value: "view", describe: "Look at sessions and workloads, no connection" },
];

/** The role, and the targets that it is limited to where that is chosen. */
async function askRole(
  cluster: Cluster,
  { target }: GuidedFlags,
  { ask }: World,
): Promise<{ role: string; target: string[] }> {
  const stored = await readList(cluster, nativeResources.clusterRoles, { labelSelector: CUSTOM_ROLE_LABEL });
  const custom = stored.failed ? [] : [...customRoles(stored.value).keys()].toSorted(byCodePoint);
  const role = await ask.select("Which role?", [...roles, ...custom.map((name) => offer(name))], "--role");
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

type Places = Pick<GuidedFlags, "namespace" | "collection" | "allNamespaces" | "acceptLabelRisk">;

async function askPlaces(cluster: Cluster, flags: GuidedFlags, { ask }: World): Promise<Partial<Places>> {
  const [stored, namespaces = [], operator] = await Promise.all([
    readObject(cluster, nativeResources.configMaps, COLLECTIONS.name, COLLECTIONS.namespace),
    readNamespaces(cluster),
    readOperatorNamespace(cluster),
  ]);
  const seen = seeCollections({ stored: stored.failed ? undefined : stored.value, namespaces, operator });
  const names = seen.members.map(({ namespace }) => namespace).toSorted(byCodePoint);
  const check = complaint((text) => listed(text).forEach((name) => checkNamespace(name, flags.allowSystem)));
  const type = async (question: string) => ({ namespace: listed(await ask.input(question, "--namespace", check)) });
  if (names.length === 0) return await type("In which namespace?");
  const paths = new Map([...seen.known].map(([path, text]) => [`collection ${path}`, { path, text }]));
  const choices = [
    ...names.map((name) => offer(name)),
    ...[...paths].map(([name, { text }]) => offer(name, text)),
    ...(names.length > 1 ? [offer(SEVERAL)] : []),
    offer(ALL, "Those of the future included"),
  ];
  const chosen = await ask.select("In which namespace?", choices, "--namespace");
  if (chosen === ALL) return { allNamespaces: true };
  if (chosen === SEVERAL) return await type("In which? (names, with commas between them)");
  const { path } = paths.get(chosen) ?? {};
  if (path === undefined) return { namespace: [chosen] };
  // The last question shows who may change the labels; with --yes nobody is asked it.
  const acceptLabelRisk = flags.acceptLabelRisk || (!flags.yes && !(await readCollectionGuard(cluster)).guards);
  return { collection: [path], acceptLabelRisk };
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
