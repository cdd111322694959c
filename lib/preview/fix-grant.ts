import { DEFAULT_OPERATOR_NAMESPACE, isSystemNamespace } from "../access/system-namespace.ts";
import { grantWords, type Accepted } from "../access/grant-words.ts";
import { outlineGrant } from "../access/outline.ts";
import { grantObjects } from "../access/objects.ts";
import type { Intent, ResourceSet } from "../access/intent.ts";
import { limitedTarget } from "../access/roles.ts";
import {
  formatSubject,
  isSystemSubject,
  parseSubjectNotVerb,
  userSubject,
  type GrantSubject,
} from "../access/subject.ts";
import { UserError } from "../errors.ts";
import type { AccessAttributes } from "../kubernetes/access.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { keyByKind } from "../kubernetes/object-key.ts";
import { formatTarget } from "../mirrord/target.ts";
import { authorizer } from "../rbac/authorizer.ts";
import { shellCommand } from "../text/shell-quote.ts";
import type { Check } from "./check.ts";
import type { Fix } from "./fix.ts";
import { isFolder, type FixOptions } from "./fix-commands.ts";
import type { Preview } from "./preview.ts";

type Session = NonNullable<Preview["session"]>;

/** The grants that would make the session work, smallest first: of those that can be tried, the ones that do. */
export function grantFixes(preview: Preview, session: Session, options: FixOptions): Fix[] {
  const { question, resolved } = session;
  return tried(preview, (subject) => candidates(session, subject), {
    namespace: question.namespace,
    workload: resolved.workload,
    operatorNamespace: resolved.operatorNamespace,
    options,
  });
}

/** The smallest grant in a namespace that covers what is refused, whatever session it was part of; undefined: none does. */
export function coveringGrant(preview: Preview, namespace: string, options: FixOptions): Fix | undefined {
  const set: ResourceSet = { kind: "namespaces", namespaces: [namespace] };
  const roles = [
    { role: "minimal", lets: `use mirrord on every target in ${namespace}, without copies` },
    { role: "user", lets: `use mirrord on every target in ${namespace}` },
  ] as const;
  const [fix] = tried(
    preview,
    (subject) =>
      roles.map(({ role, lets }) => ({
        intent: { subject, role, set, targets: [], reads: true },
        opens: `every target in ${namespace}`,
        lets: { named: lets, brief: "use mirrord there" },
        onlyProven: role === "minimal",
      })),
    { namespace, options },
  );
  return fix;
}

interface Trial {
  namespace: string;
  workload?: KubernetesObject | undefined;
  operatorNamespace?: string | undefined;
  options: FixOptions;
}

function tried(preview: Preview, grants: (subject: GrantSubject) => Candidate[], trial: Trial): Fix[] {
  const { namespace, workload, options } = trial;
  const { connection, manifests } = options;
  const { checks, identity } = preview;
  const subject = grantSubject(identity.user.name);
  // What came by standard input is gone: the command would find less, and wait for more.
  const isWritable = !manifests.includes("-") && manifests.some(isFolder);
  if (subject === undefined || (manifests.length > 0 && !isWritable)) return [];
  const failing = checks.filter(({ required, answer }) => required && answer !== "yes");
  const place = [...manifests.flatMap((path) => ["--manifests", path]), ...connection];
  return grants(subject).flatMap(({ intent, opens, lets, onlyProven = false }): Fix[] => {
    const provenance = { grantedBy: "", grantedAt: "" };
    const grant = outlineGrant(intent);
    const limited = grant.targets.map((target) => limitedTarget(target, workload));
    const limits = new Map([[namespace, limited]]);
    const objects = grantObjects(grant, provenance, limits).map(({ object }) => object);
    const flipped = flips(preview, objects, failing);
    if (flipped === false || (onlyProven && flipped === undefined)) return [];
    // What asks before it grants in all namespaces has nobody to ask in a script, and the sentence above the command says it.
    const yes = intent.set.kind === "all" ? ["--yes"] : [];
    const words = [...grantWords(intent, { accepted: accepted(intent, trial) }), ...yes, ...place];
    const commands = [shellCommand(["kubectl", "mirrord", "grant", ...words])];
    return [{ kind: "grant", commands, opens, lets, proven: flipped === true }];
  });
}

/** Undefined for a name that `grant` does not take, as it looks like another. */
function grantSubject(name: string): GrantSubject | undefined {
  try {
    return parseSubjectNotVerb(formatSubject(userSubject(name)));
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** The flags without which `grant` would refuse this intent. */
function accepted({ subject, set }: Intent, { operatorNamespace }: Trial): Accepted {
  const operator = operatorNamespace ?? DEFAULT_OPERATOR_NAMESPACE;
  return {
    dangerous: isSystemSubject(subject),
    allowSystem:
      set.kind === "namespaces" && set.namespaces.some((namespace) => isSystemNamespace(namespace, operator)),
  };
}

interface Candidate extends Pick<Fix, "opens" | "lets"> {
  intent: Intent;
  /** Enough for most clients and operators but not for all, so it is offered only where it was seen to work. */
  onlyProven?: boolean;
}

/** Smallest first. */
function candidates({ question, resolved }: Session, subject: GrantSubject): Candidate[] {
  const { target, namespace, action, allNamespaces = false } = question;
  const set: ResourceSet = { kind: "namespaces", namespaces: [namespace] };
  const base: Intent = { subject, role: "user", set, targets: [], reads: true };
  if (action === "list-sessions") {
    const where = allNamespaces ? "all namespaces" : namespace;
    const opens = `seeing sessions and targets in ${where}`;
    const lets = { named: `see sessions and targets in ${where}`, brief: "see sessions and targets there" };
    return [{ intent: { ...base, role: "view", set: allNamespaces ? { kind: "all" } : set }, opens, lets }];
  }
  // The client ends sessions at the cluster's scope: only a grant for everything would help.
  if (action === "kill-sessions") return [];
  const { plan } = resolved;
  const single = target.kind !== "label" && target.kind !== "targetless" && !plan.copy && action !== "ci";
  const every = `every target in ${namespace}`;
  const path = formatTarget(target);
  return [
    ...(single && resolved.workload !== undefined
      ? [
          {
            intent: { ...base, targets: [path] },
            opens: `${path} only`,
            lets: { named: `use mirrord on ${path} only`, brief: "use mirrord on this target only" },
          },
        ]
      : []),
    ...(single || plan.copy || action === "preview"
      ? []
      : [
          {
            intent: { ...base, role: "minimal" as const },
            opens: `plain sessions with ${every}`,
            lets: {
              named: `use mirrord on ${every}, without copies`,
              brief: "use mirrord there, without copies",
            },
            onlyProven: true,
          },
        ]),
    {
      intent: base,
      opens: every,
      lets: { named: `use mirrord on ${every}`, brief: "use mirrord on every target there" },
    },
  ];
}

/** Whether the objects, added to what there is, answer every one of the checks with yes; undefined: cannot be told. */
export function flips(
  { rbac, identity }: Preview,
  objects: readonly KubernetesObject[],
  failing: readonly Check[],
): boolean | undefined {
  if (rbac === undefined || rbac.unreadable.length > 0) return undefined;
  const { authorize } = authorizer(replaceByName(rbac.objects, objects));
  const asks = (attributes: AccessAttributes) => authorize({ user: identity.user, ...attributes }).allowed;
  return failing.every(({ attributes }) => asks(attributes));
}

function replaceByName(stored: readonly KubernetesObject[], added: readonly KubernetesObject[]): KubernetesObject[] {
  const key = ({ kind, metadata }: KubernetesObject) => keyByKind(kind, metadata);
  const replaced = new Set(added.map(key));
  return [...stored.filter((object) => !replaced.has(key(object))), ...added];
}
