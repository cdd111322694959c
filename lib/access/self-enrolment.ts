import { authorizer } from "../rbac/authorizer.ts";
import type { ResourceAttributes } from "../kubernetes/access.ts";
import { nativeResources, RBAC_GROUP } from "../kubernetes/resources.ts";
import type { Subject } from "../rbac/types.ts";
import { describeSubject } from "./label-risk.ts";
import type { RbacSeen } from "./limits.ts";
import { organizationType } from "./organizations/definition.ts";

const SHOWN = 5;

/** What the admission policies of the access model keep for administrators, and by which rights others do it without them. */
const unguarded: readonly { what: string; rights: readonly ResourceAttributes[] }[] = [
  { what: "write bindings to roles of mirrord", rights: writes(RBAC_GROUP, ["rolebindings", "clusterrolebindings"]) },
  { what: "put namespaces into collections", rights: writes("", [nativeResources.namespaces.resource]) },
  { what: "put themselves into teams", rights: writes(organizationType.group, [organizationType.resource]) },
  { what: "keep access past its end", rights: writes("batch", [nativeResources.jobs.resource]) },
];

function writes(apiGroup: string, resources: readonly string[]): ResourceAttributes[] {
  return resources.flatMap((resource) => ["patch", "update"].map((verb) => ({ verb, apiGroup, resource })));
}

/**
 * Who could give himself access while no policy guards it, one clause for each way: `write bindings to roles of mirrord: user
 * jim in shop`. Administrators of the cluster and Kubernetes' own subjects are none. Pure.
 */
export function selfEnrolment({ objects, unreadable }: RbacSeen): string[] {
  if (unreadable.length > 0) {
    return unguarded.map(({ what }) => `${what}: unknown, because you may not list ${unreadable.join(", ")}`);
  }
  const { whoCan } = authorizer(objects);
  const administrators = new Set(whoCan({ verb: "*", apiGroup: "*", resource: "*" }).subjects.map(describeSubject));
  const places = new Set(objects.flatMap(({ kind, metadata }) => (kind === "RoleBinding" ? metadata.namespace : [])));
  return unguarded.map(({ what, rights }) => {
    const found = new Map<string, Set<string>>();
    for (const place of ["", ...[...places].filter((name) => name !== undefined)]) {
      for (const right of rights) {
        for (const subject of whoCan({ ...right, namespace: place }).subjects) {
          const text = describeSubject(subject);
          if (isOfKubernetes(subject) || administrators.has(text)) continue;
          found.set(text, (found.get(text) ?? new Set()).add(place));
        }
      }
    }
    return `${what}: ${foundText(found)}`;
  });
}

function foundText(found: ReadonlyMap<string, ReadonlySet<string>>): string {
  const texts = [...found].map(([subject, places]) => {
    const [first = ""] = places;
    if (places.has("")) return subject;
    return `${subject} in ${first}${places.size > 1 ? ` and ${places.size - 1} more` : ""}`;
  });
  if (texts.length === 0) return "nobody but administrators of the cluster";
  const more = texts.length > SHOWN ? ` and ${texts.length - SHOWN} more` : "";
  return `${texts.toSorted().slice(0, SHOWN).join(", ")}${more}`;
}

const isOfKubernetes = ({ kind, name, namespace }: Subject): boolean =>
  kind === "ServiceAccount" ? namespace === "kube-system" : name.startsWith("system:");
