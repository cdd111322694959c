import type { GrantRole, Intent } from "../../access/intent.ts";
import { isSystemSubject, parseSubject } from "../../access/subject.ts";
import { UserError } from "../../errors.ts";
import { formatTarget, parseTarget } from "../../mirrord/target.ts";
import { grantVerbs } from "./verbs.ts";

export interface GrantFlags {
  subject: string;
  namespace: string[];
  allNamespaces: boolean;
  role: string;
  target: string[];
  noReads: boolean;
  allowSystem: boolean;
  dangerous: boolean;
}

/** What was asked for, checked as far as that goes without a cluster. Throws UserError "usage". */
export function intentOf(flags: GrantFlags): Intent {
  const subject = parseSubject(flags.subject, grantVerbs);
  if (isSystemSubject(subject) && !flags.dangerous) {
    throw new UserError(
      "usage",
      `${JSON.stringify(subject.name)} is a ${subject.kind.toLowerCase()} of Kubernetes itself: a grant could reach everybody`,
      "Add --dangerous if that is what you mean.",
    );
  }
  const role = roleOf(flags.role);
  const targets = flags.target.map(limitTarget);
  const { namespace: namespaces, allNamespaces } = flags;
  if (allNamespaces && namespaces.length > 0)
    throw new UserError("usage", "--all-namespaces and --namespace exclude each other");
  if (!allNamespaces && namespaces.length === 0) {
    throw new UserError(
      "usage",
      "a grant needs a subject, a role and a resource set; missing: resource set",
      "Say where it holds: --ns NAMESPACE (may be repeated) or -A.",
    );
  }
  for (const namespace of namespaces) checkNamespace(namespace, flags.allowSystem);
  if (targets.length > 0) checkLimit(role, allNamespaces);
  const set = allNamespaces ? ({ kind: "all" } as const) : ({ kind: "namespaces", namespaces } as const);
  return { subject, role, set, targets, reads: !flags.noReads };
}

function roleOf(text: string): GrantRole {
  if (text === "user" || text === "minimal" || text === "view") return text;
  // The chart's CI role has the same rules as its user role since 3.167.0, so a role of its own would promise too much.
  if (text === "ci") return "user";
  const name = /^clusterrole\/([^/%]+)$/u.exec(text)?.[1];
  if (name !== undefined && name !== "." && name !== ".." && !/\p{Cc}/u.test(name)) return `clusterrole/${name}`;
  throw new UserError(
    "usage",
    `unknown role ${JSON.stringify(text)}`,
    "A role is user, minimal, view, ci or clusterrole/NAME.",
  );
}

function limitTarget(text: string): string {
  const target = parseTarget(text);
  if (target.kind === "label" || target.kind === "targetless") {
    throw new UserError(
      "usage",
      `a grant cannot be limited to ${JSON.stringify(text)}`,
      "Name a workload, such as deployment/web.",
    );
  }
  if (target.kind === "job" || target.kind === "cronjob") {
    throw new UserError(
      "usage",
      `a grant cannot be limited to ${formatTarget(target)}: jobs are always copied, and a copy has no name to limit`,
      "Leave --target out to allow every target of the namespace.",
    );
  }
  return formatTarget(target);
}

function checkLimit(role: GrantRole, allNamespaces: boolean): void {
  if (allNamespaces) {
    throw new UserError(
      "usage",
      "--target limits a grant in namespaces that are named",
      "Use --ns NAMESPACE in place of -A.",
    );
  }
  if (role !== "user" && role !== "minimal") {
    throw new UserError(
      "usage",
      `--target limits a connection, which role ${role} does not have`,
      "Use --role user or minimal.",
    );
  }
}

// Namespaces are DNS labels; the API server would answer 404 for anything else, far from the mistake.
const possibleNamespace = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

function checkNamespace(namespace: string, allowSystem: boolean): void {
  if (!possibleNamespace.test(namespace)) {
    const hint = namespace.includes("/")
      ? "Namespaces cannot be nested."
      : "Names are lower-case letters, digits and '-'.";
    throw new UserError("usage", `${JSON.stringify(namespace)} cannot be the name of a namespace`, hint);
  }
  if (namespace.startsWith("kube-") && !allowSystem) {
    throw new UserError(
      "usage",
      `namespace ${namespace} belongs to Kubernetes itself`,
      "Add --allow-system if that is what you mean.",
    );
  }
}
