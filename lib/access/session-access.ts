import type { AccessAttributes, Answer } from "../kubernetes/access.ts";
import { plainPlan } from "../mirrord/plan/session-plan.ts";
import type { SessionRequest } from "../mirrord/plan/session-request.ts";
import { sessionRequests } from "../mirrord/session-requests.ts";
import type { WorkloadTarget } from "../mirrord/target.ts";
import { exemptedAttributes } from "./intent.ts";
import type { GrantOutline } from "./outline.ts";
import { ACCESS_GROUP, ATTRIBUTES_RESOURCE, type PrivilegedAttribute } from "./privileged-options.ts";

/** What an identity can do with mirrord in one namespace. */
export interface NamespaceAccess {
  namespace: string;
  /** Undefined: any target of the namespace. */
  target: WorkloadTarget | undefined;
  answer: Answer;
  /** The required requests that are not allowed, or could not be asked. */
  missing: { attributes: AccessAttributes; answer: Answer; reason: string }[];
}

/** Where access is asked about. Without a target: about every target of the namespace. `view`: a role that only looks. */
export interface AccessPlace {
  namespace: string;
  target?: WorkloadTarget;
  view?: boolean;
  /** Of an exemption: what from. Nothing about sessions is asked then. */
  exempted?: readonly PrivilegedAttribute[];
}

/** Where a grant gives access: the namespaces where it holds, or everywhere, for each target that it is limited to. */
export function accessPlaces({ intent, targets }: GrantOutline, namespaces: readonly string[]): AccessPlace[] {
  const view = intent.role === "view";
  const places = intent.set.kind === "all" ? [""] : namespaces;
  const exempted = exemptedAttributes(intent.role);
  if (exempted !== undefined) return places.map((namespace) => ({ namespace, exempted }));
  return places.flatMap((namespace) =>
    targets.length === 0 ? [{ namespace, view }] : targets.map((target) => ({ namespace, target, view })),
  );
}

/**
 * What a plain session there needs. Without a target the requests carry no object name, so that only rights on every target
 * of the namespace answer them.
 */
export function accessRequests({
  namespace,
  target,
  view = false,
  exempted,
}: AccessPlace): Pick<SessionRequest, "attributes">[] {
  if (exempted !== undefined) return exempted.map((name) => ({ attributes: attributeUse(name, namespace) }));
  if (view) return sessionRequests(plainPlan("list-sessions", { kind: "targetless" }, namespace));
  const plan = plainPlan("mirror", target ?? { kind: "deployment", name: "any" }, namespace);
  const required = sessionRequests(plan).filter((request) => request.required);
  return target === undefined ? required.map(forAnyName) : required;
}

/** To `use` one of the virtual names: what the admission policies of the secure defaults ask. */
export function attributeUse(name: string, namespace: string): AccessAttributes {
  return { verb: "use", apiGroup: ACCESS_GROUP, resource: ATTRIBUTES_RESOURCE, namespace, name };
}

function forAnyName(request: SessionRequest): SessionRequest {
  const { attributes } = request;
  if ("path" in attributes || attributes.namespace === undefined) return request;
  const { name: _name, ...nameless } = attributes;
  return { ...request, attributes: nameless };
}
