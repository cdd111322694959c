import { customRoleName, roleText } from "../../../access/custom-role.ts";
import { holderTexts, roleHolders, type RoleHolder } from "../../../access/role-holders.ts";
import { planRoleDeletion } from "../../../access/role-plan.ts";
import { formatSubject } from "../../../access/subject.ts";
import { command } from "../../../cli/grammar/command.ts";
import { booleanFlag } from "../../../cli/grammar/flags.ts";
import type { World } from "../../../cli/world.ts";
import { usageError } from "../../../errors.ts";
import type { Hooks } from "../../../kube/apply/apply.ts";
import type { Cluster, Plan } from "../../../kube/cluster.ts";
import { inOrder } from "../../../kubernetes/plan.ts";
import { shellCommand } from "../../../text/shell-quote.ts";
import { connectBounded } from "../../connection.ts";
import { writePlan } from "../../write-plan.ts";
import { changeFlags } from "../change-flags.ts";
import { planRevocation } from "../plan-revocation.ts";
import { showChange } from "../show-change.ts";
import { customName } from "./flags.ts";
import { readRole } from "./read.ts";
import { warnOfSync } from "./sync-warning.ts";

export const deleteRole = command({
  name: "grant role delete",
  summary: "Delete a role.",
  description: "One that somebody holds is kept, unless --cascade revokes the grants of it as well.",
  usage: "NAME [flags]",
  examples: {
    "kubectl mirrord grant role delete dba": "One that nobody holds",
    "kubectl mirrord grant role delete dba --cascade --dry-run=client": "See what would go along",
  },
  positionals: { name: customName },
  flags: { cascade: booleanFlag("Revoke the grants of this role as well."), ...changeFlags },
  exitCodes: { 0: "deleted", 1: "declined" },
  async run({ name, cascade, dryRun, output, yes, ...connection }, world) {
    const cluster = await connectBounded(connection, world);
    if (cascade && !yes && dryRun === "none") {
      const question = `Delete role ${name} and revoke the grants of it?`;
      if (!(await world.ask.confirm(question, "--yes"))) {
        world.print("Nothing was deleted.");
        return 1;
      }
    }
    const wanted = await planDeletion(cluster, name, cascade, world);
    const { planned } = await writePlan(async () => await planDeletion(cluster, name, cascade, world), cluster, {
      world,
      dryRun,
    });
    warnOfSync(wanted.plan, planned.plan, customRoleName(name), world);
    await showChange("RoleChange", planned, { dryRun, output }, world);
    for (const { binding } of planned.left) {
      const place = binding.namespace === undefined ? [] : ["-n", binding.namespace];
      const way = shellCommand(["kubectl", "delete", binding.kind.toLowerCase(), binding.name, ...place]);
      const next = cluster.offline ? "" : `: ${way}`;
      world.warn(`${binding.kind.toLowerCase()} ${binding.name} was made by hand and stays, without effect${next}`);
    }
    return 0;
  },
});

interface PlannedDeletion {
  plan: Plan;
  hooks: Hooks;
  sentences: string[];
  /** Bindings that were made by hand. */
  left: RoleHolder[];
}

async function planDeletion(cluster: Cluster, name: string, cascade: boolean, world: World): Promise<PlannedDeletion> {
  const { role, objects, grants } = await readRole(cluster, name);
  const holders = roleHolders(customRoleName(name), objects, grants);
  const ofRole = grants.filter(({ intent }) => intent !== undefined && roleText(intent.role) === name);
  const held = [
    ...holderTexts(holders),
    // One on a collection without namespaces holds nothing yet.
    ...ofRole
      .filter(({ id }) => !holders.some(({ grant }) => grant === id))
      .map(({ id, intent }) => `${intent === undefined ? "" : formatSubject(intent.subject)} (grant ${id})`),
  ];
  if (held.length > 0 && !cascade)
    throw usageError(`role ${name} is held by ${held.join(", ")}`, "Add --cascade to revoke the grants of it as well.");
  const { plan, hooks } = await planRevocation(cluster, ofRole, [], world);
  return {
    plan: inOrder([...plan, ...planRoleDeletion(role, objects)]),
    hooks: ofRole.length === 0 ? {} : hooks,
    sentences: [...ofRole.map(({ id }) => `Revoked grant ${id}.`), `Deleted role ${name}.`],
    left: holders.filter(({ grant }) => grant === undefined),
  };
}
