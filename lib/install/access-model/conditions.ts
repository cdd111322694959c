import {
  ANCHOR_PREFIX,
  GRANT_LABEL,
  GRANT_PREFIX,
  MANAGED_BY,
  MANAGED_BY_LABEL,
  OWN_PREFIX,
} from "../../access/names.ts";
import { ACCESS_GROUP } from "../../access/privileged-options.ts";
import { quote } from "../secure-defaults/expressions.ts";

// The parts of the access model's policies (CEL): which objects are whose, and what differs between before and after. Each takes
// the expression of an object that is there.

/** Keys of labels and annotations of ours begin so. */
const OWN_KEY = "kubectl-mirrord.io/";

/** By whose names the operator's own roles begin, and those that its documentation has people make. */
const OPERATOR_PREFIX = "mirrord-";

/** As somebody changes it: after, and before, which a change can hide behind. */
export const either = (test: (object: string) => string): string =>
  ["object", "oldObject"].map((object) => `(${object} != null && (${test(object)}))`).join(" || ");

const nameBegins = (object: string, prefix: string) =>
  `(has(${object}.metadata.name) && ${object}.metadata.name.startsWith(${quote(prefix)}))`;

export const isNamed = (object: string, name: string): string =>
  `(has(${object}.metadata.name) && ${object}.metadata.name == ${quote(name)})`;

const isIn = (object: string, namespace: string) =>
  `(has(${object}.metadata.namespace) && ${object}.metadata.namespace == ${quote(namespace)})`;

/** By a label, an annotation or its name. */
function isOurs(object: string): string {
  const metadata = `${object}.metadata`;
  return [
    nameBegins(object, OWN_PREFIX),
    `(has(${metadata}.labels) && (${metadata}.labels.exists(k, k.startsWith(${quote(OWN_KEY)})) || (${quote(MANAGED_BY_LABEL)} in ${metadata}.labels && ${metadata}.labels[${quote(MANAGED_BY_LABEL)}] == ${quote(MANAGED_BY)})))`,
    `(has(${metadata}.annotations) && ${metadata}.annotations.exists(k, k.startsWith(${quote(OWN_KEY)})))`,
  ].join(" || ");
}

/** A binding of a grant, or to a role that opens mirrord, or in the namespace in which what runs sync lives. */
export function isGrant(object: string, syncNamespace: string): string {
  const role = `${object}.roleRef.name`;
  const prefixes = [OWN_PREFIX, OPERATOR_PREFIX].map((prefix) => `${role}.startsWith(${quote(prefix)})`);
  return [...prefixes, isOurs(object), isIn(object, syncNamespace)].join(" || ");
}

/** A role of ours or of the operator, or whose rules name either. A rule about every group names none. */
export function isRole(object: string, syncNamespace: string): string {
  const group = `g == ${quote(ACCESS_GROUP)} || g == 'metalbear.co' || g.endsWith('.metalbear.co')`;
  const names = `(has(${object}.rules) && dyn(${object}.rules) != null && ${object}.rules.exists(r, has(r.apiGroups) && r.apiGroups.exists(g, ${group})))`;
  return [nameBegins(object, OPERATOR_PREFIX), names, isOurs(object), isIn(object, syncNamespace)].join(" || ");
}

/** A Job that ends a grant: by its label, its name, or what owns it. */
export function isAnchor(object: string): string {
  const metadata = `${object}.metadata`;
  return [
    `(has(${metadata}.labels) && ${quote(GRANT_LABEL)} in ${metadata}.labels)`,
    nameBegins(object, ANCHOR_PREFIX),
    `(has(${metadata}.ownerReferences) && ${metadata}.ownerReferences.exists(r, r.name.startsWith(${quote(GRANT_PREFIX)})))`,
  ].join(" || ");
}

export const labels = (object: string): string =>
  `(${object} != null && has(${object}.metadata.labels) ? ${object}.metadata.labels : {})`;

/** Whether any label with such a key was added, changed or taken away. `isMeant`: about the key `k`. */
export function labelsDiffer(isMeant: string): string {
  const [after, before] = [labels("object"), labels("oldObject")];
  return [
    `${after}.exists(k, (${isMeant}) && (!(k in ${before}) || ${before}[k] != ${after}[k]))`,
    `${before}.exists(k, (${isMeant}) && !(k in ${after}))`,
  ].join(" || ");
}

/** `shop/web`, or `web` of what has no namespace. */
export const where =
  "(has(request.namespace) && request.namespace != '' ? request.namespace + '/' : '') + (has(request.name) ? request.name : '')";
