import { formatSubject } from "../access/subject.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { OPERATOR_GROUP } from "../mirrord/resources.ts";
import { roleRules } from "../rbac/decode.ts";
import { toQuestion } from "../rbac/decide/question.ts";
import { ruleAllows } from "../rbac/decide/rule-match.ts";
import { isControlPlane, isEverybody } from "./control-plane.ts";
import { rightId, secretReads, SESSION } from "./edges/edge.ts";
import { auditFinding, type AuditFinding } from "./finding.ts";
import { byBinding, byRole, names, roleText } from "./grouping.ts";
import type { PathFacts } from "./path-facts.ts";
import { EVERYTHING, isOwnAccount } from "./path-graph.ts";
import { impliedHolders, wayPlacesWithGroups, type HeldRights, type Holder, type Holding } from "./rights.ts";

export interface AccessFacts extends PathFacts {
  /** Namespaces in a collection, where nobody but administrators is kept from changing that; empty where it is guarded. */
  openCollections: readonly string[];
}

/** What bindings give that they should not, or more of it than needed. Pure. */
export function accessFindings(facts: AccessFacts, held: HeldRights): AuditFinding[] {
  const all = [...held.holders.values()];
  const people = all.filter(
    ({ subject, rights }) => !isControlPlane(subject) && !isOwnAccount(subject, facts) && !rights.has(EVERYTHING),
  );
  return [
    ...administratorFindings(all.filter(({ subject }) => !isControlPlane(subject))),
    ...wildcardFindings(people, facts.rbac),
    ...all.filter(({ subject }) => isEverybody(subject)).flatMap(everybodyFinding),
    ...people.flatMap((holder) => sessionFindings(holder, held)),
    ...byRole(
      "session-deletion",
      people,
      ["delete sessions.operator.metalbear.co", "deletecollection sessions.operator.metalbear.co"],
      (role) => `${role} lets its holders end the sessions of everybody`,
    ),
    ...byRole(
      "ci-keys",
      people,
      [
        "create mirrordclusteroperatorusercredentials.operator.metalbear.co",
        "create mirrordoperators/certificate.operator.metalbear.co",
      ],
      (role) => `${role} lets its holders make CI keys, which outlive a grant`,
    ),
    ...byRole(
      "impersonation-of-extras",
      people,
      ["impersonate uids.authentication.k8s.io", "impersonate userextras/*.authentication.k8s.io"],
      (role) => `${role} lets its holders set the uid or extra fields of others`,
    ),
    ...operatorSecretFindings(people, facts.operator.namespace),
    ...collectionFindings(people, facts.openCollections),
  ];
}

function administratorFindings(holders: readonly Holder[]): AuditFinding[] {
  return byBinding(holders, ({ rights }) => rights.get(EVERYTHING) ?? []).map(({ through: { binding, role }, who }) => {
    const isStock = role.name === "cluster-admin";
    const message = isStock
      ? "is bound to cluster-admin"
      : `may do everything, by ${role.kind.toLowerCase()} ${role.name}`;
    return auditFinding("administrator", {
      subject: binding,
      who,
      message: `${names(who)} ${message}`,
      evidence: [role],
      ...(isStock ? {} : { severity: "warning" as const }),
    });
  });
}

const proxy = toQuestion({ verb: "proxy", apiGroup: OPERATOR_GROUP, resource: "targets" });

/** Roles that let sessions start by no rule that names them. */
function wildcardRoles(rbac: readonly KubernetesObject[]): ReadonlySet<string> {
  const isWild = (role: KubernetesObject) => {
    const giving = roleRules(role).filter((rule) => ruleAllows({ ...rule, resourceNames: [] }, proxy));
    return (
      giving.length > 0 &&
      giving.every(({ verbs, apiGroups = [], resources = [] }) => [...verbs, ...apiGroups, ...resources].includes("*"))
    );
  };
  return new Set(
    rbac
      .filter((object) => object.kind.endsWith("Role") && isWild(object))
      .map(({ kind, metadata: { name = "", namespace } }) =>
        roleText({ kind, name, ...(namespace === undefined ? {} : { namespace }) }),
      ),
  );
}

function wildcardFindings(people: readonly Holder[], rbac: readonly KubernetesObject[]): AuditFinding[] {
  const wild = wildcardRoles(rbac);
  const found = byBinding(people, ({ rights }) =>
    (rights.get(SESSION[0]) ?? []).filter(({ role }) => wild.has(roleText(role))),
  );
  return found.map(({ through: { binding, role, namespace }, who }) =>
    auditFinding("wildcard", {
      subject: role,
      who,
      message: `${roleText(role)} lets ${names(who)} connect to every target ${namespace === "" ? "in the cluster" : `in ${namespace}`} by a wildcard`,
      evidence: [binding],
    }),
  );
}

/** What a group of everybody has that nobody grants to everybody: the first few, for the message. */
function everybodyFinding({ subject, rights }: Holder): AuditFinding[] {
  const holdings = [...rights].map(([id, [first]]) => ({ id, first }));
  const grouped = Map.groupBy(holdings, ({ first }) => JSON.stringify(first?.binding));
  return [...grouped.values()].flatMap((group) => {
    const [{ first } = { first: undefined }] = group;
    if (first === undefined) return [];
    const ids = new Set(group.map(({ id }) => id));
    const words = [...ids].filter((id) => !isPartOfAnother(id, ids));
    const shown = words.includes(EVERYTHING)
      ? "everything"
      : words.slice(0, 3).join(", ") + (words.length > 3 ? " and more" : "");
    return [
      auditFinding("everybody", {
        subject: first.binding,
        who: [subject],
        message: `${formatSubject(subject)} may ${shown}${first.namespace === "" ? "" : ` in ${first.namespace}`}`,
        evidence: [first.role],
      }),
    ];
  });
}

/** A verb on one name, where that on every name is there as well: `list secrets NAME`. */
function isPartOfAnother(id: string, ids: ReadonlySet<string>): boolean {
  const [verb = "", resource = "", ...limit] = id.split(" ");
  return limit.length > 0 && ids.has(`${verb} ${resource}`);
}

/** Sessions everywhere, bindings that add nothing to that, and limits that another binding makes void. */
function sessionFindings(holder: Holder, { holders }: HeldRights): AuditFinding[] {
  const { subject, rights } = holder;
  const who = [subject];
  const places = wayPlacesWithGroups(holder, holders, SESSION);
  const wide = places.find(({ namespace, through }) => namespace === "" && through.names === undefined);
  const narrow = places.filter(({ namespace }) => namespace !== "");
  const others = impliedHolders(subject, holders).flatMap((group) => group.rights.get(SESSION[0]) ?? []);
  const held = [...(rights.get(SESSION[0]) ?? []), ...others];
  const whole = held.filter(({ names: limit }) => limit === undefined);
  // Of several in one namespace the first is named.
  const unlimited = new Map(whole.toReversed().map((holding) => [holding.namespace, holding]));
  return [
    ...(wide === undefined
      ? []
      : [
          auditFinding("cluster-wide-sessions", {
            subject: wide.through.binding,
            who,
            message: `${formatSubject(subject)} may start sessions in every namespace`,
            evidence: [wide.through.role],
          }),
        ]),
    ...(wide === undefined ? [] : narrow).map(({ namespace, through }) =>
      auditFinding("redundant-grant", {
        subject: through.binding,
        who,
        message: `${formatSubject(subject)} may start sessions in ${namespace} by ${wide?.through.binding.name} already`,
        evidence: wide === undefined ? [] : [wide.through.binding],
      }),
    ),
    ...held
      .filter(({ names: limit }) => limit !== undefined)
      .flatMap((limited) => {
        const other = unlimited.get("") ?? unlimited.get(limited.namespace);
        if (other === undefined) return [];
        const message = `${formatSubject(subject)} is limited to ${limited.names?.size ?? 0} targets, and ${other.binding.kind.toLowerCase()} ${other.binding.name} allows all of them`;
        return [
          auditFinding("void-target-limit", {
            subject: limited.binding,
            who,
            message,
            evidence: [limited.role, other.binding],
          }),
        ];
      }),
  ];
}

const NAMESPACE_CHANGES = ["update namespaces", "patch namespaces"];

function collectionFindings(people: readonly Holder[], open: readonly string[]): AuditFinding[] {
  const [shown] = open;
  if (shown === undefined) return [];
  const known = new Set(open);
  const changes = ({ namespace, names: limit }: Holding) =>
    namespace === ""
      ? limit === undefined || [...limit].some((name) => known.has(name))
      : known.has(namespace) && (limit === undefined || limit.has(namespace));
  return byBinding(people, ({ rights }) => NAMESPACE_CHANGES.flatMap((id) => rights.get(id) ?? []).filter(changes)).map(
    ({ through: { binding, role }, who }) =>
      auditFinding("collection-labels", {
        subject: binding,
        who,
        message: `${names(who)} may change the labels that put namespace ${shown} into a collection`,
        evidence: [role],
      }),
  );
}

const SECRET_READS = secretReads.map((verb) => rightId(verb, "", "secrets"));

/** By their names alone: what is in them is not read. */
function operatorSecretFindings(people: readonly Holder[], operator: string): AuditFinding[] {
  const isOperators = ({ namespace, names: limit }: Holding) =>
    (namespace === "" || namespace === operator) &&
    (limit === undefined || [...limit].some((name) => name.startsWith("mirrord-operator")));
  return byBinding(people, ({ rights }) => SECRET_READS.flatMap((id) => rights.get(id) ?? []).filter(isOperators)).map(
    ({ through: { binding, role }, who }) =>
      auditFinding("operator-secrets", {
        subject: binding,
        who,
        message: `${names(who)} may read the operator's Secrets in ${operator}`,
        evidence: [role],
      }),
  );
}
