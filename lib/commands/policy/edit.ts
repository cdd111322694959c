import { isDeepStrictEqual } from "node:util";
import { command } from "../../cli/grammar/command.ts";
import { liveClusterFlags, namespaceFlag, unaskedYesFlag } from "../../cli/grammar/shared-flags.ts";
import type { World } from "../../cli/world.ts";
import { UserError, usageError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { readDocuments } from "../../kube/manifests/documents.ts";
import { objectIn } from "../../json.ts";
import { ApiError } from "../../kubernetes/api-error.ts";
import { makeMergePatch } from "../../kubernetes/merge-patch.ts";
import { describeObject, type KubernetesObject } from "../../kubernetes/object.ts";
import type { MirrordPolicy } from "../../mirrord/policy.ts";
import { readSchemas } from "../../reading/policy-schemas.ts";
import { toYaml } from "../../yaml.ts";
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
    "KUBE_EDITOR='code --wait' kubectl mirrord policy edit need-filter --cluster-policy": "In another editor",
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
    const saved = await editUntilTaken(cluster, withoutManagers(policy), world);
    if (saved === undefined) return 0;
    world.print(`${describeObject({ type: policyType(saved), object: saved })} edited`);
    await noteFindings(cluster, saved, world);
    return 0;
  },
});

/** Opens the editor until what is saved can be written; undefined: nothing was to be changed. */
async function editUntilTaken(
  cluster: Cluster,
  before: MirrordPolicy,
  world: World,
): Promise<MirrordPolicy | undefined> {
  const file = `${before.metadata.name ?? "policy"}.yaml`;
  let text = toYaml(before);
  let refusal: UserError | undefined;
  for (;;) {
    const given = `${header(refusal)}${text}`;
    const edited = withoutComments(await world.edit(given, file).catch(keepText));
    const isSame = edited === text || isDeepStrictEqual(tryParse(edited), before);
    if (isSame || edited.trim() === "") {
      if (refusal !== undefined) return await keepText(refusal);
      world.note(`Edit cancelled: ${isSame ? "nothing was changed" : "the saved file was empty"}.`);
      return undefined;
    }
    text = edited;
    try {
      return await save(cluster, before, edited, world);
    } catch (error) {
      if (!canMend(error)) return await keepText(error);
      refusal = error;
    }
  }

  /** What somebody wrote is not lost with the failure. */
  async function keepText(error: unknown): Promise<never> {
    if (!(error instanceof UserError) || text === toYaml(before)) throw error;
    const kept = `Your text is kept in ${await world.keep(text, file)}`;
    throw new UserError(error.kind, error.lines, [...error.hints, kept], { cause: error });
  }
}

/** The text itself is wrong, and can be written otherwise. */
function canMend(error: unknown): error is UserError {
  if (error instanceof ApiError) return error.status === 422 || error.status === 400;
  return error instanceof UserError && error.kind === "usage";
}

function header(refusal: UserError | undefined): string {
  const lines = [
    "Edit the policy below. Lines that begin with '#' are left out, and an empty file changes nothing.",
    ...(refusal === undefined ? [] : ["", "It was not written:", ...refusal.lines.map((line) => `  ${line}`)]),
  ];
  return `${lines.map((line) => `# ${line}`.trimEnd()).join("\n")}\n`;
}

const withoutComments = (text: string) =>
  text
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .join("\n");

function tryParse(text: string): KubernetesObject | undefined {
  try {
    const [object, ...more] = readDocuments(text, "the edited policy").flatMap(({ objects }) => objects);
    return more.length === 0 ? object : undefined;
  } catch {
    return undefined;
  }
}

/** Writes what differs, and nothing when somebody else wrote in between. */
async function save(cluster: Cluster, before: MirrordPolicy, text: string, world: World): Promise<MirrordPolicy> {
  const [after, ...more] = readDocuments(text, "the edited policy").flatMap(({ objects }) => objects);
  if (after === undefined || more.length > 0) throw usageError("it must be one policy");
  const identity = ({ apiVersion, kind, metadata: { name, namespace } }: KubernetesObject) => [
    apiVersion,
    kind,
    name,
    namespace,
  ];
  if (!isDeepStrictEqual(identity(after), identity(before)))
    throw usageError("apiVersion, kind, name and namespace cannot be changed by editing");
  checkPolicies([{ policy: after, file: "", line: 0 }], await readSchemas(cluster), world);
  const type = policyType(before);
  const { name = "", namespace, resourceVersion } = before.metadata;
  const patch = makeMergePatch(before, after);
  if (cluster.patch === undefined) throw new Error("a live cluster takes patches");
  const version = { metadata: { ...objectIn(patch["metadata"]), resourceVersion } };
  return await cluster.patch(type, name, namespace, { ...patch, ...version });
}
