import { objectIn, textIn, type JsonObject } from "../../json.ts";
import { connectionTargets } from "../../mirrord/connection-name.ts";
import { isMirrordGroup, OPERATOR_GROUP } from "../../mirrord/resources.ts";
import { formatTarget } from "../../mirrord/target.ts";
import { parseReason } from "../../preview/reason.ts";
import type { BindingKind, RbacRef } from "../../rbac/types.ts";
import { remembered } from "../../text/remembered.ts";
import { parseTime } from "../../text/instant.ts";
import { usualTarget } from "./operator-event.ts";

/** A request that an API server has answered. Source: Event of audit.k8s.io/v1 (apiserver pkg/apis/audit/v1/types.go). */
export interface ApiRequest {
  from: "api-server";
  /** Who it was answered for: with impersonation, whom the sender stood in for. */
  user: string;
  /** Who sent it, where that is somebody else. */
  impersonator?: string;
  verb: string;
  /** `targets.operator.metalbear.co`, with its subresource. */
  resource: string;
  /** "" at the cluster scope. */
  namespace: string;
  /** Of a connection: `deployment/web`; "" for other requests, whose names never end. */
  target: string;
  /** Refused by the API server, or by the operator behind it. */
  refused: boolean;
  /** What allowed it, where the log says so. */
  binding?: RbacRef<BindingKind>;
  /** Milliseconds since 1970. */
  time?: number;
}

export function isApiEvent(value: JsonObject): boolean {
  return value["kind"] === "Event" && textIn(value["apiVersion"]).startsWith("audit.k8s.io/");
}

/** When it came, in milliseconds since 1970. */
export const requestTime = (event: JsonObject): number | undefined =>
  parseTime(textIn(event["requestReceivedTimestamp"])) ?? parseTime(textIn(event["stageTimestamp"]));

/** Undefined for what is not about mirrord, and for the stages before the last, by which a request would count twice. */
export function apiRequest(event: JsonObject): ApiRequest | undefined {
  const stage = event["stage"];
  if (stage !== "ResponseComplete" && stage !== "Panic") return undefined;
  const object = objectIn(event["objectRef"]);
  const group = textIn(object["apiGroup"]);
  const sender = textIn(objectIn(event["user"])["username"]);
  const user = textIn(objectIn(event["impersonatedUser"])["username"]) || sender;
  const annotations = objectIn(event["annotations"]);
  const binding = decidingBinding(textIn(annotations["authorization.k8s.io/reason"]));
  if (user === "" || !(isMirrordGroup(group) || binding?.name.startsWith("mirrord:grant:") === true)) return undefined;
  const subresource = textIn(object["subresource"]);
  const type = [textIn(object["resource"]), ...(group === "" ? [] : [group])].join(".");
  const refused =
    objectIn(event["responseStatus"])["code"] === 403 || annotations["authorization.k8s.io/decision"] === "forbid";
  const time = requestTime(event);
  return {
    from: "api-server",
    user,
    ...(sender === "" || sender === user ? {} : { impersonator: sender }),
    verb: textIn(event["verb"]),
    resource: subresource === "" ? type : `${type}/${subresource}`,
    namespace: textIn(object["namespace"]),
    target: group === OPERATOR_GROUP ? connectedTarget(textIn(object["resource"]), textIn(object["name"])) : "",
    refused,
    ...(binding === undefined ? {} : { binding }),
    ...(time === undefined ? {} : { time }),
  };
}

/** Of what a name can stand for the last, which is the one with a container. */
function connectedTarget(resource: string, name: string): string {
  if (resource === "copytargets") return name === "" ? "" : "copy";
  return resource === "targets" ? namedTarget(name) : "";
}

const namedTarget = remembered((name: string): string => {
  const target = connectionTargets(name).at(-1);
  if (target === undefined) return "";
  return target.kind === "label" ? "label" : usualTarget(formatTarget(target));
});

const decidingBinding = remembered((reason: string) => parseReason(reason)?.binding);
