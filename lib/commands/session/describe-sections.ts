import { shellCommand } from "../../text/shell-quote.ts";
import { portText, type Session } from "../../mirrord/session/session.ts";
import type { Decider } from "../../preview/explain.ts";
import type { RbacRef } from "../../rbac/types.ts";
import type { Admission, Policies } from "./admission.ts";
import type { Section } from "../../view/describe-lines.ts";
import { durationText, targetText } from "../session-view.ts";
import type { Staleness } from "./stale.ts";

export interface Described {
  session: Session;
  admission: Admission | undefined;
  policies: Policies;
  staleness: Staleness;
}

/** Everything that is known of a session, in the order in which one asks. */
export function describeSections({ session, admission, policies, staleness }: Described): Section[] {
  const { owner, ci, queues } = session;
  const reading = owner.certain || owner.kubernetesUser === undefined ? "" : " (as the client says)";
  const splits = Object.entries(queues).flatMap(([kind, list]) =>
    list.length === 0 ? [] : [`${kind}: ${list.length}`],
  );
  const more: Section[] = [
    ["Session key", session.key ?? ""],
    ["Header filter", session.httpFilter ?? ""],
    ["Client version", session.clientVersion ?? ""],
    ["Git branch", session.branch ?? ""],
    ["CI", ci === undefined ? "" : Object.entries(ci).map(([name, value]) => `${name}: ${String(value)}`)],
    ["Phase", session.phase ?? ""],
    ["Clusters", session.clusters ?? ""],
    ["Part of", session.parent ?? ""],
    ["Queue splits", splits],
  ];
  return [
    ["ID", session.id],
    ["Kind", session.kind],
    ["Namespace", session.namespace ?? ""],
    ["Target", targetText(session)],
    ["User", session.user],
    ["  Name", owner.name ?? ""],
    ["  Kubernetes user", owner.kubernetesUser === undefined ? "" : `${owner.kubernetesUser}${reading}`],
    ["  Host", owner.host ?? ""],
    ["  User id", session.userId ?? ""],
    ["Running for", durationText(session.seconds)],
    ["Started", session.startedAt ?? ""],
    ["Locked ports", session.ports.map(portText)],
    ...more.filter(([, value]) => value.length > 0),
    ["Let in by", admissionLines(admission)],
    ["Could start it again", startAgainText(staleness)],
    ["Policies", policyLines(policies)],
    ["To end it", shellCommand(["kubectl", "mirrord", "session", "kill"], [session.id])],
  ];
}

const startAgain = { yes: "no", no: "yes", unknown: "unknown" } as const;

function startAgainText({ answer, reason }: Described["staleness"]): string {
  return reason === "" ? startAgain[answer] : `${startAgain[answer]} - ${reason}`;
}

function admissionLines(admission: Admission | undefined): string[] {
  if (admission === undefined) return ["unknown: whose session it is, or what on, cannot be told"];
  const { request, answer, reason, by, groups, unreadable = [] } = admission;
  const ways = by.map(deciderText);
  const others = groups.map((group) => `perhaps group ${JSON.stringify(group)}, if its owner is in it`);
  const more = unreadable.length === 0 ? [] : [`perhaps more: you may not list ${unreadable.join(", ")}`];
  if (ways.length + others.length > 0) return [`(${request})`, ...ways, ...others, ...more];
  if (answer === "yes") return [`(${request})`, reason === "" ? "something other than RBAC" : reason, ...more];
  return [`(${request})`, answer === "no" ? "nothing that is there now" : `unknown: ${reason}`, ...more];
}

function deciderText({ binding, role, subject, grant }: Decider): string {
  const by = `${refText(binding)} gives ${refText(role)} to ${subject.kind} ${subject.name}`;
  if (grant === undefined) return by;
  const end = grant.expired ? ", EXPIRED, still bound" : "";
  return `${by}, by grant ${grant.id}${grant.subject === undefined ? "" : ` for ${grant.subject}`}${end}`;
}

const refText = ({ kind, name, namespace }: RbacRef): string =>
  `${kind} ${name}${namespace === undefined ? "" : ` in namespace ${namespace}`}`;

function policyLines(policies: Policies): string[] {
  if (!policies.known) return [`unknown: ${policies.why}`];
  return policies.policies.map(({ kind, name, namespace, applies, refuses }) => {
    const place = namespace === undefined ? "" : ` in namespace ${namespace}`;
    const doubt = applies === "yes" ? "" : ", perhaps";
    return `${kind} ${name}${place}${doubt}${refuses.length === 0 ? "" : `: ${refuses.join(" ")}`}`;
  });
}
