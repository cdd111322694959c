import { command } from "../../cli/grammar/command.ts";
import { outputFlag } from "../../cli/grammar/shared-flags.ts";
import { selectorText } from "../../kubernetes/label-selector.ts";
import { age } from "../../text/duration.ts";
import type { Finding } from "../../findings/finding.ts";
import { readPolicy } from "../../mirrord/policy/spec.ts";
import type { MirrordPolicy } from "../../mirrord/policy.ts";
import { formatTarget } from "../../mirrord/target.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import { describeLines, wrapDescription } from "../../view/describe-lines.ts";
import { policyFindingValue } from "./finding-value.ts";
import { findPolicies } from "./find.ts";
import { lintOne } from "./lint-one.ts";
import { clusterPolicyFlag, lookupExitCodes, placeFlags } from "./flags.ts";
import { parseReference } from "./reference.ts";
import { limitTexts } from "./row.ts";
import { boundTargets } from "./bound-targets.ts";
import { withoutManagers } from "./write.ts";

export const describe = command({
  name: "policy describe",
  summary: "Show one policy: what it limits, what it is on, and what is wrong with it.",
  usage: "NAME [flags]",
  examples: { "kubectl mirrord policy describe no-steal -n dev": "One policy" },
  positionals: {
    name: { type: "string", placeholder: "NAME", describe: "NAME or KIND/NAME", required: true, completes: "policy" },
  },
  flags: { clusterPolicy: clusterPolicyFlag, output: outputFlag(["table", "json", "yaml"]), ...placeFlags },
  exitCodes: lookupExitCodes,
  waits: "Reading the policy and its targets",
  async run({ name, clusterPolicy, output, ...options }, world) {
    const cluster = await world.connect(options);
    const place = { isCluster: clusterPolicy, namespace: options.namespace ?? cluster.namespace };
    const [policy] = await findPolicies([parseReference(name, place)], cluster);
    if (policy === undefined) throw new Error("a policy that was found is gone");
    const { findings, listed, unread } = await lintOne(cluster, policy);
    const { targets, incomplete } = listed;
    const bound = boundTargets(policy, targets).map(({ namespace, target }) => `${namespace}/${formatTarget(target)}`);
    if (output === "table") {
      world.print(
        wrapDescription(describePolicy(policy, { findings, unread }, { bound, incomplete }, world.now()), world),
      );
      return 0;
    }
    const value = {
      policy: withoutManagers(policy),
      targets: bound,
      findings: findings.map(policyFindingValue),
      ...(incomplete.length + unread.length === 0 ? {} : { incomplete: [...incomplete, ...unread] }),
    };
    await printDocument({ apiVersion: API_VERSION, kind: "PolicyDescription", ...value }, output, world);
    return 0;
  },
});

function describePolicy(
  policy: MirrordPolicy,
  { findings, unread }: { findings: readonly Finding[]; unread: readonly string[] },
  { bound, incomplete }: { bound: readonly string[]; incomplete: readonly string[] },
  now: Date,
): string[] {
  const spec = readPolicy(policy);
  const notListed = (resources: readonly string[]) =>
    resources.length === 0 ? [] : [`(you may not list ${resources.join(", ")})`];
  return describeLines([
    ["Kind", spec.ref.kind],
    ["Name", spec.ref.name],
    ["Namespace", spec.ref.namespace ?? "every namespace"],
    ["Age", age(policy.metadata.creationTimestamp, now)],
    ["Target path", spec.targetPath?.text ?? "every path"],
    ["Selector", spec.selector === undefined ? "every label" : selectorText(spec.selector) || "every label"],
    ["Copies of targets", spec.appliesToCopyTargets ? "bound" : "not bound, but for copy-target-scale-down"],
    ["Limits", limitTexts(spec)],
    ["Targets now", [...bound, ...notListed(incomplete)]],
    ["Findings", [...findings.map(findingText), ...notListed(unread)]],
  ]);
}

const findingText = ({ severity, rule, message, fix }: Finding) => `${severity} ${rule}: ${message}. ${fix}`;
