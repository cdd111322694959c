import { command } from "../../cli/grammar/command.ts";
import { liveClusterFlags, namespaceFlag, unaskedYesFlag } from "../../cli/grammar/shared-flags.ts";
import type { World } from "../../cli/world.ts";
import { UserError } from "../../errors.ts";
import { changeTexts, mayBeDone, unconfirmed } from "../../kube/apply/failure.ts";
import type { Change, Cluster } from "../../kube/cluster.ts";
import { objectIn } from "../../json.ts";
import { makeMergePatch } from "../../kubernetes/merge-patch.ts";
import { describeObject, type KubernetesObject } from "../../kubernetes/object.ts";
import type { MirrordPolicy } from "../../mirrord/policy.ts";
import { readSchemas } from "../../reading/policy-schemas.ts";
import { editObject } from "../edit-object.ts";
import { checkPolicies, policyType } from "./check.ts";
import { findPolicies } from "./find.ts";
import { clusterPolicyFlag, lookupExitCodes } from "./flags.ts";
import { noteFindings } from "./lint-one.ts";
import { parseReference } from "./reference.ts";
import { withoutManagers } from "./write.ts";

export const edit = command({
  name: "policy edit",
  summary: "Edit a stored policy in your own editor.",
  description: [
    "Opens it in $KUBE_EDITOR or $EDITOR. What you save is checked as policy apply checks files, and only what you changed is",
    "written. A text that is refused comes back with the reason; one that is not written stays in a file that is named.",
  ].join(" "),
  usage: "NAME [flags]",
  examples: {
    "kubectl mirrord policy edit no-steal -n dev": "One policy",
    "KUBE_EDITOR=nano kubectl mirrord policy edit filter --cluster-policy": "In another editor",
  },
  positionals: {
    name: { type: "string", placeholder: "NAME", describe: "NAME or KIND/NAME", required: true, completes: "policy" },
  },
  flags: {
    clusterPolicy: clusterPolicyFlag,
    yes: unaskedYesFlag,
    namespace: namespaceFlag,
    ...liveClusterFlags("a folder of manifests is edited in its files"),
  },
  exitCodes: { 0: "written, or nothing was changed", ...lookupExitCodes, 4: "the API server refused it" },
  async run({ name, clusterPolicy, yes: _yes, ...options }, world) {
    const cluster = await world.connect(options);
    const place = { isCluster: clusterPolicy, namespace: options.namespace ?? cluster.namespace };
    const [policy] = await findPolicies([parseReference(name, place)], cluster);
    if (policy === undefined) throw new Error("a policy that was found is gone");
    const before = withoutManagers(policy);
    const saved = await editObject(
      before,
      { noun: "policy", save: async (after) => await save(cluster, before, after, world) },
      world,
    );
    if (saved === undefined) return 0;
    world.print(`${describeObject({ type: policyType(saved), object: saved })} edited`);
    await noteFindings(cluster, saved, world);
    return 0;
  },
});

/** Writes what differs, and nothing when somebody else wrote in between. */
async function save(
  cluster: Cluster,
  before: MirrordPolicy,
  after: KubernetesObject,
  world: World,
): Promise<MirrordPolicy> {
  checkPolicies([{ policy: after, file: "", line: 0 }], await readSchemas(cluster), world);
  const type = policyType(before);
  const { name = "", namespace, resourceVersion } = before.metadata;
  const patch = makeMergePatch(before, after);
  if (cluster.patch === undefined) throw new Error("a live cluster takes patches");
  const version = { metadata: { ...objectIn(patch["metadata"]), resourceVersion } };
  const change: Change = { action: "update", type, object: before };
  try {
    const stored = await cluster.patch(type, name, namespace, { ...patch, ...version });
    world.wrote(changeTexts([{ change, written: true }]));
    return stored;
  } catch (error) {
    if (!(error instanceof UserError) || !mayBeDone(error)) throw error;
    throw new UserError(error.kind, error.lines, [...error.hints, ...unconfirmed([change])], { cause: error });
  }
}
