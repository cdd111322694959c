import { command } from "../../cli/grammar/command.ts";
import { outputFlag } from "../../cli/grammar/shared-flags.ts";
import { shellCommand } from "../../text/shell-quote.ts";
import { UserError, usageError } from "../../errors.ts";
import type { MirrordPolicy } from "../../mirrord/policy.ts";
import { readPolicy } from "../../mirrord/policy/spec.ts";
import { mirrordResources } from "../../mirrord/resources.ts";
import { checkPolicies } from "./check.ts";
import { clusterPolicyFlag, placeFlags, writeFlags, writeNeeds } from "./flags.ts";
import { readSchemas } from "../../reading/policy-schemas.ts";
import { requireKinds } from "./require-kinds.ts";
import { noteFindings } from "./lint-one.ts";
import { referenceText } from "../../kubernetes/object.ts";
import { specFlags, specFromFlags } from "./spec-flags.ts";
import { planPolicies, writePolicies } from "./write.ts";

export const create = command({
  name: "policy create",
  summary: "Write a new policy from flags.",
  description: [
    "Every field of a policy has a flag. What is written is checked first: expressions, address ranges, selectors, and whether",
    "the installed definitions know each field and value; the server would drop an unknown field without a word.",
    "A policy that is there already is left alone: change it with policy edit or policy apply. What policy lint finds is said.",
  ].join(" "),
  usage: "NAME [flags]",
  examples: {
    "kubectl mirrord policy create no-steal -n dev --block steal --copy-targets":
      "Nobody steals in dev, from copies neither",
    "kubectl mirrord policy create filter --cluster-policy --header-filter 'X-.*'":
      "In every namespace, stealing needs a filter on such a header",
    "kubectl mirrord policy create ssh -n dev --outgoing-block port=22 --dry-run": "See what would be written",
  },
  positionals: { name: { type: "string", placeholder: "NAME", describe: "The name of the policy", required: true } },
  flags: {
    clusterPolicy: clusterPolicyFlag,
    ...specFlags,
    ...writeFlags,
    output: outputFlag(["table", "json", "yaml", "name"]),
    ...placeFlags,
  },
  needs: writeNeeds,
  exitCodes: {
    0: "created",
    1: "with --diff: it would be created",
    4: "it is there already, or the API server refused it",
  },
  waits: "Reading the policies",
  async run({ name, clusterPolicy, dryRun, diff, output, ...options }, world) {
    const spec = specFromFlags(options);
    const cluster = await world.connect(options);
    const type = clusterPolicy ? mirrordResources.clusterPolicies : mirrordResources.policies;
    const namespace = clusterPolicy ? {} : { namespace: options.namespace ?? cluster.namespace };
    const policy: MirrordPolicy = {
      apiVersion: `${type.group}/${type.version}`,
      kind: type.kind,
      metadata: { name, ...namespace },
      spec,
    };
    if (limitsNothing(policy)) {
      throw usageError("the policy would limit nothing", "Say what it blocks, for example --block steal.");
    }
    const schemas = await readSchemas(cluster);
    requireKinds(schemas, new Set([type.kind]), { cluster, isSent: dryRun !== "client" || diff }, world);
    checkPolicies([{ policy, file: "", line: 0 }], schemas, world);
    const makePlan = async () => {
      const plan = await planPolicies([policy], cluster);
      if (plan[0]?.current === undefined) return plan;
      throw new UserError(
        "refused",
        `${referenceText(readPolicy(policy).ref)} is there already`,
        `To change it: ${shellCommand(["kubectl", "mirrord", "policy", "edit", name, ...(clusterPolicy ? ["--cluster-policy"] : ["-n", namespace.namespace ?? ""])])}`,
      );
    };
    const code = await writePolicies(makePlan, cluster, { dryRun, diff, output }, world);
    await noteFindings(cluster, policy, world);
    return code;
  },
});

function limitsNothing(policy: MirrordPolicy): boolean {
  const { block, headerFilter, outgoing, silentLimits, requireProfile, profileAllowlist } = readPolicy(policy);
  const rules = outgoing.allow.length + outgoing.block.length + silentLimits.length;
  return (
    block.size === 0 && headerFilter === undefined && rules === 0 && !requireProfile && profileAllowlist === undefined
  );
}
