import { UserError } from "../errors.ts";
import { UnreadableAnswer } from "../kubernetes/api-error.ts";
import type { Cluster } from "../kube/cluster.ts";
import { statusOf } from "../kubernetes/api-status.ts";

const SEE_STATE = "See its state: kubectl get apiservice v1.operator.metalbear.co";

/** Nobody serves the operator's API. */
export function operatorMissing({ place }: Pick<Cluster, "place">): UserError {
  return new UserError(
    "undetermined",
    `mirrord operator was not found in the cluster (${place})`,
    "Is this the right cluster? Otherwise install the operator's chart (mirrord-operator) first.",
  );
}

/** What a read of the operator's API failed with, and where to look next. Passes on what is not about the operator. */
export function operatorFailure(error: unknown): unknown {
  if (!(error instanceof UserError) || error.kind === "interrupted") return error;
  const status = statusOf(error);
  if (status === 401 || (status === undefined && error.cause !== undefined && !(error instanceof UnreadableAnswer)))
    return error;
  if (status === 403) {
    return new UserError(
      "undetermined",
      `mirrord operator rejected the request: ${error.message}`,
      "An administrator can let you see sessions: kubectl mirrord grant YOU --role view --ns NAMESPACE",
      { cause: error },
    );
  }
  return new UserError(
    "undetermined",
    `the mirrord operator does not answer as it should: ${error.message}`,
    SEE_STATE,
    {
      cause: error,
    },
  );
}

export type Attempt<Value> =
  | { done: true; value: Value }
  | { done: false; error: UserError; status: number | undefined };

/** A read that others can make up for. What is no failure of the read (a bug, Ctrl-C) is thrown. */
export async function attempt<Value>(read: () => Promise<Value>): Promise<Attempt<Value>> {
  try {
    return { done: true, value: await read() };
  } catch (error) {
    if (!(error instanceof UserError) || error.kind === "interrupted") throw error;
    return { done: false, error, status: statusOf(error) };
  }
}
