import { shellCommand } from "../../text/shell-quote.ts";
import { GRANT_LABEL } from "../../access/names.ts";
import { formatSubject, parseSubjectNotVerb, subjectIdentity } from "../../access/subject.ts";
import { command } from "../../cli/grammar/command.ts";
import {
  connectionFlags,
  impersonationFlags,
  namespaceFlag,
  noHeadersFlag,
  outputFlag,
} from "../../cli/grammar/shared-flags.ts";
import { UserError } from "../../errors.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { Answer } from "../../kubernetes/access.ts";
import { plainPlan } from "../../mirrord/plan/session-plan.ts";
import { sessionRequests } from "../../mirrord/session-requests.ts";
import { formatTarget, parseTarget } from "../../mirrord/target.ts";
import { readRbac } from "../../reading/rbac-objects.ts";
import { describeAttributes } from "../../preview/verdict.ts";
import { authorizer } from "../../rbac/authorizer.ts";
import { ruleText } from "../../rbac/compact.ts";
import type { Match, RbacRef } from "../../rbac/types.ts";
import { printOutput } from "../../view/output.ts";
import { connectBounded } from "../connection.ts";
import { describeSubject } from "../../access/label-risk.ts";

/** One way in which one request of a session is allowed; or a request that nothing allows. */
interface Step {
  request: string;
  answer: Answer;
  subject?: string;
  binding?: string;
  role?: string;
  rule?: string;
  /** The id of the grant that made the binding; absent for one that was made by hand. */
  grant?: string;
}

export const explain = command({
  name: "grant explain",
  summary: "Show the way from a subject to a target: binding, role, rule.",
  description:
    "For each request of a session, every binding that allows it, with its role, the rule, and the grant that made it.",
  usage: "SUBJECT TARGET [-n NAMESPACE] [flags]",
  examples: {
    "kubectl mirrord grant explain jim deploy/web -n dev": "Why jim can, or cannot",
    "kubectl mirrord grant explain jim deploy/web -n dev --as-group oidc:backend": "With a group that jim is in",
  },
  positionals: {
    subject: { type: "string", placeholder: "SUBJECT", describe: "Who", required: true },
    target: { type: "string", placeholder: "KIND/NAME", describe: "What", required: true, completes: "target" },
  },
  flags: {
    namespace: namespaceFlag,
    ...connectionFlags,
    asGroup: { ...impersonationFlags.asGroup, describe: "A group that the subject is in; may be repeated." },
    output: outputFlag(["table", "json", "yaml"]),
    noHeaders: noHeadersFlag,
  },
  exitCodes: { 0: "the subject can connect", 1: "it cannot" },
  async run({ subject: who, target: what, namespace: place, asGroup, output, noHeaders, ...connection }, world) {
    const subject = parseSubjectNotVerb(who);
    const target = parseTarget(what);
    const cluster = await connectBounded({ ...connection, namespace: place }, world);
    const namespace = place ?? cluster.namespace;
    const rbac = await readRbac(cluster, [namespace]);
    if (rbac.unreadable.length > 0) {
      const words = ["kubectl", "mirrord", "can-i", "mirror", formatTarget(target), "-n", namespace];
      throw new UserError(
        "undetermined",
        `you may not list ${rbac.unreadable.join(", ")}, which the explanation is made from`,
        `Ask for the answer alone: ${shellCommand(words)} --as …`,
      );
    }
    const user = subjectIdentity(subject, asGroup);
    const engine = authorizer(rbac.objects);
    const grants = grantIds(rbac.objects);
    const requests = sessionRequests(plainPlan("mirror", target, namespace)).filter(({ required }) => required);
    const steps = requests.flatMap(({ attributes }): Step[] => {
      const { answer, via } = engine.explain({ user, ...attributes });
      const request = describeAttributes(attributes);
      return via.length === 0
        ? [{ request, answer }]
        : via.map((match) => ({ request, answer, ...way(match, grants) }));
    });
    const answer: Answer = steps.some((step) => step.answer === "no")
      ? "no"
      : steps.some((step) => step.answer === "unknown")
        ? "unknown"
        : "yes";
    await printOutput(
      {
        kind: "GrantExplanation",
        value: { subject: formatSubject(subject), target: formatTarget(target), namespace, answer, steps },
        rows: steps,
        bounded: true,
        columns: {
          REQUEST: ({ request }) => request,
          ANSWER: (step) => step.answer,
          SUBJECT: (step) => step.subject,
          BINDING: ({ binding }) => binding,
          ROLE: ({ role }) => role,
          RULE: ({ rule }) => rule,
          GRANT: ({ grant, binding }) => grant ?? (binding === undefined ? undefined : "unmanaged"),
        },
      },
      { format: output, noHeaders },
      world,
    );
    if (answer === "unknown") throw new UserError("undetermined", "the RBAC objects alone cannot say");
    return answer === "yes" ? 0 : 1;
  },
});

function way(
  { subject, binding, role, rule }: Match,
  grants: ReadonlyMap<string, string>,
): Omit<Step, "request" | "answer"> {
  const grant = grants.get(reference(binding));
  return {
    subject: describeSubject(subject),
    binding: reference(binding),
    role: reference(role),
    rule: ruleText(rule),
    ...(grant === undefined ? {} : { grant }),
  };
}

const reference = ({ kind, name, namespace }: RbacRef) =>
  `${kind.toLowerCase()}/${name}${namespace === undefined ? "" : ` (${namespace})`}`;

function grantIds(objects: readonly KubernetesObject[]): Map<string, string> {
  return new Map(
    objects.flatMap(({ kind, metadata: { name = "", namespace, labels } }): [string, string][] => {
      const id = labels?.[GRANT_LABEL];
      if (id === undefined || !kind.endsWith("Binding")) return [];
      return [[`${kind.toLowerCase()}/${name}${namespace === undefined ? "" : ` (${namespace})`}`, id]];
    }),
  );
}
