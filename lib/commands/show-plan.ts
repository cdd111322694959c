import { annotations } from "../access/names.ts";
import type { World } from "../cli/world.ts";
import type { Change, Plan } from "../kube/cluster.ts";
import { describeObject, objectName, type KubernetesObject } from "../kubernetes/object.ts";
import { blockStart, NARROW } from "../view/text.ts";

const words: Record<Change["action"], string> = {
  create: "created",
  update: "configured",
  unchanged: "unchanged",
  delete: "deleted",
};

/** Each object once: what is changed before it is deleted is deleted. */
function netChanges(plan: Plan): Plan {
  const deleted = new Set(plan.filter(({ action }) => action === "delete").map(describeObject));
  return plan.filter((change) => change.action === "delete" || !deleted.has(describeObject(change)));
}

/** `clusterrolebinding.rbac.authorization.k8s.io/NAME created`, as kubectl says it; one line a change. */
export function planLines(plan: Plan, dryRun: "none" | "client" | "server"): string[] {
  const suffix = { none: "", client: " (dry run)", server: " (server dry run)" }[dryRun];
  return netChanges(plan).map((change) => `${describeObject(change)} ${words[change.action]}${suffix}`);
}

/** `created   2 ClusterRoleBindings, 1 Job`: what was done, a line for each kind of change; longer ones are broken. */
export function planCounts(plan: Plan): string[] {
  return countLines(plan, ({ action }) => words[action]);
}

/** What would be done, folded by kind; what is in the way, and what goes, by name. */
export function foldedPlan(plan: Plan): string[] {
  const verbs = { create: "create", update: "change", unchanged: "unchanged", delete: "remove" } as const;
  return [
    ...countLines(plan, ({ action, conflict }) => (conflict === undefined ? verbs[action] : "conflict")),
    ...plan.flatMap((change) => [
      ...(change.conflict ?? []).map((text) => `  ${describeObject(change)}: ${text}`),
      ...(change.action === "delete" ? [`  ${describeObject(change)} goes`] : []),
    ]),
  ];
}

/** `  deleted      1 Deployment, 2 Roles`: a line for each word, broken where it is long. */
export function countLines(plan: Plan, wordFor: (change: Change) => string): string[] {
  return [...Map.groupBy(plan, wordFor)].flatMap(([word, changes]) => {
    const kinds = [...Map.groupBy(changes, ({ type }) => type.kind)];
    const counts = kinds.map(([kind, { length }]) => `${length} ${length === 1 ? kind : plural(kind)}`);
    const lines = [blockStart(word)];
    const indent = " ".repeat(lines[0]?.length ?? 0);
    for (const [at, count] of counts.entries()) {
      const part = at === counts.length - 1 ? count : `${count},`;
      const last = lines.at(-1) ?? "";
      const longer = `${last}${last.endsWith(" ") ? "" : " "}${part}`;
      if (longer.length <= NARROW) lines[lines.length - 1] = longer;
      else lines.push(`${indent}${part}`);
    }
    return lines;
  });
}

function plural(kind: string): string {
  if (/(s|x|ch)$/.test(kind)) return `${kind}es`;
  return /[^aeiou]y$/.test(kind) ? `${kind.slice(0, -1)}ies` : `${kind}s`;
}

/** What was done, below the sentence that says what it means: counted, or each object in a line. */
export function planBlock(plan: Plan, isLong: boolean): string[] {
  if (plan.length === 0) return [];
  if (isLong) return ["", ...planLines(plan, "none").map((line) => `  ${line}`)];
  return ["", ...planCounts(netChanges(plan))];
}

/** What was done, one line a change, and what else is to be said about it; with `-o name` only the names. */
export function printPlan(
  plan: Plan,
  options: { dryRun: "none" | "client" | "server"; output: "table" | "name"; notes?: readonly string[] },
  world: Pick<World, "print">,
): void {
  const { dryRun, output, notes = [] } = options;
  world.print(output === "name" ? planNames(plan) : [...planLines(plan, dryRun), ...notes]);
}

/** Name lines for `-o name`. */
function planNames(plan: Plan): string[] {
  return netChanges(plan).map(objectName);
}

/** The changes as they stand in JSON and YAML results. */
export const describeChanges = (plan: Plan): Record<string, string>[] => netChanges(plan).map(describeChange);

function describeChange({ action, type, object }: Change): Record<string, string> {
  const { generateName = "", namespace } = object.metadata;
  const name = object.metadata.name ?? `${generateName}…`;
  return { action, kind: type.kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

/**
 * The objects as a manifest that `kubectl apply -f -` takes: no owner references, no server fields, and no expiry anchors,
 * whose names only a server can make up. Nothing in it is of the moment or of one cluster: made again, it is the same text.
 */
export function manifest(plan: Plan): { apiVersion: "v1"; kind: "List"; items: KubernetesObject[] } {
  const kept = plan.filter(({ action, type }) => action !== "delete" && type.kind !== "Job");
  return { apiVersion: "v1", kind: "List", items: kept.map(({ object }) => lasting(object)) };
}

function lasting(object: KubernetesObject): KubernetesObject {
  const {
    [annotations.namespaceUids]: _uids,
    [annotations.grantedAt]: _now,
    ...rest
  } = object.metadata.annotations ?? {};
  if (object.metadata.annotations === undefined) return object;
  return { ...object, metadata: { ...object.metadata, annotations: rest } };
}
