import type { V1Container } from "@kubernetes/client-node";
import { fieldsIn } from "../kubernetes/api-types.ts";
import { podSpec } from "../mirrord/workload.ts";
import { formatSubject, userSubject } from "../access/subject.ts";
import { UserError } from "../errors.ts";
import { listIn, textIn } from "../json.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { assumedFeatures, operatorInfo, type OperatorInfo } from "../mirrord/operator-info.ts";
import { isOlder, parseVersion, type Version } from "../mirrord/plan/client-age.ts";
import { mirrordResources, OPERATOR_GROUP } from "../mirrord/resources.ts";
import { ApiError, httpStatus, UnreadableAnswer } from "../kubernetes/api-error.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { goUnquote } from "../text/go-unquote.ts";
import { shellCommand } from "../text/shell-quote.ts";

/** What is known about the operator before anything is asked of it. */
export type OperatorState =
  | { state: "installed"; info: OperatorInfo; assumption?: string }
  | { state: "missing" }
  /** It is registered but could not be asked, and why. */
  | { state: "unreachable"; why: string };

/**
 * Silence and garbage count as an operator that cannot be asked: when it is the API server that is silent, everything else
 * that is read fails too.
 *
 * Finds the operator as the client does: GET mirrordoperators/operator, and discovery when that fails. Whoever may not
 * read it gets the features of a current operator, with the assumption said. In a folder of manifests its Deployment
 * or APIService counts as installed. Source: operator contract section 3.2.
 */
export async function readOperator(cluster: Cluster): Promise<OperatorState> {
  try {
    const operator = await cluster.get(mirrordResources.operators, "operator");
    if (operator !== undefined) return { state: "installed", info: operatorInfo(operator) };
  } catch (error) {
    const status = httpStatus(error);
    if (status === undefined && !(error instanceof UserError && error.kind === "undetermined")) throw error;
    if (status !== 403) return { state: "unreachable", why: errorMessage(error) };
    return await byDiscovery(cluster, "you may not read the operator's version and features");
  }
  return cluster.offline ? await inManifests(cluster) : await byDiscovery(cluster, undefined);
}

/**
 * Access is checked before existence, so a 403 says nothing about whether the operator is there.
 * @param forbidden why it could not be read; undefined when it was not found
 */
async function byDiscovery(cluster: Cluster, forbidden: string | undefined): Promise<OperatorState> {
  try {
    if ((await cluster.discover(OPERATOR_GROUP, "v1")) === undefined) return { state: "missing" };
  } catch (error) {
    const status = httpStatus(error);
    if (status === undefined) throw error;
    if (status !== 403) return { state: "unreachable", why: errorMessage(error) };
  }
  return forbidden === undefined
    ? { state: "unreachable", why: "the operator is registered but does not serve mirrordoperators/operator" }
    : assumed(undefined, forbidden);
}

const errorMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error));

// The operator that first has it. Source: operator contract section 9 (label targets).
const LABEL_TARGETING: Version = [3, 192, 0];

function assumed(version: string | undefined, why: string): OperatorState {
  const known = parseVersion(version ?? "");
  const isTooOld = known !== undefined && isOlder(known, LABEL_TARGETING);
  const features = new Set([...assumedFeatures].filter((feature) => !isTooOld || feature !== "LabelTargeting"));
  const info: OperatorInfo = { version, features, namespace: undefined };
  return { state: "installed", info, assumption: `${why}: those of a current operator are assumed` };
}

async function inManifests(cluster: Cluster): Promise<OperatorState> {
  const why = "manifests do not show the operator's features";
  for await (const deployment of cluster.list(nativeResources.deployments)) {
    const image = operatorImage(deployment);
    if (image !== undefined) return assumed(image.split(":").at(1), why);
  }
  const service = await cluster.get(nativeResources.apiServices, `v1.${OPERATOR_GROUP}`);
  return service === undefined ? { state: "missing" } : assumed(undefined, why);
}

// The chart names the Deployment and its image `…/operator`; a mirror of the registry keeps the last part of the path.
function operatorImage(deployment: KubernetesObject): string | undefined {
  if (deployment.metadata.name !== "mirrord-operator") return undefined;
  const [container] = listIn(podSpec(deployment).containers);
  const path = textIn(fieldsIn<V1Container>(container).image).split("@")[0] ?? "";
  const last = path.split("/").at(-1);
  return last ?? "";
}

const SEE_STATE = "See its state: kubectl get apiservice v1.operator.metalbear.co";

/** Nobody serves the operator's API. */
export function operatorMissing({ place }: Pick<Cluster, "place">): UserError {
  return new UserError(
    "undetermined",
    `mirrord operator was not found in the cluster (${place})`,
    "Is this the right cluster? To install the operator: kubectl mirrord install",
  );
}

/** What a read of the operator's API failed with, and where to look next. Passes on what is not about the operator. */
export function operatorFailure(error: unknown): unknown {
  if (!(error instanceof UserError) || error.kind === "interrupted") return error;
  const status = httpStatus(error);
  if (status === 401 || (status === undefined && error.cause !== undefined && !(error instanceof UnreadableAnswer)))
    return error;
  if (status === 403) return refusal(error);
  return new UserError("undetermined", after("the mirrord operator does not answer as it should: ", error), SEE_STATE, {
    cause: error,
  });
}

/**
 * Of the API server, which authorizes a request before it passes it on.
 * Source: apiserver pkg/endpoints/handlers/responsewriters/errors.go.
 */
const UNAUTHORIZED = /is forbidden: User "((?:[^"\\]|\\.)*)" cannot \w+ resource /;
const IN_NAMESPACE = / in the namespace "([^"]*)"/;

/** The operator's own, where the API server has let the request pass. */
function refusal(error: UserError): UserError {
  const detail = error instanceof ApiError ? error.detail : "";
  const [, quoted] = UNAUTHORIZED.exec(detail) ?? [];
  const [, namespace = "NAMESPACE"] = IN_NAMESPACE.exec(detail) ?? [];
  const user = quoted === undefined ? undefined : goUnquote(quoted);
  const lines = quoted === undefined ? after("mirrord operator rejected the request: ", error) : error.lines;
  const who = user === undefined || user === "" ? "YOU" : formatSubject(userSubject(user));
  const words = ["kubectl", "mirrord", "grant", who, "--role", "view", "--ns", namespace];
  return new UserError("undetermined", lines, `An administrator can let you see sessions: ${shellCommand(words)}`, {
    cause: error,
  });
}

function after(start: string, { lines: [first = "", ...rest] }: UserError): string[] {
  return [start + first, ...rest];
}
