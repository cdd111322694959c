import { listIn, objectIn } from "../json.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { keyByKind } from "../kubernetes/object-key.ts";
import { matchPolicies, type MirrordPolicy } from "../mirrord/policy.ts";
import { mirrordResources } from "../mirrord/resources.ts";
import type { PolicyOutcome } from "./verdict.ts";

/** RFC 6902; the `test` makes a patch fail whose policy has changed since. */
type PatchStep = { op: "test" | "add" | "replace"; path: string; value: unknown } | { op: "remove"; path: string };

/** A change of one policy that takes a refusal away, for everybody whom the policy binds. */
export interface PolicyChange {
  kind: "MirrordPolicy" | "MirrordClusterPolicy";
  name: string;
  namespace?: string;
  /** `remove "steal" from spec.block`. */
  change: string;
  patch: PatchStep[];
  /** To paste; a policy in a folder of manifests has none. */
  command?: string;
}

export interface PolicyFix {
  changes: PolicyChange[];
  /** The policies, so changed, refuse nothing any more, and there are no others. */
  proven: boolean;
  /** Fields that refuse and that no small change takes away. */
  left: string[];
}

/** The smallest changes of the policies that take every refusal of this session away. */
export function policyFix({ policies, plan, targetLabels, verdict, unreadable }: PolicyOutcome): PolicyFix {
  const blocks = [...verdict.asGiven.blocks, ...(verdict.readingsDiffer ? verdict.inherited.blocks : [])];
  const changes = new Map<string, PolicyChange>();
  const left: string[] = [];
  let after: readonly MirrordPolicy[] = policies;
  for (const { policy: ref, field } of blocks) {
    const key = `${field} ${keyByKind(ref.kind, ref)}`;
    if (changes.has(key)) continue;
    const current = after.find((policy) => isSame(policy, ref));
    const step = current === undefined ? undefined : without(current, field, profileName(plan.profile));
    if (current === undefined || step === undefined) {
      left.push(`${field} of ${ref.kind} ${ref.name}`);
      continue;
    }
    changes.set(key, { ...ref, change: step.change, patch: step.patch });
    after = after.map((policy) => (policy === current ? step.after : policy));
  }
  const reweighed = matchPolicies(after, plan, targetLabels);
  const readings = verdict.readingsDiffer ? [reweighed.asGiven, reweighed.inherited] : [reweighed.asGiven];
  const proven = unreadable.length === 0 && readings.every(({ answer }) => answer === "yes");
  return { changes: [...changes.values()], proven, left };
}

/** The command for one change; a folder of manifests has none. */
export function patchCommand({ kind, name, namespace, patch }: PolicyChange): string[] {
  const { resource, group } = kind === "MirrordPolicy" ? mirrordResources.policies : mirrordResources.clusterPolicies;
  const place = namespace === undefined ? [] : ["-n", namespace];
  return ["kubectl", "patch", `${resource}.${group}`, name, ...place, "--type=json", "-p", JSON.stringify(patch)];
}

function isSame(
  { kind, metadata }: KubernetesObject,
  ref: { kind: string; name: string; namespace?: string },
): boolean {
  const namespace = kind === "MirrordPolicy" ? metadata.namespace : undefined;
  return kind === ref.kind && metadata.name === ref.name && namespace === ref.namespace;
}

function profileName(profile: { name: string; namespace?: string } | undefined): string {
  if (profile === undefined) return "";
  return profile.namespace === undefined ? profile.name : `${profile.namespace}/${profile.name}`;
}

interface Step {
  change: string;
  patch: PatchStep[];
  after: MirrordPolicy;
}

/** The policy without what the field refuses. Source of the field names: PolicyBlock.field in lib/mirrord. */
function without(policy: MirrordPolicy, field: string, profile: string): Step | undefined {
  const spec = objectIn(policy["spec"]);
  const changed = (more: Record<string, unknown>): MirrordPolicy => ({ ...policy, spec: { ...spec, ...more } });
  const [, feature] = /^spec\.block: (.+)$/.exec(field) ?? [];
  if (feature !== undefined) {
    const block = listIn(spec["block"]);
    // From the end, so that the earlier positions stay what they are.
    const at = block.flatMap((each, index) => (each === feature ? [index] : [])).toReversed();
    const patch = at.flatMap((index): PatchStep[] => [
      { op: "test", path: `/spec/block/${index}`, value: feature },
      { op: "remove", path: `/spec/block/${index}` },
    ]);
    const after = changed({ block: block.filter((each) => each !== feature) });
    return { change: `remove ${JSON.stringify(feature)} from spec.block`, patch, after };
  }
  switch (field) {
    case "spec.requireProfile":
      return {
        change: "set spec.requireProfile to false",
        patch: [{ op: "replace", path: "/spec/requireProfile", value: false }],
        after: changed({ requireProfile: false }),
      };
    case "spec.profileAllowlist":
      return {
        change: `add ${JSON.stringify(profile)} to spec.profileAllowlist`,
        patch: [{ op: "add", path: "/spec/profileAllowlist/-", value: profile }],
        after: changed({ profileAllowlist: [...listIn(spec["profileAllowlist"]), profile] }),
      };
    case "spec.network.incoming.httpFilter.headerFilter": {
      const network = objectIn(spec["network"]);
      const incoming = objectIn(network["incoming"]);
      const { headerFilter, ...httpFilter } = objectIn(incoming["httpFilter"]);
      const path = "/spec/network/incoming/httpFilter/headerFilter";
      return {
        change: "remove spec.network.incoming.httpFilter.headerFilter",
        patch: [
          { op: "test", path, value: headerFilter },
          { op: "remove", path },
        ],
        after: changed({ network: { ...network, incoming: { ...incoming, httpFilter } } }),
      };
    }
    default:
      return undefined;
  }
}
