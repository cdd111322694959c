import type { AccessAttributes } from "../kubernetes/access.ts";
import { connectionTargets } from "./connection-name.ts";
import { OPERATOR_GROUP } from "./resources.ts";
import { workloadKinds, workloadType, type Target } from "./target.ts";

/** A session that was refused: its target and place are in what was refused. */
export interface DeniedSession {
  action: "mirror" | "copy" | "targetless";
  target: Target;
  namespace: string;
}

/**
 * The sessions that may have been refused, the likelier first: that of the target whose connection was refused, or, where mirrord
 * says so, of the workload that it could not read. Of the rest nobody can tell which target was meant.
 * @param fromMirrord the words around it are mirrord's own, so that reading a workload was a step of a session
 */
export function deniedSessions(denied: readonly AccessAttributes[], fromMirrord: boolean): DeniedSession[] {
  return denied.flatMap((attributes): DeniedSession[] => {
    if ("path" in attributes) return [];
    const { verb, apiGroup, resource, subresource, namespace = "", name = "" } = attributes;
    if (namespace === "" || name === "" || subresource !== undefined) return [];
    if (apiGroup === OPERATOR_GROUP && resource === "targets")
      return connectionTargets(name)
        .filter(({ kind }) => kind !== "label")
        .map((target) => sessionOn(target, namespace));
    const kind = workloadKinds.find((each) => {
      const type = workloadType(each);
      return type.group === apiGroup && type.resource === resource;
    });
    if (kind === undefined || verb !== "get" || !fromMirrord) return [];
    return [sessionOn({ kind, name }, namespace)];
  });
}

function sessionOn(target: Target, namespace: string): DeniedSession {
  if (target.kind === "targetless") return { action: "targetless", target, namespace };
  // These are always copied.
  const isCopied = target.kind === "job" || target.kind === "cronjob";
  return { action: isCopied ? "copy" : "mirror", target, namespace };
}

/** What a refusal says that no right would lift, and what to do about it; undefined for a text that says nothing of the kind. */
export function refusalBesideAccess(text: string): { what: string; hint: string } | undefined {
  const [, policy] = /is\s+forbidden\s+by\s+(?:the|a)\s+mirrord\s+policy(?:\s+"([^"\n]{1,253})")?/.exec(text) ?? [];
  if (/is\s+forbidden\s+by\s+(?:the|a)\s+mirrord\s+policy/.test(text))
    return {
      what: `${policy === undefined ? "a mirrord policy" : `the mirrord policy ${JSON.stringify(policy)}`} forbids this, and no grant changes that`,
      hint: "Who is limited by which policy: kubectl mirrord policy list -A. What would have to change: kubectl mirrord can-i ACTION TARGET -n NAMESPACE",
    };
  return besides.find(({ words }) => words.test(text));
}

const besides: readonly { words: RegExp; what: string; hint: string }[] = [
  {
    words: /attempting to grant (?:RBAC|extra)/,
    what: "this is about granting more than one has: whoever writes a role or binds it must have all of its rights",
    hint: "Let somebody who has them do it, or somebody with the verb bind (or escalate) on that role.",
  },
  {
    words: /violates PodSecurity|ValidatingAdmissionPolicy|admission webhook|exceeded quota/,
    what: "an admission rule refused what was written, and no right changes that",
    hint: "Change what is written as the message says.",
  },
  {
    words: /Unauthorized|must be logged in/,
    what: "the server does not know who this is, so it is not about rights",
    hint: "Log in again, then try: kubectl auth whoami",
  },
];
