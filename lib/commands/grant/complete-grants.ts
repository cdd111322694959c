import { builtInRoles, customRoles, roleText } from "../../access/custom-role.ts";
import { CUSTOM_ROLE_LABEL, GRANT_LABEL } from "../../access/names.ts";
import { storedGrants } from "../../access/stored.ts";
import { formatSubject } from "../../access/subject.ts";
import type { Intent } from "../../access/intent.ts";
import type { Candidate, Completer } from "../../cli/completion/complete.ts";
import type { ConnectOptions, World } from "../../cli/world.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import { allObjects } from "../../kubernetes/object-list.ts";

/** The subjects that have grants, then the ids of these. */
export const completeGrants: Completer = async (typed, world) => await grantCandidates(typed, world, () => true);

/** Like `completeGrants`, but only grants that end, for `extend`. */
export const completeTemporaryGrants: Completer = async (typed, world) =>
  await grantCandidates(typed, world, ({ temporary }) => temporary === true);

const CUSTOM = "clusterrole/";

/** As many as a menu can hold. */
const MAX_NAMES = 500;

/** The short names of the roles that administrators made. */
export const completeCustomRoles: Completer = async (typed, world) => {
  const cluster = await world.connect(typed);
  const { clusterRoles } = nativeResources;
  const roles = await allObjects(cluster.list(clusterRoles, { labelSelector: CUSTOM_ROLE_LABEL }));
  return [...customRoles(roles).keys()];
};

/** The roles by their words, and those that administrators made. After `clusterrole/` come the names of ClusterRoles; those of Kubernetes itself only once one is begun. */
export const completeRoles: Completer = async (typed, world, line, offer) => {
  const { current } = line;
  if (!current.startsWith("cl")) {
    offer([...builtInRoles, CUSTOM]);
    return await completeCustomRoles(typed, world, line, offer);
  }
  const cluster = await world.connect(typed);
  const begin = current.startsWith(CUSTOM) ? current.slice(CUSTOM.length) : "";
  const names: string[] = [];
  for await (const { metadata } of cluster.list(nativeResources.clusterRoles)) {
    const { name = "" } = metadata;
    const isWanted = name.startsWith(begin) && (begin !== "" || !name.startsWith("system:"));
    if (isWanted) names.push(`${CUSTOM}${name}`);
    if (names.length === MAX_NAMES) break;
  }
  return names.toSorted();
};

/** The ClusterRoleBindings are enough: each carries its grant's intent. */
async function grantCandidates(
  typed: ConnectOptions,
  world: World,
  isWanted: (intent: Intent) => boolean,
): Promise<Candidate[]> {
  const cluster = await world.connect(typed);
  const type = nativeResources.clusterRoleBindings;
  const bindings = await allObjects(cluster.list(type, { labelSelector: GRANT_LABEL }));
  const grants = storedGrants(bindings.map((object) => ({ type, object })));
  const counts = new Map<string, number>();
  const ids: Candidate[] = [];
  for (const { id, intent } of grants) {
    if (intent === undefined) {
      ids.push({ value: id, describe: "its intent cannot be read" });
      continue;
    }
    if (!isWanted(intent)) continue;
    const subject = formatSubject(intent.subject);
    const { set, role } = intent;
    const places = set.kind === "all" ? "all namespaces" : [...set.namespaces, ...(set.selectors ?? [])].join(", ");
    counts.set(subject, (counts.get(subject) ?? 0) + 1);
    ids.push({ value: id, describe: `${subject}: ${roleText(role)} in ${places}` });
  }
  const subjects = [...counts].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return [
    ...subjects.map(([value, count]) => ({ value, describe: count === 1 ? "1 grant" : `${count} grants` })),
    ...ids,
  ];
}
