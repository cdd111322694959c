import { boundSubject } from "../../access/subject.ts";
import { listIn, objectIn } from "../../json.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { keyByKind } from "../../kubernetes/object-key.ts";
import { stockRbac } from "../../rbac/write/stock.ts";
import { isControlPlane, isStockBinding } from "../control-plane.ts";
import type { Side } from "./diff.ts";
import type { ReadSide } from "./read-side.ts";

export interface ComparableSides {
  base: Side;
  head: Side;
  /** What only one side knows and is not compared, as sentences. */
  notCompared: string[];
}

/**
 * Both sides with what `grant sync` makes of them, or both without where nobody can say that of one: what it would do anyway would
 * pass for part of the change. `failures` are clauses that say why.
 */
export function syncedAlike(base: ReadSide, head: ReadSide): { sides: [base: Side, head: Side]; failures: string[] } {
  const failures = [...new Set([base, head].flatMap(({ notSynced }) => notSynced ?? []))];
  if (failures.length === 0) return { sides: [base.side, head.side], failures };
  return { sides: [withoutSync(base.side), withoutSync(head.side)], failures };
}

function withoutSync({ synced: _synced, ...side }: Side): Side {
  return side;
}

/**
 * Both sides with what both know. A cluster has what Kubernetes installs and binds for itself, and a folder of manifests hardly ever:
 * that it is not there means nothing. Its roles are then those of the cluster, and its bindings are left out.
 */
export function comparableSides(base: Side, head: Side): ComparableSides {
  const [inBase, inHead] = [base, head].map(({ rbac }) => rbac.some(isOfControllers));
  if (inBase === inHead) return { base, head, notCompared: [] };
  const [cluster, folder] = inBase === true ? [base, head] : [head, base];
  // What a folder is given to stand for a cluster is not declared by it.
  const own = folder.rbac.filter((object) => !isSupplied(object));
  const declared = keys(own);
  const isSystem = (object: KubernetesObject) => isOfSystem(object) && !declared.has(key(object));
  const left = cluster.rbac.filter(isSystem);
  const known = { ...cluster, rbac: cluster.rbac.filter((object) => !isSystem(object)) };
  const roles = cluster.rbac.filter((object) => isStockRole(object) && !declared.has(key(object)));
  const completed = { ...folder, rbac: [...own, ...roles] };
  const [name, other] = inBase === true ? ["BASE", "HEAD"] : ["HEAD", "BASE"];
  const notCompared = [
    `only ${name} has what Kubernetes itself installs: its roles count for ${other} as well, and ${left.length} bindings of the control plane are not compared`,
  ];
  return inBase === true
    ? { base: known, head: completed, notCompared }
    : { base: completed, head: known, notCompared };
}

const supplied = new Set(stockRbac().map(({ kind, metadata }) => keyByKind(kind, metadata)));
const BOOTSTRAPPING = "kubernetes.io/bootstrapping";

const isSupplied = (object: KubernetesObject): boolean =>
  supplied.has(key(object)) && object.metadata.labels?.[BOOTSTRAPPING] === "rbac-defaults";

/** Bindings that every control plane has, and no folder is given. */
const isOfControllers = (object: KubernetesObject): boolean => isStock(object) && !supplied.has(key(object));

const key = ({ kind, metadata }: KubernetesObject): string => keyByKind(kind, metadata);
const keys = (objects: readonly KubernetesObject[]): Set<string> => new Set(objects.map(key));

function isStock({ kind, metadata: { name = "", namespace } }: KubernetesObject): boolean {
  if (kind !== "RoleBinding" && kind !== "ClusterRoleBinding") return false;
  return isStockBinding({ kind, name, ...(namespace === undefined ? {} : { namespace }) });
}

/** What Kubernetes binds for itself, and what names nobody but the control plane. */
function isOfSystem(object: KubernetesObject): boolean {
  if (!object.kind.endsWith("Binding")) return false;
  if (isStock(object)) return true;
  const subjects = listIn(object["subjects"]);
  return (
    subjects.length > 0 &&
    subjects.every((subject) => {
      const bound = boundSubject(objectIn(subject), object.metadata.namespace);
      return bound !== undefined && isControlPlane(bound);
    })
  );
}

const ownNames = new Set(["cluster-admin", "admin", "edit", "view"]);

function isStockRole({ kind, metadata: { name = "", namespace } }: KubernetesObject): boolean {
  if (kind === "Role") return namespace?.startsWith("kube-") === true;
  return kind === "ClusterRole" && (ownNames.has(name) || name.startsWith("system:"));
}
