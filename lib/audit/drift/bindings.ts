import { unmanagedBindings } from "../../access/unmanaged.ts";
import type { StoredGrant } from "../../access/stored.ts";
import { boundSubject } from "../../access/subject.ts";
import { listIn, objectIn } from "../../json.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { keyByKind } from "../../kubernetes/object-key.ts";
import { shellCommand } from "../../text/shell-quote.ts";
import { isControlPlane } from "../control-plane.ts";
import { subjectTexts } from "./fields.ts";
import { objectItem, type DriftItem } from "./item.ts";

export interface HandMade {
  /** Roles and bindings of the cluster, and its grants. */
  rbac: readonly KubernetesObject[];
  grants: readonly StoredGrant[];
  /** The same of the folder that declares; left out, every binding that is no grant's is extra. */
  declared?: { rbac: readonly KubernetesObject[]; grants: readonly StoredGrant[] };
}

/** A binding that no grant made, as it is declared and as it is. */
export interface BindingPair {
  declared: KubernetesObject | undefined;
  bound: KubernetesObject | undefined;
}

/** Bindings to roles of mirrord, and copies of what grants bind, that were made by hand: those that nobody declares, or not so. */
export function handMadeBindings({ rbac, grants, declared }: HandMade): BindingPair[] {
  const there = byKey([...unmanagedBindings(rbac, grants), ...copies(rbac, grants)].filter(isAboutPeople));
  // A folder that does not hold the operator's roles binds those of the cluster.
  const roles = rbac.filter(({ kind }) => kind.endsWith("Role"));
  const own = declared === undefined ? [] : unmanagedBindings([...roles, ...declared.rbac], declared.grants);
  const wanted = byKey(own.filter(isAboutPeople));
  const anywhere = byKey(rbac);
  const folder = byKey(declared?.rbac ?? []);
  return [...new Set([...there.keys(), ...wanted.keys()])].map((key) => ({
    declared: wanted.get(key) ?? folder.get(key),
    bound: there.get(key) ?? anywhere.get(key),
  }));
}

/** @param mend the words of commands: to reach the cluster, and the paths of the folder */
export function bindingDrift(
  pairs: readonly BindingPair[],
  { connection, paths }: { connection: readonly string[]; paths: readonly string[] },
): DriftItem[] {
  return pairs.flatMap((pair) => {
    const { declared, bound } = pair;
    const { kind, metadata } = bound ?? declared ?? { kind: "", metadata: {} };
    const place = metadata.namespace === undefined ? [] : ["-n", metadata.namespace];
    const isOther = JSON.stringify(declared?.["roleRef"]) !== JSON.stringify(bound?.["roleRef"]);
    const remove = shellCommand(
      ["kubectl", "delete", kind.toLowerCase(), ...place, ...connection],
      [metadata.name ?? ""],
    );
    const apply = shellCommand(["kubectl", "apply", ...paths.flatMap((path) => ["-f", path]), ...connection]);
    // The role of a binding cannot be changed.
    const commands = [...(bound !== undefined && isOther ? [remove] : []), ...(declared === undefined ? [] : [apply])];
    return objectItem(pair, { commands, why: "No grant declares it" }) ?? [];
  });
}

const byKey = (objects: readonly KubernetesObject[]) =>
  new Map(objects.map((object) => [keyByKind(object.kind, object.metadata), object]));

/** What the control plane and its add-ons hold is no access of a person. */
function isAboutPeople({ metadata, ...binding }: KubernetesObject): boolean {
  return listIn(binding["subjects"]).some((subject) => {
    const bound = boundSubject(objectIn(subject), metadata.namespace);
    return bound === undefined || !isControlPlane(bound);
  });
}

/** Bindings of other names with the role, the place and the subjects of a grant's, whatever role that is: they stay when it goes. */
function copies(rbac: readonly KubernetesObject[], grants: readonly StoredGrant[]): KubernetesObject[] {
  const content = (binding: KubernetesObject) => {
    const { kind, name } = objectIn(binding["roleRef"]);
    return JSON.stringify([binding.kind, binding.metadata.namespace, kind, name, subjectTexts(binding).toSorted()]);
  };
  const parts = grants.flatMap(({ objects }) => objects.map(({ object }) => object));
  const own = new Set(parts.map((object) => keyByKind(object.kind, object.metadata)));
  const contents = new Set(
    parts.filter((object) => object.kind.endsWith("Binding") && subjectTexts(object).length > 0).map(content),
  );
  return rbac.filter(
    (object) =>
      object.kind.endsWith("Binding") &&
      !own.has(keyByKind(object.kind, object.metadata)) &&
      contents.has(content(object)),
  );
}
