import { authorizer } from "../rbac/authorizer.ts";
import { describeSubject } from "../access/label-risk.ts";
import { ruleWords } from "../rbac/rule-words.ts";
import type { Match, NearMiss, RbacRef } from "../rbac/types.ts";
import { grantOrigins, type GrantOrigin } from "./grant-origin.ts";
import type { Check } from "./check.ts";
import type { Preview } from "./preview.ts";
import { parseReason, type ReasonMatch } from "./reason.ts";

/** One way in which a check is allowed. Rule and subject index are known only where the RBAC objects can be read. */
export interface Decider extends ReasonMatch, Partial<Pick<Match, "rule" | "ruleIndex" | "subjectIndex">> {
  /** The grant behind the binding, if this project made it. */
  grant?: GrantOrigin;
}

/** Who decided a check, as far as it can be known. */
export interface Decision {
  /** One line. */
  text: string;
  /** Of a yes: binding, role, rule and subject; several ways are all listed. */
  by?: Decider[];
  /** Of a no: the rules that allow it but for one attribute, nearest first. */
  nearest?: NearMiss[];
}

/** Explains checks from the RBAC objects where they could be read, else from the API server's own words. */
export function explainDecision(
  { rbac, identity }: Pick<Preview, "rbac" | "identity">,
  now: Date,
): (check: Pick<Check, "answer" | "reason" | "attributes">) => Decision {
  const readable = rbac !== undefined && identity.nameless !== true && rbac.unreadable.length === 0;
  const engine = readable ? authorizer(rbac.objects) : undefined;
  const originOf = grantOrigins(rbac?.objects ?? [], now);
  return (check) => {
    const explained =
      check.answer === "unknown" ? undefined : engine?.explain({ user: identity.user, ...check.attributes });
    // Another authorizer of the cluster decided (a webhook, the node authorizer): its word is all there is.
    if (explained === undefined || explained.answer !== check.answer) {
      return fromReason(check, engine !== undefined && check.answer !== "unknown");
    }
    const { via, nearest, reason } = explained;
    if (check.answer === "no") {
      return { text: nearest[0] === undefined ? "nothing grants it" : describeNearMiss(nearest[0]), nearest };
    }
    const by = via.map((match): Decider => {
      const grant = originOf(match.binding);
      return grant === undefined ? match : { ...match, grant };
    });
    return { text: by[0] === undefined ? reason : describeDecider(by[0]), by };
  };
}

function fromReason({ reason }: Pick<Check, "reason">, isReadable: boolean): Decision {
  const match = parseReason(reason);
  if (match !== undefined) return { text: describeDecider(match), by: [match] };
  return { text: reason === "" && isReadable ? "decided by something other than RBAC" : reason };
}

const reference = ({ kind, name, namespace }: RbacRef) =>
  `${kind.toLowerCase()}/${name}${namespace === undefined ? "" : ` (${namespace})`}`;

function describeDecider({ binding, role, rule, subject, grant }: Decider): string {
  const may = rule === undefined ? "" : ` (${ruleWords(rule)})`;
  return `${reference(binding)} gives ${reference(role)}${may} to ${describeSubject(subject)}${grantText(grant)}`;
}

// The subject of a grant is a user, a group, a team or an organization: that is what the access came through.
function grantText(grant: GrantOrigin | undefined): string {
  if (grant === undefined) return "";
  const whom = grant.subject === undefined ? "" : ` for ${grant.subject}`;
  const end = grant.expired ? ", EXPIRED, still bound" : "";
  return `, by grant ${grant.id}${whom}${end}`;
}

function describeNearMiss({ attribute, binding, role, rule }: NearMiss): string {
  if (attribute === "role") return `${reference(binding)} names ${reference(role)}, which does not exist`;
  const may = rule === undefined ? "" : ` (${ruleWords(rule)})`;
  const missed =
    attribute === "namespace" ? "holds elsewhere" : `has another ${attribute === "apiGroup" ? "API group" : attribute}`;
  return `nearest: ${reference(binding)} with ${reference(role)}${may} ${missed}`;
}
