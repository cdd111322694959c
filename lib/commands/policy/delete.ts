import { command } from "../../cli/grammar/command.ts";
import { dryRunFlag, outputFlag, unaskedYesFlag } from "../../cli/grammar/shared-flags.ts";
import type { ConnectOptions, World } from "../../cli/world.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { plan } from "../../kubernetes/plan.ts";
import { printPlan } from "../show-plan.ts";
import { writePlan } from "../write-plan.ts";
import { policyType } from "./check.ts";
import { findPolicies, findStored } from "./find.ts";
import { booleanFlag } from "../../cli/grammar/flags.ts";
import { clusterPolicyFlag, filesFlag, lookupExitCodes, placeFlags } from "./flags.ts";
import { inNamespace } from "./local.ts";
import { readPolicyFiles } from "./files.ts";
import { parseReference, type NamedPolicy } from "./reference.ts";

export const deletePolicy = command({
  name: "policy delete",
  summary: "Delete policies by name or as files name them.",
  description: "What a policy blocked is allowed from then on, also to sessions that are running.",
  usage: "(NAME... | -f FILE) [flags]",
  examples: {
    "kubectl mirrord policy delete no-steal -n dev": "One policy",
    "kubectl mirrord policy delete -f policies.yaml --dry-run=server": "Only have it checked",
  },
  positionals: { names: { type: "list", placeholder: "NAME", describe: "NAME or KIND/NAME", completes: "policy" } },
  flags: {
    clusterPolicy: clusterPolicyFlag,
    file: filesFlag,
    ignoreNotFound: booleanFlag("Leave out what is not there."),
    yes: unaskedYesFlag,
    dryRun: dryRunFlag,
    output: outputFlag(["table", "name"]),
    ...placeFlags,
  },
  conflicts: [{ option: "names", excludes: ["file"] }],
  needs: [
    {
      needs: ["names", "file"],
      message: "name the policies to delete, or the files that hold them",
      hint: "Write NAME... or -f FILE.",
    },
  ],
  exitCodes: { 0: "deleted", ...lookupExitCodes },
  waits: "Reading the policies",
  async run({ names, clusterPolicy, file, ignoreNotFound, dryRun, output, ...options }, world) {
    const cluster = await world.connect(options);
    const namespace = options.namespace ?? cluster.namespace;
    const named =
      names.length > 0
        ? names.map((name) => parseReference(name, { isCluster: clusterPolicy, namespace }))
        : inFiles(file, options, cluster, world);
    const find = ignoreNotFound ? findStored : findPolicies;
    const makePlan = async () => {
      const found = (await find(named, cluster)).filter((policy) => policy !== undefined);
      return {
        plan: plan(
          found.map((object) => ({ type: policyType(object), object })),
          [],
        ),
      };
    };
    const { planned } = await writePlan(makePlan, cluster, { world, dryRun });
    printPlan(planned.plan, { dryRun, output }, world);
    return 0;
  },
});

function inFiles(
  files: readonly string[],
  { namespace, exclude }: ConnectOptions,
  cluster: Cluster,
  world: Pick<World, "warn">,
): NamedPolicy[] {
  return readPolicyFiles(files, { exclude, warn: (text) => world.warn(text) }).map((one) => {
    const { policy } = inNamespace(one, namespace, cluster.namespace);
    const { name = "", namespace: space = cluster.namespace } = policy.metadata;
    // Refuses a policy without a name: a request without one would be about all of them.
    return parseReference(`${policy.kind}/${name}`, { isCluster: false, namespace: space });
  });
}
