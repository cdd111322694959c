import { DEFAULT_OPERATOR_NAMESPACE, isSystemNamespace } from "../access/system-namespace.ts";
import { grantWords, type Accepted } from "../access/grant-words.ts";
import { outlineGrant } from "../access/outline.ts";
import { grantObjects } from "../access/objects.ts";
import type { Intent, ResourceSet } from "../access/intent.ts";
import {
  formatSubject,
  isSystemSubject,
  parseSubjectNotVerb,
  userSubject,
  type GrantSubject,
} from "../access/subject.ts";
import { UserError } from "../errors.ts";
import { referenceText, type KubernetesObject } from "../kubernetes/object.ts";
import { keyByKind } from "../kubernetes/object-key.ts";
import type { AccessAttributes } from "../kubernetes/access.ts";
import { mirrordResources } from "../mirrord/resources.ts";
import { formatTarget } from "../mirrord/target.ts";
import { authorizer } from "../rbac/authorizer.ts";
import { patchCommand, policyFix, type PolicyChange, type PolicyFix } from "./fix-policy.ts";
import { isFolder, kubectlLine, roleCommands, type FixOptions } from "./fix-commands.ts";
import { roleObjects } from "./fix-role.ts";
import type { Check } from "./check.ts";
import type { Preview } from "./preview.ts";
import { limitedTarget } from "../access/roles.ts";
import { shellCommand } from "../text/shell-quote.ts";

/** A change that would turn the answer into yes. Several are alternatives. */
export interface Fix {
  /** `policy`: a change of policies; with `grant` or `role`, policies may have to change as well. */
  kind: "grant" | "role" | "policy";
  /** To paste one after the other, for an administrator; none where no command can do it. Those of policies are with them. */
  commands: string[];
  /** What has to be changed besides by hand: a policy in a folder of manifests. */
  byHand?: string[];
  /** What the change opens, in a few words. */
  opens: string;
  /** What the user could do then, as the end of "to let jim …"; and the same without names. */
  lets: { named: string; brief: string };
  /** True when the answer after the change was worked out; false when what it depends on could not be read. */
  proven: boolean;
  /** What a `role` change adds. */
  objects?: KubernetesObject[];
  /** The policies that have to change. */
  policies?: PolicyChange[];
}

/**
 * The smallest changes that would make the session work, smallest first; none when neither access nor a policy is what
 * is missing. Where the RBAC objects can be read, each grant is tried on them and only those that flip every failing
 * step are kept; where no grant helps, the role change that allows exactly the failing requests.
 */
export function smallestFixes(preview: Preview, given: FixOptions): Fix[] {
  const { checks, obstacles, policies, identity } = preview;
  const options = identity.self ? { ...given, connection: [] } : given;
  // Whom a grant would be for must be known.
  if (identity.nameless === true || obstacles.some(({ answer }) => answer === "no")) return [];
  const failing = checks.filter(({ required, answer }) => required && answer !== "yes");
  const access = failing.length === 0 ? [] : accessFixes(preview, failing, options);
  const unread = policies?.unreadable ?? [];
  // A policy that could be read and refuses the session refuses it whatever the others say.
  if (policies !== undefined && policies.answer !== "yes" && (unread.length === 0 || policies.answer === "no")) {
    const change = policyFix(policies);
    if (change.left.length > 0 || change.changes.length === 0) return access;
    return access.length === 0 && failing.length === 0
      ? [withPolicies(undefined, change, options)]
      : access.map((fix) => withPolicies(fix, change, options));
  }
  if (failing.length === 0 && unread.length > 0 && identity.self) return [policyReader(identity.user.name, options)];
  return access;
}

function accessFixes(preview: Preview, failing: readonly Check[], options: FixOptions): Fix[] {
  const { session, identity } = preview;
  const grants = session === undefined ? [] : grantFixes(preview, session, options);
  if (grants.length > 0) return grants;
  const objects = roleObjects(
    identity.user.name,
    failing.map(({ attributes }) => attributes),
  );
  const proven = flips(preview, objects, failing) === true;
  const opens = `exactly the ${failing.length === 1 ? "request that is" : "requests that are"} refused`;
  const lets = { named: "do exactly what is refused", brief: "do exactly what is refused" };
  return [{ kind: "role", commands: roleCommands(objects, options), opens, lets, proven, objects }];
}

type Session = NonNullable<Preview["session"]>;

function grantFixes(preview: Preview, session: Session, { connection, manifests }: FixOptions): Fix[] {
  const { checks, identity } = preview;
  const subject = grantSubject(identity.user.name);
  // What came by standard input is gone: the command would find less, and wait for more.
  const isWritable = !manifests.includes("-") && manifests.some(isFolder);
  if (subject === undefined || (manifests.length > 0 && !isWritable)) return [];
  const failing = checks.filter(({ required, answer }) => required && answer !== "yes");
  const place = [...manifests.flatMap((path) => ["--manifests", path]), ...connection];
  return candidates(session, subject).flatMap(({ intent, opens, lets, onlyProven = false }): Fix[] => {
    const { question, resolved } = session;
    const provenance = { grantedBy: "", grantedAt: "" };
    const grant = outlineGrant(intent);
    const limited = grant.targets.map((target) => limitedTarget(target, resolved.workload));
    const limits = new Map([[question.namespace, limited]]);
    const objects = grantObjects(grant, provenance, limits).map(({ object }) => object);
    const flipped = flips(preview, objects, failing);
    if (flipped === false || (onlyProven && flipped === undefined)) return [];
    // What asks before it grants in all namespaces has nobody to ask in a script, and the sentence above the command says it.
    const yes = intent.set.kind === "all" ? ["--yes"] : [];
    const words = [...grantWords(intent, { accepted: accepted(intent, resolved) }), ...yes, ...place];
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
function accepted({ subject, set }: Intent, { operatorNamespace }: Session["resolved"]): Accepted {
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
function flips(
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

function withPolicies(fix: Fix | undefined, { changes, proven }: PolicyFix, options: FixOptions): Fix {
  const texts = changes.map((change) => `${change.change} in ${referenceText(change)}`);
  const what = `${texts.join(", ")}, for everybody`;
  const isByHand = options.manifests.length > 0 || fix?.commands.length === 0;
  const policies = isByHand
    ? changes
    : changes.map((change) => ({ ...change, command: kubectlLine(patchCommand(change), options) }));
  const access: Fix = fix ?? { kind: "policy", commands: [], opens: "", lets: { named: "", brief: "" }, proven: true };
  return {
    ...access,
    ...(isByHand ? { byHand: texts } : {}),
    opens: fix === undefined ? what : `${fix.opens}; and ${what}`,
    proven: access.proven && proven,
    policies,
  };
}

/** Only then can it be known whether a policy refuses the session: the answer may still be no. */
function policyReader(userName: string, options: FixOptions): Fix {
  const kinds = [mirrordResources.policies, mirrordResources.clusterPolicies];
  const objects = roleObjects(
    userName,
    kinds.map(({ group, resource }) => ({ verb: "list", apiGroup: group, resource })),
  );
  const lets = { named: "read the policies", brief: "read the policies" };
  const commands = roleCommands(objects, options);
  return { kind: "role", commands, opens: "reading the policies", lets, proven: false, objects };
}
