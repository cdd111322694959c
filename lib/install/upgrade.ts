import { boundSubject, formatSubject } from "../access/subject.ts";
import { listIn, objectIn } from "../json.ts";
import type { Change, Plan } from "../kube/cluster.ts";
import { referenceText, type KubernetesObject } from "../kubernetes/object.ts";
import { isOlder, parseVersion } from "../mirrord/plan/client-age.ts";
import { compactRules } from "../rbac/compact.ts";
import { uncovered } from "../rbac/covers.ts";
import { roleRules } from "../rbac/decode.ts";
import { ruleWords } from "../rbac/rule-words.ts";
import type { PolicyRule } from "../rbac/types.ts";
import { installedSettings } from "./installed-settings.ts";
import { NAME } from "./installed.ts";

/** From which version to which, by the images of the Deployments. `older`: back. */
export interface VersionChange {
  from: string;
  to: string;
  older: boolean;
}

export function versionChange(deployed: KubernetesObject | undefined, plan: Plan): VersionChange | undefined {
  const change = plan.find(({ type, object }) => type.kind === "Deployment" && object.metadata.name === NAME);
  if (deployed === undefined || change === undefined) return undefined;
  const [from = "", to = ""] = [deployed, change.object].map((one) => installedSettings(one).version);
  const [before, after] = [parseVersion(from), parseVersion(to)];
  return { from, to, older: before !== undefined && after !== undefined && isOlder(after, before) };
}

/** What a role that changes gives and takes, and whom. */
export interface RoleChange {
  /** `ClusterRole mirrord-operator-user`. */
  role: string;
  gains: PolicyRule[];
  loses: PolicyRule[];
  /** As a command line spells them; undefined: the bindings may not be read. */
  holders: string[] | undefined;
}

/** Pure. @param rbac all roles and bindings; undefined: they may not be read */
export function roleChanges(plan: Plan, rbac: readonly KubernetesObject[] | undefined): RoleChange[] {
  return plan.flatMap((change): RoleChange[] => {
    const { type, object, current } = change;
    if (!["ClusterRole", "Role"].includes(type.kind) || current === undefined) return [];
    const before = roleRules(current);
    const after = rulesAfter(change);
    const gains = compactRules(uncovered(before, after));
    const loses = compactRules(uncovered(after, before));
    if (gains.length === 0 && loses.length === 0) return [];
    const { name = "", namespace } = object.metadata;
    const role = referenceText({ kind: type.kind, name, ...(namespace === undefined ? {} : { namespace }) });
    return [{ role, gains, loses, holders: rbac && holders(rbac, type.kind, object) }];
  });
}

const rulesAfter = ({ action, object, merged }: Change): PolicyRule[] =>
  action === "delete" ? [] : roleRules(merged ?? object);

function holders(rbac: readonly KubernetesObject[], kind: string, { metadata }: KubernetesObject): string[] {
  const found = rbac.flatMap((binding) => {
    const { kind: refKind, name } = objectIn(binding["roleRef"]);
    const { namespace } = binding.metadata;
    const isIt =
      refKind === kind && name === metadata.name && (kind === "ClusterRole" || namespace === metadata.namespace);
    if (!isIt) return [];
    return listIn(binding["subjects"]).flatMap((one) => boundSubject(objectIn(one), namespace) ?? []);
  });
  return [...new Set(found.map(formatSubject))].toSorted();
}

const NAMED = 4;

/** `ClusterRole x, held by group:devs and jim: gains get sessions; loses delete pods`. */
export function roleChangeText({ role, gains, loses, holders: all }: RoleChange): string {
  const who = all === undefined ? "by whom you may not see" : all.length === 0 ? "by nobody" : `by ${named(all)}`;
  const parts = [
    ...(gains.length === 0 ? [] : [`gains: ${gains.map(ruleWords).join("; ")}`]),
    ...(loses.length === 0 ? [] : [`loses: ${loses.map(ruleWords).join("; ")}`]),
  ];
  return `${role}, held ${who}, ${parts.join(", and ")}`;
}

const named = (texts: readonly string[]): string =>
  texts.length <= NAMED ? texts.join(", ") : `${texts.slice(0, NAMED).join(", ")} and ${texts.length - NAMED} more`;
