// The one interface behind which a live API server and a folder of manifests look alike, and the plain data that
// crosses it. Anybody may import these types; the file holds nothing that runs.

import type { UserError } from "../errors.ts";
import type { AccessAttributes, Answer, UserInfo } from "../kubernetes/access.ts";
import type { KubernetesObject, ResourceType } from "../kubernetes/object.ts";
import type { ObjectList } from "../kubernetes/object-list.ts";

export interface ReviewAnswer {
  answer: Answer;
  /** status.reason of the review (it names the binding), or why it could not be asked. */
  reason: string;
}

/**
 * How to ask about somebody else: SubjectAccessReview, impersonation, or LocalSubjectAccessReview (namespaced
 * questions only). Left out, the first that the caller may use, in that order.
 */
export type ReviewMethod = "sar" | "impersonate" | "local-sar";

/** What connecting may use of the process. */
export interface ConnectContext {
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  warn(text: string): void;
  /** Present with `-v=6` and above: a line for each request, URL, status and duration, without secrets. */
  trace?: (text: string) => void;
}

export interface ListOptions {
  /** Left out: all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Only the metadata of objects whose content nobody should see, such as Secrets. A folder gives them whole. */
  metadataOnly?: boolean;
}

export interface WriteOptions {
  /** Ask the server to do everything but persist (`dryRun=All`). */
  dryRun?: boolean;
  /** Of an apply: take the given fields from whoever manages them, also from our own earlier POST. */
  force?: boolean;
}

export interface DeleteOptions extends WriteOptions {
  /** Delete only the object with this uid: a precondition, so that a namesake made since is left alone. */
  uid?: string;
  /** Delete it only in this version: a write that came in between is a conflict. */
  resourceVersion?: string;
}

export interface WatchEvent {
  type: "ADDED" | "MODIFIED" | "DELETED";
  object: KubernetesObject;
}

/** One step of a plan, as lib/kubernetes/plan.ts makes it: shown as it is by a dry run, carried out by lib/kube/apply/apply.ts. */
export interface Change {
  action: "create" | "update" | "unchanged" | "delete";
  type: ResourceType;
  /** What is to be stored, or, to delete, the object as it was read (its uid guards the deletion). */
  object: KubernetesObject;
  /** What is stored now; absent when the object is new. */
  current?: KubernetesObject;
  /** What will be stored, fields of other managers included: as foreseen, or as the server answered a dry run. */
  merged?: KubernetesObject;
  /**
   * On a live cluster the object gets an ownerReference to this other object of the same plan; of one whose name the server
   * makes up, `name` is its generateName.
   */
  owner?: { type: ResourceType; name: string; namespace?: string };
  /** Steps that follow each other and share a stage do not need each other: they may be sent at once. */
  stage?: number;
  /** Server-side apply takes these fields over, because they were first written by a POST. */
  force?: true;
  /** A deletion of exactly the version that the plan was made for. */
  isExact?: true;
  /** Sent by POST: that somebody else has made it meanwhile is a conflict. */
  isNew?: true;
  /** Sent by an apply that only creates: where somebody else has made the object meanwhile, it is a conflict (ADR 15). */
  isFirst?: true;
  /** Of an update: sent in place of an apply, as a JSON merge patch. It takes away as well what others have written. */
  patch?: Record<string, unknown>;
  /** By `objectKey`: deletions of the same plan without which this step is left out. */
  after?: readonly string[];
  /** The plan goes on without this step when the caller may not do it. */
  optional?: true;
  /** An update that takes the object over: before it, `managedFields` become these, in which what these managers set is ours. */
  adopts?: { managers: readonly string[]; managedFields: NonNullable<KubernetesObject["metadata"]["managedFields"]> };
  /** What of it somebody else manages, in the server's words, as a dry run found; written, it would be refused. */
  conflict?: readonly string[];
}

/** In the order in which they are carried out. */
export type Plan = Change[];

/** The namespace and name of a pod. */
export interface PodName {
  namespace: string;
  name: string;
}

export interface LogOptions {
  /** Left out, the pod's only one. */
  container?: string;
  /** The last so many lines; left out, all. */
  tailLines?: number | undefined;
  /** Of the container before it was restarted. */
  previous?: boolean;
}

/** What of a log is streamed. */
export interface LogStreamOptions {
  /** Left out, the pod's only one. */
  container?: string;
  /** Only what was written in so many seconds; left out, all. */
  sinceSeconds?: number | undefined;
  /** Go on with what is written from now on. */
  follow: boolean;
  signal: AbortSignal;
}

/** One GET by HTTPS of a port of a pod. */
export interface PodRequest {
  port: number;
  path: string;
  /** As which server the pod is asked, and has to prove itself when there is an authority. */
  serverName: string;
  /** PEM; without it any certificate will do. */
  authority?: string | undefined;
}

export type PodAnswer =
  | { answered: true; status: number; /** What is wrong with its certificate. */ certificateFault?: string }
  | { answered: false; why: string };

/** What the API server passes on to the node that a pod runs on. */
export interface PodAccess {
  /** Why this identity cannot open connections to pods; undefined where it can. */
  readonly connectionFault: UserError | undefined;
  logs(pod: PodName, options: LogOptions): Promise<string>;
  /** The bytes of a log as they come, however many there are. Ends with the log, or with the signal. */
  logStream(pod: PodName, options: LogStreamOptions): AsyncIterable<Uint8Array>;
  /** Throws when there is no way to the pod; what the pod itself does is an answer. */
  request(pod: PodName, request: PodRequest): Promise<PodAnswer>;
}

/**
 * Everything a command can ask of a cluster. Every call is made as the caller. A call throws ApiError (lib/kubernetes/api-error.ts)
 * when the server answers with a failure, and UserError "undetermined" when it cannot be reached.
 */
export interface Cluster {
  /** Where this is, for messages: `context "dev" (https://…)` or `manifests in ./cluster`. */
  readonly place: string;
  /** The namespace to use when none was named. */
  readonly namespace: string;
  /** True for a folder: no uids, no owner references, no controllers. */
  readonly offline: boolean;
  /**
   * Where its objects were written when it was opened, by `keyByKind` (lib/kubernetes/object-key.ts); lines count from 1. Only
   * a folder knows; it leaves out what it cannot tell apart by that key.
   */
  places?(): ReadonlyMap<string, { file: string; line: number }>;
  /** Nothing runs in a folder. */
  readonly pods?: PodAccess;

  /** The object, or undefined when the server says it is not there (404). */
  get(type: ResourceType, name: string, namespace?: string): Promise<KubernetesObject | undefined>;
  /** Every object, page by page; items carry apiVersion and kind. Throws when the list cannot be completed. */
  list(type: ResourceType, options?: ListOptions): ObjectList;
  /** Starts with an ADDED for each object there is; resumes after a lost connection. Ends with the signal. */
  watch(type: ResourceType, options: ListOptions, signal: AbortSignal): AsyncIterable<WatchEvent>;
  /** Server-side apply as field manager `kubectl-mirrord`; a conflict is an error unless `force` is set. Returns what the server stored. */
  apply(type: ResourceType, object: KubernetesObject, options?: WriteOptions): Promise<KubernetesObject>;
  /**
   * A JSON merge patch (RFC 7386), which alone can take away what others have written; `metadata.uid` in it says which object
   * is meant.
   */
  patch?(
    type: ResourceType,
    name: string,
    namespace: string | undefined,
    patch: Record<string, unknown>,
    options?: WriteOptions,
  ): Promise<KubernetesObject>;
  /** POST; the only way to use `generateName`. */
  create(type: ResourceType, object: KubernetesObject, options?: WriteOptions): Promise<KubernetesObject>;
  /** True when this call ended it, false when it was not there (404) or is another one now (409 on the uid). */
  delete(type: ResourceType, name: string, namespace: string | undefined, options?: DeleteOptions): Promise<boolean>;

  /** Answers in the order of the questions, all in flight at once. `undefined` as user: the caller itself. Never throws for a 403: that is "unknown". */
  review(questions: readonly AccessAttributes[], user?: UserInfo, via?: ReviewMethod): Promise<ReviewAnswer[]>;
  /**
   * What time it is by the `Date` of the server's last answer, in milliseconds since 1970; undefined: it has not said. A folder
   * has no clock of its own.
   */
  serverTime?(): number | undefined;
  /** Who the cluster says the caller is (SelfSubjectReview). */
  identity(): Promise<UserInfo>;
  /** The resource types of a group, of one version or the one that the server prefers; undefined when it is not served. */
  discover(group: string, version?: string): Promise<ResourceType[] | undefined>;
  /** The API groups that are served, each with the version that the server prefers (of a folder, with all); the core group is "". */
  groups(): Promise<{ group: string; version: string }[]>;
  close(): void;
}
