import { collectionSelector, parseCollectionOrRoot } from "./collection.ts";
import { isOfKubernetes } from "./system-namespace.ts";
import {
  EXEMPTION,
  exemptedAttributes,
  exemptionRole,
  workloadTarget,
  type GrantRole,
  type Intent,
  type ResourceSet,
} from "./intent.ts";
import { privilegedAttributes } from "./privileged-options.ts";
import { isSystemSubject, parseSubjectNotVerb, type GrantSubject } from "./subject.ts";
import { usageError } from "../errors.ts";
import { didYouMean, slip } from "../text/suggest.ts";
import { builtInRoles, customGrantRole } from "./custom-role.ts";
import { formatTarget } from "../mirrord/target.ts";
import { parseTypedPath } from "../mirrord/typed-target.ts";
import { parseSelectorText, selectorText } from "../kubernetes/label-selector.ts";

export interface GrantFlags {
  subject: string;
  namespace: string[];
  allNamespaces: boolean;
  selector: string[];
  /** Paths of collections. */
  collection: string[];
  allowCopy: boolean;
  role: string;
  /** In place of a role: what to exempt from, with commas. */
  privileged?: string | undefined;
  target: string[];
  noReads: boolean;
  allowSystem: boolean;
  dangerous: boolean;
  /** All that the subject is in; left out, nobody knows. */
  groups?: string[] | undefined;
}

/** The intent of a command line, checked as far as that goes without a cluster. Throws UserError "usage". */
export function parseIntent(flags: GrantFlags): Intent {
  const subject = parseGrantee(flags.subject, flags.dangerous);
  const role = flags.privileged === undefined ? parseRole(flags.role) : parseExemption(flags.privileged);
  const targets = flags.target.map(limitTarget);
  const set = parseSet(flags);
  if (targets.length > 0) checkLimit(role);
  checkExemption(role, set);
  const { groups, noReads, allowCopy } = flags;
  return {
    subject,
    role,
    set,
    targets,
    reads: !noReads,
    ...(allowCopy ? { allowCopy } : {}),
    ...(groups === undefined ? {} : { groups }),
  };
}

/** Who gets a grant. Throws UserError "usage" for a subject of Kubernetes itself, unless that is meant. */
export function parseGrantee(text: string, dangerous: boolean): GrantSubject {
  const subject = parseSubjectNotVerb(text);
  if (!isSystemSubject(subject) || dangerous) return subject;
  throw usageError(
    `${JSON.stringify(subject.name)} is a ${subject.kind.toLowerCase()} of Kubernetes itself: a grant could reach everybody`,
    "Add --dangerous if that is what you mean.",
  );
}

function parseSet(flags: GrantFlags): ResourceSet {
  const { namespace: namespaces, allNamespaces, selector: texts, collection: paths, allowSystem } = flags;
  if (allNamespaces) return { kind: "all" };
  if (namespaces.length + texts.length + paths.length === 0) {
    throw usageError(
      "a grant needs a subject, a role and namespaces; missing: namespaces",
      "Say where it holds: --ns NAMESPACE (may be repeated), --collection PATH, -l SELECTOR or -A.",
    );
  }
  for (const namespace of namespaces) checkNamespace(namespace, allowSystem);
  const selectors = texts.map((text) => selectorText(parseSelectorText(text)));
  if (selectors.includes("")) {
    throw usageError("an empty selector matches every namespace", "Say so: -A in place of -l.");
  }
  selectors.push(...paths.map((path) => collectionSelector(parseCollectionOrRoot(path))));
  return { kind: "namespaces", namespaces, ...(selectors.length === 0 ? {} : { selectors }) };
}

function parseRole(text: string): GrantRole {
  if (text === "user" || text === "minimal" || text === "view") return text;
  // The chart's CI role has the same rules as its user role since 3.167.0, so a role of its own would promise too much.
  if (text === "ci") return "user";
  if (text.startsWith(EXEMPTION)) return parseExemption(text.slice(EXEMPTION.length));
  const name = /^clusterrole\/([^/%]+)$/u.exec(text)?.[1];
  if (name !== undefined && name !== "." && name !== ".." && !/\p{Cc}/u.test(name)) return `clusterrole/${name}`;
  const custom = customGrantRole(text);
  if (custom !== undefined) return custom;
  const near = slip(text, builtInRoles);
  throw usageError(
    `unknown role ${JSON.stringify(text)}`,
    `${near === undefined ? "" : `Did you mean ${near}? `}A role is user, minimal, view, ci, one that grant role made, or clusterrole/NAME.`,
  );
}

function parseExemption(text: string): GrantRole {
  const names = text.split(",").map((name) => name.trim());
  const attributes = exemptedAttributes(`${EXEMPTION}${names.join(",")}`);
  if (attributes !== undefined) return exemptionRole(attributes);
  const unknown = names.find((name) => !privilegedAttributes.some((attribute) => attribute === name)) ?? "";
  throw usageError(
    unknown === "" ? "an exemption names what it is from" : `there is no privileged option ${JSON.stringify(unknown)}`,
    [didYouMean(unknown, privilegedAttributes) ?? [], `The options: ${privilegedAttributes.join(", ")}.`].flat(),
  );
}

/** Volumes are in no namespace, and pods are in one. */
function checkExemption(role: GrantRole, set: ResourceSet): void {
  if (set.kind === "all" || exemptedAttributes(role)?.includes("localVolume") !== true) return;
  throw usageError(
    "a PersistentVolume is in no namespace: nobody can be exempt from localVolume in one",
    "Grant it by itself, everywhere: --privileged localVolume -A.",
  );
}

export function limitTarget(text: string): string {
  const target = workloadTarget(formatTarget(parseTypedPath(text)));
  if (target.kind === "job" || target.kind === "cronjob") {
    throw usageError(
      `a grant cannot be limited to ${formatTarget(target)}: jobs are always copied, and a copy has no name to limit`,
      "Leave --target out to allow every target of the namespace.",
    );
  }
  return formatTarget(target);
}

function checkLimit(role: GrantRole): void {
  if (role !== "user" && role !== "minimal") {
    throw usageError(`--target limits a connection, which role ${role} does not have`, "Use --role user or minimal.");
  }
}

// Namespaces are DNS labels; the API server would answer 404 for anything else, far from the mistake.
const possibleNamespace = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Throws UserError "usage" for what cannot be a namespace, and for one of Kubernetes itself unless that is meant. */
export function checkNamespace(namespace: string, allowSystem: boolean): void {
  if (!possibleNamespace.test(namespace)) {
    const hint = namespace.includes(",")
      ? `Name each: ${namespace
          .split(",")
          .map((name) => `--ns ${name.trim()}`)
          .join(" ")}.`
      : namespace.includes("/")
        ? "Namespaces cannot be nested."
        : "Names are lower-case letters, digits and '-'.";
    throw usageError(`${JSON.stringify(namespace)} cannot be the name of a namespace`, hint);
  }
  if (isOfKubernetes(namespace) && !allowSystem) {
    throw usageError(
      `namespace ${namespace} belongs to Kubernetes itself`,
      "Add --allow-system if that is what you mean.",
    );
  }
}
