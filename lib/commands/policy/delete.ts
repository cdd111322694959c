import { command } from "../../cli/grammar/command.ts";
import { dryRunFlag, outputFlag } from "../../cli/grammar/shared-flags.ts";
import type { ConnectOptions, World } from "../../cli/world.ts";
import { UserError } from "../../errors.ts";
import { apply, dryRun as judge } from "../../kube/apply/apply.ts";
import type { Cluster, Plan } from "../../kube/cluster.ts";
import { planLines, planNames } from "../show-plan.ts";
import { typeOf } from "./check.ts";
import { findPolicies, findStored } from "./find.ts";
import { clusterPolicyFlag, filesFlag, lookupExitCodes, placeFlags } from "./flags.ts";
import { inNamespace, requireFiles } from "./local.ts";
import { parseReference, type NamedPolicy } from "./reference.ts";

export const deletePolicy = command({
  name: "policy delete",
  summary: "Delete policies by name or as files name them.",
  description: "What a policy blocked is allowed from then on, also to sessions that are running.",
  usage: "(NAME... | -f FILE) [flags]",
  examples: [
    { command: "kubectl mirrord policy delete no-steal -n dev", does: "One policy" },
    { command: "kubectl mirrord policy delete -f policies.yaml --dry-run=server", does: "Only have it checked" },
  ],
  positionals: { names: { type: "list", placeholder: "NAME", describe: "NAME or KIND/NAME", completes: "policy" } },
  flags: {
    clusterPolicy: clusterPolicyFlag,
    file: filesFlag,
    ignoreNotFound: { type: "boolean", describe: "Leave out what is not there." },
    dryRun: dryRunFlag,
    output: outputFlag(["table", "name"]),
    ...placeFlags,
  },
  exitCodes: { 0: "deleted", ...lookupExitCodes },
  async run({ names, clusterPolicy, file, ignoreNotFound, dryRun, output, ...options }, world) {
    if (names.length > 0 === file.length > 0) {
      throw new UserError(
        "usage",
        "name the policies to delete, or the files that hold them",
        "Write NAME... or -f FILE.",
      );
    }
    const cluster = await world.connect(options);
    const namespace = options.namespace ?? cluster.namespace;
    const named =
      names.length > 0
        ? names.map((name) => parseReference(name, { isCluster: clusterPolicy, namespace }))
        : inFiles(file, options, cluster);
    const find = ignoreNotFound ? findStored : findPolicies;
    const found = (await find(named, cluster)).filter((policy) => policy !== undefined);
    const plan: Plan = found.map((object) => ({
      action: "delete",
      type: typeOf(object),
      object,
      current: object,
      stage: 1,
    }));
    await remove(plan, cluster, dryRun, world);
    world.print(output === "name" ? planNames(plan) : planLines(plan, dryRun));
    return 0;
  },
});

function inFiles(files: readonly string[], { namespace }: ConnectOptions, cluster: Cluster): NamedPolicy[] {
  return requireFiles(files).map((one) => {
    const { policy } = inNamespace(one, namespace, cluster.namespace);
    const { name = "", namespace: space = cluster.namespace } = policy.metadata;
    // Refuses a policy without a name: a request without one would be about all of them.
    return parseReference(`${policy.kind}/${name}`, { isCluster: false, namespace: space });
  });
}

async function remove(plan: Plan, cluster: Cluster, dryRun: "none" | "client" | "server", world: World): Promise<void> {
  if (dryRun === "client") return;
  if (dryRun === "server") await judge(plan, cluster, { signal: world.signal });
  else await apply(plan, cluster, { signal: world.signal });
}
