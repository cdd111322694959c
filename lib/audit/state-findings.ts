import { grantFindings, type CheckContext } from "../access/findings.ts";
import type { StoredGrant } from "../access/stored.ts";
import { unmanagedBindings } from "../access/unmanaged.ts";
import { listIn, objectIn, textIn } from "../json.ts";
import type { InstallationFinding } from "../install/installation-rules.ts";
import type { PolicyFinding } from "../mirrord/policy/lint/finding.ts";
import type { RbacRef } from "../rbac/types.ts";
import { isControlPlane } from "./control-plane.ts";
import { auditFinding, someOf, type AuditFinding } from "./finding.ts";
import { isOwnAccount, EVERYTHING } from "./path-graph.ts";
import type { PathFacts } from "./path-facts.ts";
import { boundSubject, formatSubject } from "../access/subject.ts";
import { auditRules, hardeningRules } from "./rules.ts";
import type { HeldRights } from "./rights.ts";

export interface StateFacts extends PathFacts {
  grants: readonly { grant: StoredGrant; context: CheckContext }[];
  policies: readonly PolicyFinding[];
  hardening: readonly InstallationFinding[];
  /** Namespaces where neither the secure defaults nor Pod Security refuse privileged pods. */
  openNamespaces: readonly string[];
}

/** What other commands find, and what follows from the state of the cluster. Pure. */
export function stateFindings(facts: StateFacts, held: HeldRights): AuditFinding[] {
  return [
    ...facts.grants.flatMap(ofGrant),
    ...unmanagedFindings(facts),
    ...facts.policies.flatMap(ofPolicy),
    ...facts.hardening.flatMap(ofInstallation),
    ...privilegedPods(facts, held),
  ];
}

function ofGrant({ grant, context }: StateFacts["grants"][number]): AuditFinding[] {
  const who = grant.intent === undefined ? [] : [grant.intent.subject];
  return grantFindings(grant, context).flatMap(({ rule, severity, subject, message, fix }) => {
    const id = `grant-${rule}`;
    if (auditRules[id] === undefined) return [];
    const object =
      subject.kind === "Grant"
        ? { kind: "ClusterRoleBinding", name: grant.binding?.metadata.name ?? subject.name }
        : subject;
    return [auditFinding(id, { subject: object, who, severity, message, fix })];
  });
}

/** The bindings themselves; who they name is what has to be looked at: also by a name that no command takes. */
function unmanagedFindings({ rbac, grants }: StateFacts): AuditFinding[] {
  const bindings = unmanagedBindings(
    rbac,
    grants.map(({ grant }) => grant),
  );
  return bindings.flatMap((binding) => {
    const { name = "", namespace } = binding.metadata;
    const people = listIn(binding["subjects"]).flatMap((each) => {
      const who = boundSubject(objectIn(each), namespace);
      return who === undefined || isControlPlane(who) ? [] : [who];
    });
    if (people.length === 0) return [];
    const subject: RbacRef =
      namespace === undefined ? { kind: "ClusterRoleBinding", name } : { kind: "RoleBinding", name, namespace };
    const role = objectIn(binding["roleRef"]);
    const message = `${someOf(people.map(formatSubject).toSorted())} ${people.length === 1 ? "has" : "have"} ${textIn(role["kind"]).toLowerCase()}/${textIn(role["name"])}, and no grant says so`;
    return [auditFinding("unmanaged", { subject, who: people, message })];
  });
}

function ofPolicy({ rule, severity, subject, message, fix }: PolicyFinding): AuditFinding[] {
  const id = `policy-${rule}`;
  return auditRules[id] === undefined || severity === "note"
    ? []
    : [auditFinding(id, { subject, severity, message, fix })];
}

const isHardening = new Set<string>(hardeningRules);

function ofInstallation({ rule, severity, subject, message, fix }: InstallationFinding): AuditFinding[] {
  return isHardening.has(rule) ? [auditFinding(rule, { subject, severity, message, fix })] : [];
}

const POD_MAKERS = [
  "create pods",
  "create deployments.apps",
  "create daemonsets.apps",
  "create statefulsets.apps",
  "create replicasets.apps",
  "create replicationcontrollers",
  "create jobs.batch",
  "create cronjobs.batch",
];

/** One finding for the cluster: what has to change is the same everywhere. */
function privilegedPods(facts: StateFacts, { holders }: HeldRights): AuditFinding[] {
  const { openNamespaces } = facts;
  const open = new Set(openNamespaces);
  const makers = [...holders.values()].flatMap(({ subject, rights }) => {
    if (isControlPlane(subject) || isOwnAccount(subject, facts) || rights.has(EVERYTHING)) return [];
    const place = POD_MAKERS.flatMap((id) => rights.get(id) ?? []).find(({ namespace }) =>
      namespace === "" ? open.size > 0 : open.has(namespace),
    );
    return place === undefined ? [] : [{ subject, place }];
  });
  const [first] = makers;
  const [namespace = ""] = openNamespaces;
  if (first === undefined) return [];
  const name = first.place.namespace === "" ? namespace : first.place.namespace;
  const names = makers.map(({ subject }) => formatSubject(subject)).toSorted();
  return [
    auditFinding("privileged-pods", {
      subject: { kind: "Namespace", name },
      who: makers.map(({ subject }) => subject),
      message: `${someOf(names)} may run privileged pods, in ${name}${open.size > 1 ? " for one" : ""}`,
      evidence: makers.map(({ place: { binding } }) => binding),
    }),
  ];
}
