import type { V1OwnerReference } from "@kubernetes/client-node";
import { diffLines } from "diff";
import { annotations } from "../access/names.ts";
import type { World } from "../cli/world.ts";
import type { Change, Plan } from "../kube/cluster.ts";
import { describeObject, objectName, type KubernetesObject } from "../kubernetes/object.ts";
import { objectKey } from "../kubernetes/object-key.ts";
import { ownerReference } from "../kubernetes/plan.ts";
import { NARROW } from "../view/text.ts";
import { toYaml } from "../yaml.ts";
import { withoutSecrets } from "./mask-secrets.ts";
import { writes } from "./write-plan.ts";

const words: Record<Change["action"], string> = {
  create: "created",
  update: "configured",
  unchanged: "unchanged",
  delete: "deleted",
};

/** `clusterrolebinding.rbac.authorization.k8s.io/NAME created`, as kubectl says it; one line a change. */
export function planLines(plan: Plan, dryRun: "none" | "client" | "server"): string[] {
  const suffix = { none: "", client: " (dry run)", server: " (server dry run)" }[dryRun];
  return plan.map((change) => `${describeObject(change)} ${words[change.action]}${suffix}`);
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
    const lines = [`  ${word.padEnd(10)}   `];
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
  // What is changed before it is deleted is deleted.
  const deleted = new Set(plan.filter(({ action }) => action === "delete").map(describeObject));
  return [
    "",
    ...planCounts(plan.filter((change) => change.action !== "update" || !deleted.has(describeObject(change)))),
  ];
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

/** Prints what would change; resolves to the exit code: 1 when something would. */
export function printDiff(plan: Plan, world: Pick<World, "print">): number {
  const lines = planDiff(plan);
  world.print(lines);
  return lines.length === 0 ? 0 : 1;
}

/** Name lines for `-o name`. */
function planNames(plan: Plan): string[] {
  return plan.map(objectName);
}

/** A change as it stands in JSON and YAML results. */
export function describeChange({ action, type, object }: Change): Record<string, string> {
  const { generateName = "", namespace } = object.metadata;
  const name = object.metadata.name ?? `${generateName}…`;
  return { action, kind: type.kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

/**
 * The objects as a manifest that `kubectl apply -f -` takes: no owner references, no server fields, and no expiry anchors,
 * whose names only a server can make up.
 */
export function manifest(plan: Plan): { apiVersion: "v1"; kind: "List"; items: KubernetesObject[] } {
  const kept = plan.filter(({ action, type }) => action !== "delete" && type.kind !== "Job");
  return { apiVersion: "v1", kind: "List", items: kept.map(({ object }) => withoutUids(object)) };
}

/** A manifest is for any cluster, and uids are those of one. */
function withoutUids(object: KubernetesObject): KubernetesObject {
  const { [annotations.namespaceUids]: uids, ...rest } = object.metadata.annotations ?? {};
  return uids === undefined ? object : { ...object, metadata: { ...object.metadata, annotations: rest } };
}

/**
 * What would change in each object, as lines of YAML with `+` and `-` in front: what is stored beside what would be, as far
 * as it is known. Of the metadata only what a plan sets, the owner included; unchanged objects give nothing.
 */
function planDiff(plan: Plan): string[] {
  const uids = new Map(
    plan.map(({ type, object, current }) => [objectKey(type, object.metadata), current?.metadata.uid]),
  );
  return writes(plan).flatMap((change, at) => {
    const { action, owner } = change;
    const [current, merged] = withoutSecrets(change.current, change.merged ?? change.object);
    const before = current === undefined ? "" : yaml(shownFields(current));
    const uid = owner === undefined ? undefined : uids.get(objectKey(owner.type, owner));
    const owners =
      owner === undefined
        ? merged.metadata.ownerReferences
        : [{ ...ownerReference(owner), ...(uid === undefined ? {} : { uid }) }];
    const after = action === "delete" ? "" : yaml(shownFields(merged, owners));
    return [...(at === 0 ? [] : [""]), describeObject(change), ...difference(before, after)];
  });
}

/** Where kubectl keeps what it applied last: nobody here changes it, and it repeats the object. */
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

function shownFields(
  { metadata, status: _status, ...fields }: KubernetesObject,
  ownerReferences: readonly Partial<V1OwnerReference>[] | undefined = metadata.ownerReferences,
): Record<string, unknown> {
  const { labels, annotations: { [LAST_APPLIED]: _last, ...notes } = {}, name, namespace } = metadata;
  return {
    ...fields,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      ...(Object.keys(notes).length === 0 ? {} : { annotations: notes }),
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
    },
  };
}

const yaml = (value: unknown) => toYaml(value, { sortKeys: true });

function difference(before: string, after: string): string[] {
  return diffLines(before, after).flatMap(({ added, removed, value }) => {
    const mark = added ? "+" : removed ? "-" : " ";
    return value
      .trimEnd()
      .split("\n")
      .map((line) => `${mark} ${line}`);
  });
}
