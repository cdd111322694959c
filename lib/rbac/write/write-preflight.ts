import { isJsonObject } from "../../json.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { applyTo, isGiven } from "../../kubernetes/server-side-apply.ts";
import type { UserInfo } from "../../kubernetes/access.ts";
import { escalation, type Escalation } from "./escalation.ts";
import { explain } from "../decide/explain.ts";
import { goQuote } from "../../text/go-quote.ts";
import { rbacIndex, type RbacIndex } from "../decide/rbac-index.ts";
import { RBAC_GROUP } from "../../kubernetes/resources.ts";
import { canonical, storedForm } from "./stored-form.ts";
import type { PolicyRule } from "../types.ts";
import { roleRefChangeErrors, validationErrors } from "./validate.ts";
import { targetKey, writeTarget, type WriteTarget } from "./write-target.ts";

export interface WriteRequest {
  user: UserInfo;
  /** POST, PUT, server-side apply (a PATCH), DELETE. */
  verb: "create" | "update" | "apply" | "delete";
  /** A Role, ClusterRole, RoleBinding or ClusterRoleBinding; to delete, its names are enough. */
  object: KubernetesObject;
  /** For apply: the manager of the request. Conflicts with others are foreseen from the stored managedFields. */
  fieldManager?: string;
  force?: boolean;
}

export interface WritePrediction {
  allowed: boolean;
  /** HTTP status: 200, 201, 400, 403, 404, 409, 422 or 500. */
  code: number;
  /** As the API server words it; empty when allowed. */
  message: string;
  /** For a 403 because of escalation: what the user would grant and does not hold, compacted. */
  missing: PolicyRule[];
}

export interface WritePreflight {
  /** What the API server will answer, short of admission plugins, quota and namespaces that do not exist. Never throws. */
  predict(request: WriteRequest): WritePrediction;
}

/** `objects` are all RBAC objects of the cluster, as stored. */
export function writePreflight(objects: readonly KubernetesObject[]): WritePreflight {
  const index = rbacIndex(objects);
  const stored = new Map<string, KubernetesObject>();
  for (const object of objects) {
    const target = writeTarget(object);
    const form = target && storedForm(object);
    if (target !== undefined && isJsonObject(form)) stored.set(targetKey(target), form);
  }
  return {
    predict: (request) => {
      const target = writeTarget(request.object);
      if (target === undefined) return refuse(400, `not an RBAC object of ${RBAC_GROUP}/v1`);
      return predict({ index, request, target, current: stored.get(targetKey(target)) });
    },
  };
}

interface Write {
  index: RbacIndex;
  request: WriteRequest;
  target: WriteTarget;
  current: KubernetesObject | undefined;
}

/** In the server's order: may the user write at all, does the body make sense, escalation, conflict, validation. */
function predict(write: Write): WritePrediction {
  const { request, target, current } = write;
  const verb = request.verb === "apply" ? "patch" : request.verb;
  const denied = deniedVerb(write, verb, request.verb === "create" ? "" : target.name);
  if (denied !== undefined) return denied;
  if (request.verb === "delete") {
    return current === undefined ? refuse(404, `${target.qualified} ${goQuote(target.name)} not found`) : accept(200);
  }
  const form = storedForm(request.object);
  if (typeof form === "string") return refuse(400, form);
  const { namespace = "" } = form.metadata;
  if (target.namespace === "" && !["", "default"].includes(namespace)) {
    return refuse(400, "the namespace of the provided object does not match the namespace sent on the request");
  }
  const { object, conflicts } = writtenObject(write, form);
  if (conflicts.length > 0) return refuse(409, `Apply failed because of conflicts: ${conflicts.join(", ")}`);
  return escalationRefusal(write, object) ?? storageAnswer(write, withName(object));
}

/** The server makes up a name last; its five characters at the end are all that cannot be foreseen. */
function withName(object: KubernetesObject): KubernetesObject {
  const { name, generateName } = object.metadata;
  if (name !== undefined || generateName === undefined) return object;
  return { ...object, metadata: { ...object.metadata, name: `${generateName.slice(0, 58)}xxxxx` } };
}

function writtenObject(
  { request, current }: Write,
  form: KubernetesObject,
): { object: KubernetesObject; conflicts: string[] } {
  if (request.verb !== "apply" || current === undefined) return { object: form, conflicts: [] };
  // The stored form has every field; only those that the request gives are applied.
  const { apiVersion, kind, metadata, ...fields } = form;
  const given = Object.entries(fields).filter(([field]) => isGiven(request.object[field]));
  const wanted = { apiVersion, kind, metadata, ...Object.fromEntries(given) };
  const applied = applyTo(current, wanted, request.fieldManager ?? "");
  // What an apply takes away may leave a field to its default.
  const object = storedForm(applied.object);
  return {
    object: typeof object === "string" ? applied.object : object,
    conflicts: request.force === true ? [] : applied.conflicts,
  };
}

function deniedVerb({ index, request, target }: Write, verb: string, name: string): WritePrediction | undefined {
  const { user } = request;
  const { resource, namespace } = target;
  const { answer, reason } = explain(index, { user, verb, apiGroup: RBAC_GROUP, resource, name, namespace }, {});
  if (answer === "yes") return undefined;
  const scope = namespace === "" ? "at the cluster scope" : `in the namespace ${goQuote(namespace)}`;
  const cannot = `User ${goQuote(user.name)} cannot ${verb} resource ${goQuote(resource)} in API group ${goQuote(RBAC_GROUP)} ${scope}`;
  return forbidden(target, name, reason === "" ? cannot : `${cannot}: ${reason}`);
}

function escalationRefusal(
  { index, request, target, current }: Write,
  object: KubernetesObject,
): WritePrediction | undefined {
  if (current !== undefined && onlyForTheCollector(object, current)) return undefined;
  const { resource, namespace } = target;
  // A POST has no name in its URL, and no old object, even when there is one of that name.
  const at = request.verb === "create" ? { urlName: "", stored: undefined } : { urlName: target.name, stored: current };
  const refusal = escalation({ index, user: request.user, object, resource, namespace, ...at });
  return refusal && refusedPrediction(refusal, target);
}

function refusedPrediction(refusal: Escalation, target: WriteTarget): WritePrediction {
  switch (refusal.refusal) {
    case "escalation":
      return { ...forbidden(target, target.name, refusal.detail), missing: refusal.missing };
    case "no-role":
      // The resource is that of the binding and the name that of the role: so the server says it.
      return refuse(404, `${target.qualified} ${goQuote(refusal.name)} not found`);
    case "bad-reference":
      return refuse(refusal.code, refusal.detail);
  }
}

const collectorFields: ReadonlySet<string> = new Set(["ownerReferences", "finalizers", "managedFields"]);

/** Owner references and finalizers may be changed by anybody who may write, so that the garbage collector can. */
function onlyForTheCollector(object: KubernetesObject, current: KubernetesObject): boolean {
  const rest = (each: KubernetesObject): string => {
    const metadata = Object.entries(each.metadata).filter(([field]) => !collectorFields.has(field));
    return canonical({ ...each, metadata: Object.fromEntries(metadata) });
  };
  return rest(object) === rest(current);
}

/** What is left once nobody minds the escalation: does it exist, is it the version that was read, is it valid. */
function storageAnswer(write: Write, object: KubernetesObject): WritePrediction {
  const { request, target, current } = write;
  const faults = [
    ...new Set([
      ...validationErrors(object),
      ...(current === undefined || request.verb === "create" ? [] : roleRefChangeErrors(object, current)),
    ]),
  ];
  const invalid = faults.length === 0 ? undefined : refuse(422, invalidMessage(object, faults));
  if (request.verb === "create") {
    if (invalid !== undefined) return invalid;
    return current === undefined
      ? accept(201)
      : refuse(409, `${target.qualified} ${goQuote(target.name)} already exists`);
  }
  if (current === undefined) return invalid ?? deniedVerb(write, "create", target.name) ?? accept(201);
  return conflictWith(current, object, target) ?? invalid ?? accept(200);
}

function conflictWith(
  current: KubernetesObject,
  object: KubernetesObject,
  target: WriteTarget,
): WritePrediction | undefined {
  const { resourceVersion, uid } = object.metadata;
  const stale = resourceVersion !== undefined && resourceVersion !== current.metadata.resourceVersion;
  const another = uid !== undefined && uid !== current.metadata.uid;
  if (!stale && !another) return undefined;
  return refuse(
    409,
    `Operation cannot be fulfilled on ${target.qualified} ${goQuote(target.name)}: the object has been modified or is another one now`,
  );
}

function invalidMessage({ kind, metadata: { name = "" } }: KubernetesObject, faults: readonly string[]): string {
  const all = faults.length === 1 ? faults.join("") : `[${faults.join(", ")}]`;
  return `${kind}.${RBAC_GROUP} ${goQuote(name)} is invalid: ${all}`;
}

function forbidden({ qualified }: WriteTarget, name: string, detail: string): WritePrediction {
  return refuse(403, `${qualified}${name === "" ? "" : ` ${goQuote(name)}`} is forbidden: ${detail}`);
}

const accept = (code: number): WritePrediction => ({ allowed: true, code, message: "", missing: [] });
const refuse = (code: number, message: string): WritePrediction => ({ allowed: false, code, message, missing: [] });
