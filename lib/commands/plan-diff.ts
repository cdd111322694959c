import type { V1OwnerReference } from "@kubernetes/client-node";
import { diffLines } from "diff";
import type { TwoTexts, World } from "../cli/world.ts";
import type { Change, Plan } from "../kube/cluster.ts";
import { LAST_APPLIED } from "../kubernetes/field-manager.ts";
import { describeObject, type KubernetesObject } from "../kubernetes/object.ts";
import { objectKey } from "../kubernetes/object-key.ts";
import { ownerReference } from "../kubernetes/plan.ts";
import { toYaml } from "../yaml.ts";
import { withoutSecrets } from "./mask-secrets.ts";
import { writes } from "./write-plan.ts";

/**
 * Prints what would change, as lines of YAML with `+` and `-` in front; where KUBECTL_EXTERNAL_DIFF names a program, that one
 * shows it. Resolves to the exit code: 1 when something would change.
 */
export async function printDiff(plan: Plan, world: Pick<World, "print" | "env" | "compare">): Promise<number> {
  const texts = changedTexts(plan);
  const program = world.env["KUBECTL_EXTERNAL_DIFF"] ?? "";
  if (texts.length === 0) return 0;
  if (program !== "") await world.compare(program, texts);
  else
    world.print(
      texts.flatMap(({ change, before, after }, at) => [
        ...(at === 0 ? [] : [""]),
        describeObject(change),
        ...difference(before, after),
      ]),
    );
  return 1;
}

/** As kubectl diff names it: `rbac.authorization.k8s.io.v1.RoleBinding.dev.NAME`. */
function fileName({ type, object: { metadata } }: Change): string {
  const { name, generateName = "", namespace } = metadata;
  const words = [type.group, type.version, type.kind, namespace ?? "", name ?? generateName];
  return words.filter((word, at) => at > 2 || word !== "").join(".");
}

/** What is stored, and what would be as far as it is known, of each object that a plan changes. */
interface ChangedTexts extends TwoTexts {
  change: Change;
}

/** Of the metadata only what a plan sets, the owner included; unchanged objects give nothing. */
function changedTexts(plan: Plan): ChangedTexts[] {
  const uids = new Map(
    plan.map(({ type, object, current }) => [objectKey(type, object.metadata), current?.metadata.uid]),
  );
  return writes(plan).map((change) => {
    const { action, owner } = change;
    const [current, merged] = withoutSecrets(change.current, change.merged ?? change.object);
    const before = current === undefined ? "" : yaml(shownFields(current));
    const uid = owner === undefined ? undefined : uids.get(objectKey(owner.type, owner));
    const owners =
      owner === undefined
        ? merged.metadata.ownerReferences
        : [{ ...ownerReference(owner), ...(uid === undefined ? {} : { uid }) }];
    const after = action === "delete" ? "" : yaml(shownFields(merged, owners));
    return { change, name: fileName(change), before, after };
  });
}

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
