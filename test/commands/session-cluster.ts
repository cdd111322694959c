// A cluster with an operator that a test writes down: what it lists, who may what, and what was deleted.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { execute } from "../../lib/cli/execute.ts";
import { report } from "../../lib/cli/report.ts";
import { session } from "../../lib/commands/session/index.ts";
import { UserError } from "../../lib/errors.ts";
import { apiError, type ApiError } from "../../lib/kubernetes/api-error.ts";
import type { Cluster, ReviewAnswer } from "../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { AccessAttributes } from "../../lib/kubernetes/access.ts";
import { fakeWorld, type FakeWorld } from "../cli/fake-world.ts";

export interface Given {
  /** Entries of the sessions API; a number is the HTTP status that it answers. A function is asked each time. */
  sessions?: readonly object[] | number | (() => readonly object[] | number);
  /** Of MirrordOperator/operator; a number is the HTTP status. A function is asked each time. */
  operator?: OperatorAnswer | (() => OperatorAnswer);
  /** MirrordClusterSessions; a number is the HTTP status; left out, 403. A function is asked each time. */
  records?: RecordsAnswer | (() => RecordsAnswer);
  /** Other objects, by plural name. */
  objects?: Readonly<Record<string, readonly KubernetesObject[]>>;
  review?: (question: AccessAttributes, user: string | undefined) => ReviewAnswer["answer"];
  /** By resource name; left out, it is ended. */
  deletion?: (name: string) => boolean | number;
}

type OperatorAnswer = { spec?: object; status?: object } | number;
type RecordsAnswer = readonly KubernetesObject[] | number;

export interface SessionCluster extends Cluster {
  /** The names that were deleted at cluster scope, in order, whatever came of it. */
  deleted: string[];
  lists: number;
}

function failure(status: number, method = "GET"): ApiError {
  const reasons: Record<number, string> = { 403: "Forbidden", 404: "NotFound", 503: "ServiceUnavailable" };
  const body = {
    kind: "Status",
    reason: reasons[status] ?? "InternalError",
    message: `it answers ${status}`,
    code: status,
  };
  return apiError(method, status, JSON.stringify(body));
}

export function sessionCluster(given: Given): SessionCluster {
  const { operator = { spec: { operator_version: "3.187.0" }, status: { sessions: [] } } } = given;
  const unexpected = (): never => {
    throw new Error("not expected here");
  };
  const cluster: SessionCluster = {
    place: "a test",
    namespace: "dev",
    offline: false,
    deleted: [],
    lists: 0,
    async get({ resource }, wanted) {
      // Every namespace is there, unless somebody says which ones are.
      if (resource === "namespaces" && given.objects?.["namespaces"] === undefined)
        return { apiVersion: "v1", kind: "Namespace", metadata: { name: wanted } };
      if (resource !== "mirrordoperators") {
        return given.objects?.[resource]?.find(({ metadata: { name } }) => name === wanted);
      }
      const answer = typeof operator === "function" ? operator() : operator;
      if (answer === 404) return undefined;
      if (typeof answer === "number") throw failure(answer);
      return {
        apiVersion: "operator.metalbear.co/v1",
        kind: "MirrordOperator",
        metadata: { name: "operator" },
        ...answer,
      };
    },
    async *list({ resource }, { namespace } = {}) {
      if (resource === "sessions") {
        cluster.lists += 1;
        yield* listed(given.sessions, namespace);
      } else if (resource === "mirrordclustersessions") {
        const { records = 403 } = given;
        const answer = typeof records === "function" ? records() : records;
        if (typeof answer === "number") throw failure(answer);
        yield* answer;
      } else {
        yield* given.objects?.[resource] ?? [];
      }
    },
    async delete({ resource }, name, namespace) {
      if (resource !== "sessions" || namespace !== undefined) unexpected();
      cluster.deleted.push(name);
      const outcome = given.deletion?.(name) ?? true;
      if (typeof outcome === "number") throw failure(outcome, "DELETE");
      return outcome;
    },
    async review(questions, user) {
      return questions.map((question) => ({ answer: given.review?.(question, user?.name) ?? "yes", reason: "" }));
    },
    identity: async () => ({ name: "me", groups: [] }),
    discover: async () => [],
    watch: unexpected,
    apply: unexpected,
    create: unexpected,
    groups: async () => [],
    close() {},
  };
  return cluster;
}

function listed(sessions: Given["sessions"], namespace: string | undefined): KubernetesObject[] {
  const now = typeof sessions === "function" ? sessions() : (sessions ?? []);
  if (typeof now === "number") throw failure(now);
  return now
    .map((entry): KubernetesObject => {
      const { id, namespace: place } = entry as { id?: string; namespace?: string };
      const metadata = {
        ...(id === undefined ? {} : { name: id }),
        ...(place === undefined ? {} : { namespace: place }),
      };
      return { apiVersion: "operator.metalbear.co/v1", kind: "Session", metadata, spec: { session: entry } };
    })
    .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
}

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  world: FakeWorld;
}

/** `kubectl mirrord session …` in a world that can be changed before. Failures are what lib/cli/run.ts would print. */
export async function runSession(
  cluster: Cluster,
  words: readonly string[],
  change: (world: FakeWorld) => Partial<FakeWorld> = () => ({}),
): Promise<Ran> {
  const world = fakeWorld({ cluster });
  Object.assign(world, change(world));
  const code = await execute(session, words, world).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    world.note(report(error).lines);
    return error.exitCode;
  });
  return { code, stdout: world.stdout, stderr: world.stderr, world };
}

const schemas = ["", "-description", "-description-list", "-event", "-kill", "-list", "-stats", "-status"].map(
  (name) => `session${name}.json`,
);
const ajv = new Ajv2020({ allErrors: true, strict: true });
for (const file of schemas) {
  const path = join(import.meta.dirname, "..", "..", "docs", "schema", file);
  ajv.addSchema(JSON.parse(readFileSync(path, "utf8")) as object);
}

/** Characters that steer a terminal or hide what is read; line ends are none. */
export const harmful = /(?![\n\r])[\p{Cc}\p{Cf}]/u;

/** What a schema of docs/schema has against a text; empty when nothing. */
export function schemaErrors(file: string, text: string): string {
  ajv.validate(`https://kubectl-mirrord.io/schema/${file}`, JSON.parse(text));
  return ajv.errorsText(ajv.errors);
}

export const entry = (id: string, more: object = {}): object => ({
  id,
  duration_secs: 60,
  user: "Jim Raynor/jim@laptop",
  target: "deployment/web",
  namespace: "dev",
  locked_ports: [],
  user_id: null,
  sqs: null,
  rmq: null,
  kafka: null,
  ...more,
});
