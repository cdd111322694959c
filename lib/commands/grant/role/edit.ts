import { checkRules, clusterScoped } from "../../../access/allow.ts";
import { customRoleName, customRoles } from "../../../access/custom-role.ts";
import { holderTexts, roleHolders } from "../../../access/role-holders.ts";
import { refuseAggregated, refuseDangerous } from "../../../access/role-plan.ts";
import { command } from "../../../cli/grammar/command.ts";
import { connectionFlags, unaskedYesFlag } from "../../../cli/grammar/shared-flags.ts";
import type { World } from "../../../cli/world.ts";
import { usageError } from "../../../errors.ts";
import { objectIn } from "../../../json.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import { makeMergePatch } from "../../../kubernetes/merge-patch.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { patchChange } from "../../../kubernetes/plan.ts";
import { nativeResources } from "../../../kubernetes/resources.ts";
import { roleRules } from "../../../rbac/decode.ts";
import { refusal } from "../../../rbac/write/validate.ts";
import { servedTypes } from "../../../reading/served-types.ts";
import { connectBounded } from "../../connection.ts";
import { editObject } from "../../edit-object.ts";
import { writePlan } from "../../write-plan.ts";
import { customName, dangerousFlag } from "./flags.ts";
import { readRole, type RoleSeen } from "./read.ts";

export const edit = command({
  name: "grant role edit",
  summary: "Edit a role in your own editor.",
  description: [
    "Opens it in $KUBE_EDITOR or $EDITOR. What you save is checked as grant role create checks what is typed, and only what you",
    "changed is written; whoever holds the role is named. A text that is refused comes back with the reason; one that is not",
    "written stays in a file that is named.",
  ].join(" "),
  usage: "NAME [flags]",
  examples: { "kubectl mirrord grant role edit dba": "One role" },
  positionals: { name: customName },
  flags: { dangerous: dangerousFlag, yes: unaskedYesFlag, ...connectionFlags },
  exitCodes: { 0: "written, or nothing was changed" },
  async run({ name, dangerous, yes: _yes, ...connection }, world) {
    const cluster = await connectBounded(connection, world);
    const seen = await readRole(cluster, name);
    const before = shown(seen.role);
    const save = async (after: KubernetesObject) => {
      await check(cluster, name, after, { ...seen, dangerous });
      await write(cluster, seen.role, makeMergePatch(before, after), world);
      return after;
    };
    const saved = await editObject(before, { noun: "role", save }, world);
    if (saved === undefined) return 0;
    const holders = holderTexts(roleHolders(customRoleName(name), seen.objects, seen.grants));
    world.print([
      `Changed role ${name}.`,
      holders.length === 0 ? "Nobody holds it." : `It changes what these may do: ${holders.join(", ")}.`,
    ]);
    await warnOfScope(cluster, saved, seen, world);
    return 0;
  },
});

/** Without what only the server writes. */
function shown(role: KubernetesObject): KubernetesObject {
  const { name, labels, annotations } = role.metadata;
  const metadata = {
    ...(name === undefined ? {} : { name }),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  };
  return { ...role, metadata };
}

/** Throws UserError "usage" for what grant role create would not make. */
async function check(
  cluster: Cluster,
  name: string,
  role: KubernetesObject,
  { objects, dangerous }: Pick<RoleSeen, "objects"> & { dangerous: boolean },
): Promise<void> {
  if (!customRoles([role]).has(name)) throw usageError("the labels that make it a role of grants must stay");
  const fault = refusal(role);
  if (fault !== undefined) throw usageError(fault);
  checkRules(roleRules(role), await servedTypes(cluster));
  if (dangerous) return;
  refuseDangerous(role, objects);
  refuseAggregated(role, objects);
}

/** Nothing is written where somebody else wrote in between. */
async function write(
  cluster: Cluster,
  current: KubernetesObject,
  patch: Record<string, unknown>,
  world: World,
): Promise<void> {
  const { resourceVersion } = current.metadata;
  const version = resourceVersion === undefined ? {} : { resourceVersion };
  const metadata = { ...objectIn(patch["metadata"]), ...version };
  const change = patchChange({ type: nativeResources.clusterRoles, current, stage: 0 }, { ...patch, metadata });
  await writePlan(async () => await Promise.resolve({ plan: [change] }), cluster, { world, dryRun: "none" });
}

/** Whoever holds the role in namespaces does not get what has none. */
async function warnOfScope(
  cluster: Cluster,
  role: KubernetesObject,
  { objects, grants }: RoleSeen,
  world: World,
): Promise<void> {
  const holders = roleHolders(role.metadata.name ?? "", objects, grants);
  const within = holders.filter(({ binding }) => binding.namespace !== undefined);
  if (within.length === 0) return;
  const scoped = clusterScoped(roleRules(role), (await servedTypes(cluster)).types);
  if (scoped.length > 0)
    world.warn(`${scoped.join(", ")} has no namespace, so these do not get it: ${holderTexts(within).join(", ")}`);
}
