import type { AccessAttributes } from "../../kubernetes/access.ts";
import { referenceText } from "../../kubernetes/object.ts";
import type { SessionQuestion } from "../../mirrord/plan/session-question.ts";
import type { PolicyBlock } from "../../mirrord/policy/blocks.ts";
import { formatTarget } from "../../mirrord/target.ts";
import type { Check } from "../../preview/check.ts";
import type { Identity } from "../../preview/identity.ts";
import type { Preview } from "../../preview/preview.ts";
import { serviceAccountFromName } from "../../rbac/decide/implied-groups.ts";

/** The first line: the answer, and why in one sentence without a full stop. */
export function headline(preview: Preview): string {
  const { verdict, identity, obstacles, policies } = preview;
  const { answer } = verdict;
  if (answer === "yes") return "yes";
  const obstacle = obstacles.find((each) => each.answer === answer);
  if (obstacle !== undefined) return `${answer} - ${obstacle.reason}`;
  const first = failedChecks(preview).find((check) => check.answer === answer);
  if (first === undefined) {
    const block = decidingBlock(preview);
    return `${answer} - ${answer === "no" && block !== undefined ? blockWords(block, preview) : (policies?.reason ?? verdict.reason)}`;
  }
  if (answer === "no") return `no - ${whoText(identity)} cannot ${doing(preview, first)}`;
  const groups = groupsThatCan(preview);
  return groups === undefined
    ? `unknown - ${first.reason === "" ? verdict.reason : first.reason}`
    : `unknown - ${groupsText(groups)}, and whether ${identity.user.name} is in ${groups.names.length === 1 ? "it" : groups.all ? "them" : "one"} is not known`;
}

/** The requests that a session needs and that are not allowed, each once, however often it is sent. */
export function failedChecks({ checks }: Pick<Preview, "checks">): Check[] {
  const failed = new Map<string, Check>();
  for (const check of checks) {
    const key = JSON.stringify(check.attributes);
    if (check.required && check.answer !== "yes" && !failed.has(key)) failed.set(key, check);
  }
  return [...failed.values()];
}

/** `jim`, `you (jim)`, `service account ci/runner`. */
function whoText({ user, self, nameless }: Identity): string {
  if (nameless === true) return "you";
  return self ? `you (${userText(user.name)})` : userText(user.name);
}

export function userText(name: string): string {
  const account = serviceAccountFromName(name);
  return account === undefined ? name : `service account ${account.namespace}/${account.name}`;
}

function doing({ session }: Preview, { attributes }: Check): string {
  if (session !== undefined) return sessionWords(session.question);
  const place = "path" in attributes || (attributes.namespace ?? "") !== "" ? "" : " in the whole cluster";
  return `${requestWords(attributes, true)}${place}`;
}

/** What the session would do, behind "can": `steal from deployment/web in dev`. */
function sessionWords({ action, target, namespace, allNamespaces = false }: SessionQuestion): string {
  const on = `${formatTarget(target)} in ${namespace}`;
  switch (action) {
    case "steal":
      return `steal from ${on}`;
    case "copy-scale-down":
      return `copy and scale down ${on}`;
    case "mirror":
    case "copy":
    case "preview":
      return `${action} ${on}`;
    case "targetless":
      return `start a targetless session in ${namespace}`;
    case "ci":
      return "create a CI key";
    case "list-sessions":
      return `list the sessions in ${allNamespaces ? "all namespaces" : namespace}`;
    case "kill-sessions":
      return "stop sessions";
  }
}

/** `list pods in dev`, as people say a request. */
export function requestWords(attributes: AccessAttributes, named = false): string {
  if ("path" in attributes) return `${attributes.verb} ${attributes.path}`;
  const { verb, resource, subresource = "", namespace = "", name = "" } = attributes;
  const what = `${resource}${subresource === "" ? "" : `/${subresource}`}`;
  // A namespace is in itself only to the API server.
  const place = namespace === "" || resource === "namespaces" ? "" : ` in ${namespace}`;
  return `${verb} ${what}${named && name !== "" ? ` ${JSON.stringify(name)}` : ""}${place}`;
}

export interface GroupsThatCan {
  names: string[];
  /** Only whoever is in all of them can: no one of them allows every step. */
  all: boolean;
}

/** Where nothing but the user's groups decides: those that would make every step a yes. */
export function groupsThatCan(preview: Preview): GroupsThatCan | undefined {
  const failed = failedChecks(preview);
  const lists = failed.flatMap(({ groups }) => (groups === undefined ? [] : [groups]));
  const [first, ...others] = lists;
  if (preview.verdict.answer !== "unknown" || first === undefined || lists.length < failed.length) return undefined;
  if (preview.policies?.answer === "unknown" || preview.obstacles.length > 0) return undefined;
  const common = first.filter((group) => others.every((list) => list.includes(group)));
  return common.length > 0 ? { names: common, all: false } : { names: [...new Set(lists.flat())], all: true };
}

const SHOWN_GROUPS = 3;

/** `group oidc:backend can`, `groups a and b together can`. */
export function groupsText({ names, all }: GroupsThatCan): string {
  const more = names.length > SHOWN_GROUPS ? [`${names.length - SHOWN_GROUPS} more`] : [];
  const shown = [...names.slice(0, SHOWN_GROUPS), ...more];
  const [last = ""] = shown.slice(-1);
  if (shown.length === 1) return `group ${last} can`;
  return `groups ${shown.slice(0, -1).join(", ")} ${all ? "and" : "or"} ${last}${all ? " together" : ""} can`;
}

/** The block that gives the policies their answer. */
export function decidingBlock({ policies }: Pick<Preview, "policies">): PolicyBlock | undefined {
  if (policies?.answer !== "no") return undefined;
  const { asGiven, inherited } = policies.verdict;
  return [...asGiven.blocks, ...inherited.blocks].find(({ answer }) => answer === "no");
}

/** What a policy does, as a sentence: `MirrordPolicy dev/no-steal blocks steal on deployment/web`. */
function blockWords(block: PolicyBlock, { session }: Pick<Preview, "session">): string {
  const on = session === undefined ? "" : ` on ${formatTarget(session.question.target)}`;
  return `${policyName(block.policy)} ${blockVerb(block)}${on}`;
}

/** `blocks steal`. */
export function blockVerb({ field }: PolicyBlock): string {
  const [, feature] = /^spec\.block: (.+)$/.exec(field) ?? [];
  if (feature !== undefined) return `blocks ${feature}`;
  switch (field) {
    case "spec.requireProfile":
      return "requires a mirrord profile";
    case "spec.profileAllowlist":
      return "does not allow this mirrord profile";
    case "spec.network.outgoing":
      return "forbids an outgoing connection";
    default:
      return "requires another header filter";
  }
}

/** A word of two long names fits no line. */
function policyName(policy: PolicyBlock["policy"]): string {
  const { kind, name, namespace } = policy;
  const text = referenceText(policy);
  return namespace === undefined || text.length <= 60 ? text : `${kind} ${name} in ${namespace}`;
}

/** Why: `spec.block has "steal"`. */
export function fieldWords({ field }: PolicyBlock): string {
  const [, feature] = /^spec\.block: (.+)$/.exec(field) ?? [];
  if (feature !== undefined) return `spec.block has ${JSON.stringify(feature)}`;
  return field === "spec.requireProfile" ? `${field} is true` : field;
}
