// What a storm is judged by: what each command decided, as it said, and the state that all of them left.
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { CompanyState } from "./company-state.ts";
import { whyNotSerial, type Operation } from "./serial-order.ts";
import { grantKey, namespaces, nomad, roaming, type Command } from "./storm-operations.ts";

export interface Ran extends Command {
  administrator: string;
  started: number;
  ended: number;
  code: number | null;
  said: string;
}

/** What no order of the commands gives, with every command about it; nothing when all is well. */
export function orderFaults(ran: readonly Ran[], before: CompanyState, after: CompanyState): string[] {
  const why = whyNotSerial(ran.filter(hasDone).map(operation), stateKeys(before), stateKeys(after));
  return why === undefined ? [] : [...why.split("\n"), ...namedIn(why, ran)];
}

/** Those that ended by a bug of ours. */
export const crashes = (ran: readonly Ran[]): string[] =>
  ran.filter(({ code }) => code === 70 || code === null).map(({ words, said }) => `${words.join(" ")}: ${said}`);

/** Of so many commands one at least has to end with 0 (three of four do): a storm in which nothing works shows nothing. */
const MOST_FOR_ONE = 6;

export function idleness(ran: readonly Ran[]): string[] {
  const done = ran.filter(({ code }) => code === 0).length;
  return done * MOST_FOR_ONE < ran.length ? [`${done} of ${ran.length} commands ended with 0`] : [];
}

/** Exit codes 2 and 3: it was refused before anything was written, or found nothing to do, unless it says what it did. */
const hasDone = ({ code, said }: Ran): boolean => code === 0 || code === 1 || code === 4 || isPart(said);
const isPart = (said: string): boolean => /^(?:Done|Sent, and not confirmed)\b/m.test(said);

/** Every command about what an explanation names, with what it said: also those that are not part of the order. */
function namedIn(why: string, ran: readonly Ran[]): string[] {
  const keys = new Set(why.split("\n").map((line) => line.replace(/ is ".*/, "")));
  const about = ran.filter(({ writes }) => [...writes.keys()].some((key) => keys.has(key)));
  return about
    .toSorted((one, other) => one.started - other.started)
    .map((one) => `${operation(one).name}: ${one.said.replaceAll("\n", " / ")}`);
}

/** The team that moves has several names: nothing was found under one of them, and under another there may be a grant. */
const isElsewhere = ({ words, said }: Pick<Ran, "words" | "said">): boolean =>
  words.some((word) => word.endsWith(`/${nomad}`)) && /^no grant of /m.test(said);

const operation = ({ administrator, words, writes, started, ended, code, said }: Ran): Operation => ({
  name: `${administrator}: ${words.join(" ")} (${Math.round(started)} to ${Math.round(ended)}, exit code ${code})`,
  started,
  ended,
  writes: isElsewhere({ words, said }) ? new Map() : writes,
  isUncertain: code !== 0 && code !== 1,
});

interface Organization {
  teams?: { name: string; members?: string[] }[];
}

/** The state in the words of the commands' keys. */
function stateKeys(state: CompanyState): ReadonlyMap<string, string> {
  const spec = (object: KubernetesObject) => (object["spec"] ?? {}) as Organization;
  const places = (names: readonly string[]) =>
    state.namespaces.filter(({ metadata }) => names.includes(metadata.name ?? ""));
  const path = ({ metadata }: KubernetesObject) =>
    (metadata.labels?.["kubectl-mirrord.io/collection"] ?? "").replaceAll(".", "/");
  const having = state.organizations.filter((object) => spec(object).teams?.some(({ name }) => name === nomad));
  return new Map([
    ...state.grants.flatMap(grantKeys).map((key) => [key, "yes"] as const),
    ...state.organizations.flatMap((object) =>
      (spec(object).teams ?? []).flatMap(({ name, members = [] }) =>
        members.map((member) => [`member ${teamName(object, name)} ${member}`, "yes"] as const),
      ),
    ),
    [`team ${nomad}`, having.map(({ metadata }) => metadata.name ?? "").join(" and ")],
    ...places(namespaces).map((each) => [`collection ${each.metadata.name}`, path(each)] as const),
    ["collection roam", [...new Set(places(roaming).map(path))].join(" and ")],
  ]);
}

const teamName = ({ metadata }: KubernetesObject, team: string): string =>
  team === nomad ? `team:${nomad}` : `team:${metadata.name}/${team}`;

function grantKeys({ metadata }: KubernetesObject): string[] {
  const annotations = metadata.annotations ?? {};
  if (annotations["kubectl-mirrord.io/revoked-at"] !== undefined) return [];
  const {
    subject,
    role = "user",
    namespaces: named = [],
    selectors = [],
  } = JSON.parse(annotations["kubectl-mirrord.io/intent"] ?? "") as {
    subject: { kind: string; name: string };
    role?: string;
    namespaces?: string[];
    selectors?: string[];
  };
  const prefixes: Readonly<Record<string, string>> = { Team: "team:", Organization: "org:" };
  const name = `${prefixes[subject.kind] ?? ""}${subject.name}`.replace(/^team:\w+\/nomad$/, `team:${nomad}`);
  const paths = selectors.map((label) => label.replace("collection.kubectl-mirrord.io/", "").replaceAll(".", "/"));
  return [...named, ...paths].map((place) => grantKey(name, role, place));
}
