import type { World } from "../../cli/world.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { Labels, MirrordPolicy } from "../../mirrord/policy.ts";
import { readPolicy } from "../../mirrord/policy/spec.ts";
import { plainPlan, type SessionPlan } from "../../mirrord/plan/session-plan.ts";
import { formatTarget, type Target } from "../../mirrord/target.ts";
import { readOperator } from "../../reading/operator.ts";
import { availableReplicas } from "../../mirrord/workload.ts";
import { printOutput, type OutputFormat } from "../../view/output.ts";
import type { Columns } from "../../view/columns.ts";
import type { Outcome } from "./outcome.ts";
import type { PolicySet } from "./policy-set.ts";
import { probeText, type Probe } from "./probe.ts";
import { referenceText } from "../../kubernetes/object.ts";
import { requireNamespace } from "../../reading/namespaces.ts";
import { readPolicyTargets, type ListedTarget, type ListedTargets } from "./targets.ts";
import { testTarget } from "./test-target.ts";

export interface MatrixOptions {
  /** Left out: everywhere. */
  namespace: string | undefined;
  /** As it was typed. */
  typedNamespace?: string | undefined;
  probes: readonly Probe[];
  profile: SessionPlan["profile"];
  /** In place of what the cluster says. */
  operatorVersion: string | undefined;
  output: OutputFormat;
  noHeaders: boolean;
}

export interface TargetOutcomes {
  namespace: string;
  target: Target;
  /** One for each probe, in order. */
  outcomes: Outcome[];
}

/** Every target with everything that is tried. Resolves to the exit code. */
export async function testAll(cluster: Cluster, set: PolicySet, options: MatrixOptions, world: World): Promise<number> {
  const { namespace, probes } = options;
  const progress = world.progress("Reading the targets");
  const [listed, operator] = await Promise.all([readPolicyTargets(cluster, namespace), readOperator(cluster)]).finally(
    () => progress.end(),
  );
  if (listed.targets.length === 0) await requireNamespace(cluster, options.typedNamespace);
  const version = options.operatorVersion ?? (operator.state === "installed" ? operator.info.version : undefined);
  const rows = outcomesByTarget(set, listed, { ...options, operatorVersion: version });
  await printOutput(
    {
      kind: "PolicyMatrix",
      value: {
        ...(version === undefined ? {} : { operatorVersion: version }),
        actions: probes.map(probeText),
        items: rows.map((row) => rowValue(row, probes)),
        ...(listed.incomplete.length + set.unreadable.length === 0
          ? {}
          : { incomplete: [...listed.incomplete, ...set.unreadable] }),
      },
      rows,
      columns: matrixColumns(probes),
      empty: "No targets found.",
    },
    { format: options.output, noHeaders: options.noHeaders },
    world,
  );
  if (listed.podsAssumed) world.note("Assuming that pods are as the templates say where none can be seen.");
  const missing = [...listed.incomplete, ...set.unreadable];
  if (missing.length > 0) world.warn(`you may not list ${missing.join(", ")}: there may be more`);
  return missing.length > 0 ? 3 : 0;
}

/** @param options with the operator's version as far as it is known */
export function outcomesByTarget(
  { policies, unreadable }: Pick<PolicySet, "policies" | "unreadable">,
  { targets }: Pick<ListedTargets, "targets">,
  options: Pick<MatrixOptions, "namespace" | "probes" | "profile" | "operatorVersion">,
): TargetOutcomes[] {
  const inNamespace = policiesByNamespace(policies);
  const rows = targets.map(({ target, namespace, labels, behind, object }): TargetOutcomes => {
    const alwaysCopied = target.kind === "deployment" && availableReplicas(object) === "none";
    return targetOutcomes({ target, namespace, related: behind }, labels, alwaysCopied);
  });
  const places = [
    ...new Set([
      ...(options.namespace === undefined ? [] : [options.namespace]),
      ...targets.map(({ namespace }) => namespace),
    ]),
  ];
  const targetless = places.map((namespace) =>
    targetOutcomes({ target: { kind: "targetless" }, namespace, related: [] }, {}, false),
  );
  return [...rows, ...targetless];

  function targetOutcomes(
    { target, namespace, related }: { target: Target; namespace: string; related: ListedTarget["behind"] },
    labels: Labels,
    alwaysCopied: boolean,
  ): TargetOutcomes {
    const plan = { ...plainPlan("mirror", target, namespace), ...(related === undefined ? {} : { related }) };
    const tested = { plan, labels, alwaysCopied };
    const { outcomes } = testTarget({ policies: inNamespace(namespace), unreadable }, tested, options.probes, options);
    return { namespace, target, outcomes: outcomes.map(({ outcome }) => outcome) };
  }
}

// Of the policies of hundreds of namespaces, few can apply in one.
function policiesByNamespace(policies: readonly MirrordPolicy[]): (namespace: string) => MirrordPolicy[] {
  const known = new Map<string, MirrordPolicy[]>();
  return (namespace) => {
    const before = known.get(namespace);
    if (before !== undefined) return before;
    const made = policies.filter((policy) => {
      const { ref } = readPolicy(policy);
      return ref.kind === "MirrordClusterPolicy" || ref.namespace === namespace;
    });
    known.set(namespace, made);
    return made;
  };
}

function matrixColumns(probes: readonly Probe[]): Columns<TargetOutcomes> {
  const columns: Record<string, Columns<TargetOutcomes>[string]> = {
    NAMESPACE: ({ namespace }) => namespace,
    TARGET: ({ target }) => formatTarget(target),
  };
  for (const [index, probe] of probes.entries()) {
    const heading =
      probe.kind === "outgoing" || probe.kind === "file" || probe.kind === "env"
        ? probeText(probe)
        : probe.kind.toUpperCase();
    columns[heading] = { word: ({ outcomes }) => outcomes[index]?.result };
  }
  columns["BY"] = {
    wide: ({ outcomes }) => [...new Set(outcomes.flatMap(({ by }) => by.map(referenceText)))].join(", "),
  };
  return columns;
}

function rowValue({ namespace, target, outcomes }: TargetOutcomes, probes: readonly Probe[]): object {
  return {
    namespace,
    target: formatTarget(target),
    outcomes: outcomes.map(({ result, reason, by }, index) => ({
      action: probeText(probes[index] ?? { kind: "mirror" }),
      result: result,
      ...(reason === "" ? {} : { reason }),
      ...(by.length === 0 ? {} : { by }),
    })),
  };
}
