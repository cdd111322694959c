import { anchorFindings } from "../../access/anchor-findings.ts";
import { grantId, type Intent } from "../../access/intent.ts";
import type { Provenance } from "../../access/objects.ts";
import { annotations } from "../../access/names.ts";
import { isRevoked, type StoredGrant } from "../../access/stored.ts";
import type { World } from "../../cli/world.ts";
import type { Change, Cluster } from "../../kube/cluster.ts";
import { readGrants } from "../../reading/grants.ts";
import { parseTime } from "../../text/instant.ts";
import { writePlan, writes } from "../write-plan.ts";
import { lenient, planGrant, type PlannedGrant } from "./plan-grant.ts";

const ROUNDS = 5;

/**
 * Looks again at a grant that ends, after it was written, until nothing is left to change. Two commands at once each make
 * their own Jobs, which end at different times: the last to look leaves one in each namespace, and the later end. A grant that
 * was revoked meanwhile is left alone.
 */
export async function settleEnd(
  cluster: Cluster,
  intent: Intent,
  {
    expiresAt,
    namespaces,
    provenance,
  }: Pick<PlannedGrant, "expiresAt" | "namespaces"> & { provenance: Provenance | Promise<Provenance> },
  world: Pick<World, "now" | "signal" | "progress" | "warn"> & Partial<Pick<World, "wrote">>,
): Promise<void> {
  const until = parseTime(expiresAt);
  if (cluster.offline || until === undefined) return;
  const plan = async () => {
    const planned = await planGrant(cluster, intent, { flags: lenient, provenance, lifetime: { until } }, world);
    return planned.plan.some(stands) ? planned : { ...planned, plan: [] };
  };
  for (let round = 1; round <= ROUNDS; round += 1) {
    const [stored] = await readGrants(cluster, { id: grantId(intent) });
    if (stored?.intent === undefined || isRevoked(stored)) return;
    const now = cluster.serverTime?.() ?? world.now().getTime();
    if (isSettled(stored, { until, namespaces, now })) return;
    const { planned } = await writePlan(plan, cluster, { world, dryRun: "none" });
    if (writes(planned.plan).length === 0) return;
  }
}

/** Each of the two may have deleted the other's Job, and then everything that it owned is gone. */
function isSettled(
  grant: StoredGrant,
  { until, namespaces, now }: { until: number; namespaces: readonly string[]; now: number },
): boolean {
  const { expiresAt = 0, objects } = grant;
  const bound = new Set(objects.map(({ type, object }) => `${type.kind} ${object.metadata.namespace ?? ""}`));
  const isWhole = namespaces.every((each) => bound.has(`RoleBinding ${each}`) && bound.has(`Job ${each}`));
  return isWhole && expiresAt >= until && anchorFindings(grant, now).length === 0;
}

/** Whether this is the binding that carries the intent, there and not revoked. */
function stands({ action, current }: Change): boolean {
  const { annotations: notes = {}, deletionTimestamp } = current?.metadata ?? {};
  const carries = notes[annotations.intent] !== undefined && notes[annotations.revokedAt] === undefined;
  return carries && deletionTimestamp === undefined && (action === "update" || action === "unchanged");
}
