import { createHash } from "node:crypto";
import { userSubject, rbacSubject } from "../access/subject.ts";
import { UserError } from "../errors.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { AccessAttributes } from "../kubernetes/access.ts";
import { minimalRules } from "../rbac/decide/minimal-rules.ts";
import { RBAC_GROUP } from "../kubernetes/resources.ts";
import type { PolicyRule, RoleKind, Subject } from "../rbac/types.ts";

/** The role change that allows exactly these requests to this user: a role and a binding for each scope. */
export function roleObjects(userName: string, requests: readonly AccessAttributes[]): KubernetesObject[] {
  const { cluster, namespaces } = minimalRules(requests);
  const subject = roleSubject(userName);
  return [
    ...(cluster.length === 0 ? [] : pair("ClusterRole", subject, cluster, undefined)),
    ...[...namespaces].flatMap(([namespace, rules]) => pair("Role", subject, rules, namespace)),
  ];
}

/** What grants take for the subject of a name; a name that they refuse is a user all the same. */
function roleSubject(userName: string): Subject {
  try {
    return rbacSubject(userSubject(userName));
  } catch (error) {
    if (error instanceof UserError) return { kind: "User", apiGroup: RBAC_GROUP, name: userName };
    throw error;
  }
}

// The name carries the content, so that one change never takes back another.
function pair(
  kind: RoleKind,
  subject: Subject,
  rules: PolicyRule[],
  namespace: string | undefined,
): KubernetesObject[] {
  const content = createHash("sha256")
    .update(JSON.stringify([subject, rules]))
    .digest("hex")
    .slice(0, 10);
  const slug = subject.name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 30);
  const metadata = { name: `mirrord:extra:${slug}-${content}`, ...(namespace === undefined ? {} : { namespace }) };
  const apiVersion = `${RBAC_GROUP}/v1`;
  return [
    { apiVersion, kind, metadata, rules },
    {
      apiVersion,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: RBAC_GROUP, kind, name: metadata.name },
      subjects: [subject],
    },
  ];
}
