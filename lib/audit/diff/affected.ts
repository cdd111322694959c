import { boundSubject, subjectIdentity, subjectKey, type RbacSubject } from "../../access/subject.ts";
import { listIn, objectIn } from "../../json.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { keyByKind } from "../../kubernetes/object-key.ts";
import { RBAC_GROUP } from "../../kubernetes/resources.ts";

/** Somebody whose access a change may touch. */
export interface AffectedSubject {
  subject: RbacSubject;
  /** Where RoleBindings, of either side, are about this subject or a group that it is always in. */
  namespaces: string[];
}

const kinds = new Set(["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"]);

export const isRbac = ({ apiVersion, kind }: KubernetesObject): boolean =>
  kinds.has(kind) && apiVersion.startsWith(`${RBAC_GROUP}/`);

/**
 * Everybody whom a binding of either side names and who may gain or lose by what differs: because a binding that differs, or whose
 * role does, names them or a group that they are always in. Others have the same rights on both sides.
 */
export function affectedSubjects(
  base: readonly KubernetesObject[],
  head: readonly KubernetesObject[],
): AffectedSubject[] {
  const differing = differingKeys(base, head);
  const named = new Map<string, Named>();
  for (const binding of [...base, ...head].filter(({ kind }) => kind.endsWith("Binding"))) {
    const { namespace } = binding.metadata;
    const isTouched = differing.has(key(binding)) || differing.has(roleKey(binding));
    for (const item of listIn(binding["subjects"])) {
      const subject = boundSubject(objectIn(item), namespace);
      if (subject === undefined) continue;
      const known = named.get(subjectKey(subject)) ?? { subject, namespaces: new Set(), isTouched: false };
      named.set(subjectKey(subject), known);
      known.isTouched ||= isTouched;
      if (namespace !== undefined) known.namespaces.add(namespace);
    }
  }
  return [...named.values()].flatMap(({ subject, namespaces, isTouched }) => {
    const groups = subjectIdentity(subject).groups.map((name) => subjectKey({ kind: "Group", name }));
    const others = groups.flatMap((group) => named.get(group) ?? []);
    if (!isTouched && !others.some((other) => other.isTouched)) return [];
    return [
      {
        subject,
        namespaces: [...new Set([...namespaces, ...others.flatMap((other) => [...other.namespaces])])].toSorted(),
      },
    ];
  });
}

interface Named {
  subject: RbacSubject;
  namespaces: Set<string>;
  isTouched: boolean;
}

const key = ({ kind, metadata }: KubernetesObject): string => keyByKind(kind, metadata);

function roleKey({ roleRef, metadata: { namespace } }: KubernetesObject): string {
  const { kind, name } = objectIn(roleRef);
  return keyByKind(String(kind), { name: String(name), ...(kind === "Role" ? { namespace } : {}) });
}

/** What of an object decides. */
const decisive = (object: KubernetesObject): string =>
  JSON.stringify(["rules", "aggregationRule", "roleRef", "subjects"].map((field) => object[field] ?? null));

function differingKeys(base: readonly KubernetesObject[], head: readonly KubernetesObject[]): Set<string> {
  const [before, after] = [base, head].map(
    (objects) => new Map(objects.map((object) => [key(object), decisive(object)])),
  );
  const all = [...(before?.keys() ?? []), ...(after?.keys() ?? [])];
  return new Set(all.filter((each) => before?.get(each) !== after?.get(each)));
}
