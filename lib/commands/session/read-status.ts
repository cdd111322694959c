import { millisecondsOf } from "../../text/instant.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { mirrordResources } from "../../mirrord/resources.ts";
import { operatorStatus, type LiveStatus, type OperatorStatus } from "../../mirrord/session/session-status.ts";
import { UserError } from "../../errors.ts";
import { operatorFailure, operatorMissing } from "../../reading/operator.ts";
import { attempt } from "../../reading/read.ts";

/** What the operator says of itself, with what is live. Throws UserError "undetermined" when there is none of it. */
export async function readStatus(cluster: Cluster): Promise<OperatorStatus & { live: LiveStatus }> {
  const read = await attempt(() => cluster.get(mirrordResources.operators, "operator"));
  if (read.failed) throw operatorFailure(read.error);
  if (read.value === undefined) throw operatorMissing(cluster);
  const { live, ...status } = operatorStatus(read.value);
  if (live !== undefined) return { ...status, live };
  throw new UserError(
    "undetermined",
    "the mirrord operator shows no status",
    "See it: kubectl get mirrordoperators.operator.metalbear.co operator -o yaml",
  );
}

const MILLISECONDS_OF_A_DAY = 24 * 60 * 60 * 1000;

/** Days until the end of the licence's last day (UTC), rounded up; negative when it is over. */
export function licenseDaysLeft(expiresAt: string | undefined, now: Date): number | undefined {
  if (expiresAt === undefined || !/^\d{4}-\d\d-\d\d$/.test(expiresAt)) return undefined;
  const end = millisecondsOf(`${expiresAt}T23:59:59.999Z`);
  return end === undefined ? undefined : Math.ceil((end - now.getTime()) / MILLISECONDS_OF_A_DAY);
}

export function licenseText({ expiresAt }: { expiresAt?: string }, now: Date): string {
  const days = licenseDaysLeft(expiresAt, now);
  if (expiresAt === undefined || days === undefined) return expiresAt ?? "";
  if (days <= 0) return `${expiresAt} (EXPIRED)`;
  return `${expiresAt} (${days} ${days === 1 ? "day" : "days"} left)`;
}
