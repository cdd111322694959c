import { selectorText } from "../../kubernetes/label-selector.ts";
import { age } from "../../text/duration.ts";
import { blockableFeatures, readPolicy, type PolicySpec } from "../../mirrord/policy/spec.ts";
import type { MirrordPolicy } from "../../mirrord/policy.ts";
import type { Columns } from "../../view/columns.ts";

/** What a policy limits, in the words of its fields. */
export function limitTexts(spec: PolicySpec): string[] {
  const { block, headerFilter, outgoing, silentLimits, requireProfile, profileAllowlist } = spec;
  const rules = (["allow", "block"] as const).flatMap((list) =>
    outgoing[list].length === 0 ? [] : [`outgoing ${list}: ${outgoing[list].length} rules`],
  );
  return [
    ...[...block].toSorted(byFeature).map((feature) => `blocks ${feature}`),
    ...(headerFilter === undefined ? [] : [`header filter must match ${headerFilter.text}`]),
    ...rules,
    ...(requireProfile ? ["requires a profile"] : []),
    ...(profileAllowlist === undefined ? [] : [`profiles: ${profileAllowlist.join(", ") || "none"}`]),
    ...silentLimits.map(({ field, patterns }) => `${field.replace("spec.", "")}: ${patterns.join(" ")}`),
  ];
}

const features: readonly string[] = blockableFeatures;

/** In the order of the definition; new ones last. */
function byFeature(one: string, other: string): number {
  const at = (feature: string) => (features.includes(feature) ? features.indexOf(feature) : features.length);
  return at(one) - at(other);
}

export function policyColumns(now: Date): Columns<MirrordPolicy> {
  const spec = (policy: MirrordPolicy) => readPolicy(policy);
  return {
    NAMESPACE: (policy) => spec(policy).ref.namespace ?? "*",
    NAME: (policy) => spec(policy).ref.name,
    "TARGET PATH": { short: (policy) => spec(policy).targetPath?.text ?? "*" },
    SELECTOR: {
      short: (policy) => {
        const { selector } = spec(policy);
        return selector === undefined ? undefined : selectorText(selector);
      },
    },
    BLOCKS: { items: (policy) => [...spec(policy).block].toSorted(byFeature).join(",") },
    COPIES: (policy) => (spec(policy).appliesToCopyTargets ? "yes" : "no"),
    "ALSO LIMITS": {
      short: (policy) =>
        limitTexts(spec(policy))
          .filter((text) => !text.startsWith("blocks "))
          .join("; "),
    },
    AGE: ({ metadata }) => age(metadata.creationTimestamp, now),
    KIND: { wide: ({ kind }) => kind },
    PROBLEMS: {
      wide: (policy) =>
        spec(policy)
          .problems.map(({ field, problem }) => `${field} ${problem}`)
          .join("; "),
    },
  };
}

/** Cluster policies first, then by namespace and name. */
export function sortPolicies(policies: readonly MirrordPolicy[]): MirrordPolicy[] {
  const key = (policy: MirrordPolicy) => {
    const { namespace = "", name } = readPolicy(policy).ref;
    return `${namespace}\0${name}`;
  };
  return policies.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
}
