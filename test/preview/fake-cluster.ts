import { ApiError } from "../../lib/kubernetes/api-error.ts";
import type { Cluster, ListOptions, ReviewAnswer } from "../../lib/kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../../lib/kubernetes/object.ts";
import type { AccessAttributes, UserInfo } from "../../lib/kubernetes/access.ts";
import { authorizer } from "../../lib/rbac/authorizer.ts";

export interface FakeOptions {
  objects?: readonly KubernetesObject[];
  /** Plural names of what the caller may not read. */
  forbidden?: readonly string[];
  /** Plural names of what answers with another failure, and its HTTP status. */
  failing?: Readonly<Record<string, number>>;
  /** Groups that discovery does not know; everything else is served. */
  notServed?: readonly string[];
  /** Who the caller is. */
  caller?: UserInfo;
  /** In place of our own authorizer over the objects. */
  answer?: (question: AccessAttributes, user: UserInfo) => ReviewAnswer;
  offline?: boolean;
}

export interface FakeCluster extends Cluster {
  /** Every question that was reviewed, in order. */
  reviewed: AccessAttributes[];
  /** `get deployments`, `list pods` …, in order. */
  reads: string[];
  /** How often `review` was called. */
  reviews: number;
}

const noWrites = () => Promise.reject(new Error("this cluster is only read"));

/** Objects in memory behind the interface of a cluster: nothing is written, and what is asked for is remembered. */
export function fakeCluster(options: FakeOptions = {}): FakeCluster {
  const { objects = [], forbidden = [], failing = {}, notServed = [], offline = false } = options;
  const caller = options.caller ?? { name: "admin", groups: ["system:masters"] };
  const engine = authorizer(objects);
  const decide = options.answer ?? ((question, user) => reviewBy(engine, question, user));
  const check = ({ group, resource }: ResourceType) => {
    if (forbidden.includes(resource)) throw failure(403, "Forbidden", `${resource} is forbidden`);
    const status = failing[resource];
    if (status !== undefined)
      throw failure(status, "ServiceUnavailable", "the server is currently unable to handle the request");
    if (notServed.includes(group)) throw failure(404, "NotFound", "the server could not find the requested resource");
  };
  const cluster: FakeCluster = {
    place: "a fake",
    namespace: "default",
    offline,
    reviewed: [],
    reads: [],
    reviews: 0,
    async get(type, name, namespace) {
      cluster.reads.push(`get ${type.resource}`);
      try {
        check(type);
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return undefined;
        throw error;
      }
      return objects.find(
        (object) => hasType(object, type) && isAt(object, name, type.namespaced ? namespace : undefined),
      );
    },
    async *list(type, list = {}) {
      cluster.reads.push(`list ${type.resource}`);
      check(type);
      yield* objects.filter((object) => hasType(object, type) && isSelected(object, list));
    },
    watch: () => {
      throw new Error("nothing changes here");
    },
    apply: noWrites,
    create: noWrites,
    delete: noWrites,
    async review(questions, user) {
      cluster.reviews += 1;
      cluster.reviewed.push(...questions);
      return questions.map((question) => decide(question, user ?? caller));
    },
    identity: async () => caller,
    async discover(group) {
      cluster.reads.push(`discover ${group}`);
      const status = failing[group];
      if (status !== undefined)
        throw failure(status, "ServiceUnavailable", "the server is currently unable to handle the request");
      return notServed.includes(group) ? undefined : [];
    },
    groups: async () => [],
    close() {},
  };
  return cluster;
}

function failure(status: number, reason: string, message: string): ApiError {
  return new ApiError(
    "undetermined",
    status,
    JSON.stringify({ kind: "Status", status: "Failure", reason, message, code: status }),
  );
}

function reviewBy(engine: ReturnType<typeof authorizer>, question: AccessAttributes, user: UserInfo): ReviewAnswer {
  const { answer, reason } = engine.explain({ user, ...question });
  return { answer, reason };
}

const hasType = ({ apiVersion, kind }: KubernetesObject, type: ResourceType) =>
  kind === type.kind && (apiVersion.includes("/") ? apiVersion.split("/")[0] : "") === type.group;

const isAt = ({ metadata }: KubernetesObject, name: string, namespace: string | undefined) =>
  metadata.name === name && (namespace === undefined || metadata.namespace === namespace);

// Enough of a selector for what the preview writes: `key=value`, `key!=value`, `!key`.
function isSelected({ metadata }: KubernetesObject, { namespace, labelSelector = "" }: ListOptions): boolean {
  const labels = metadata.labels ?? {};
  const terms = labelSelector === "" ? [] : labelSelector.split(",");
  return (
    (namespace === undefined || metadata.namespace === namespace) &&
    terms.every((term) => {
      if (term.startsWith("!")) return !Object.hasOwn(labels, term.slice(1));
      const [key = "", value] = term.split(/!?=/);
      return (labels[key] === value) !== term.includes("!=");
    })
  );
}
