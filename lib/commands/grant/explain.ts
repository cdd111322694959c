import { shellCommand } from "../../text/shell-quote.ts";
import { formatSubject, parseSubjectNotVerb, commonIdentity } from "../../access/subject.ts";
import { command } from "../../cli/grammar/command.ts";
import { groupName } from "../../kubernetes/subject-text.ts";
import { listFlag } from "../../cli/grammar/flags.ts";
import {
  connectionFlags,
  namespaceFlag,
  noHeadersFlag,
  outputFlag,
  quietFlag,
} from "../../cli/grammar/shared-flags.ts";
import { UserError } from "../../errors.ts";
import { formatTarget } from "../../mirrord/target.ts";
import { parseTypedTarget } from "../../mirrord/typed-target.ts";
import { knownTarget } from "../../reading/target-by-name.ts";
import { missingThing } from "../../preview/obstacles.ts";
import { readTarget } from "../../reading/session-facts.ts";
import { requireMembers } from "../../reading/organizations.ts";
import { readRbac } from "../../reading/rbac-objects.ts";
import { answerLine } from "../../view/lines.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import { printText } from "../../view/text.ts";
import { connectBounded } from "../connection.ts";
import { every } from "../../kubernetes/answers.ts";
import { explainSteps, type Step } from "./explain-steps.ts";
import { showExplanation } from "./show-explanation.ts";

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
    subject: { type: "string", placeholder: "SUBJECT", describe: "Who", required: true, completes: "subject" },
    target: { type: "string", placeholder: "TARGET", describe: "What", required: true, completes: "target" },
  },
  flags: {
    namespace: namespaceFlag,
    ...connectionFlags,
    asGroup: listFlag("GROUP", "A group that the subject is in; may be repeated.", {
      parse: (text: string) => groupName("--as-group", text),
    }),
    quiet: quietFlag,
    output: outputFlag(["table", "json", "yaml"]),
    noHeaders: noHeadersFlag,
  },
  exitCodes: { 0: "the subject can connect", 1: "it cannot" },
  waits: "Reading roles and bindings",
  async run({ subject: who, target: what, namespace: place, asGroup, output, noHeaders, ...connection }, world) {
    const subject = parseSubjectNotVerb(who);
    const typed = parseTypedTarget(what);
    const cluster = await connectBounded({ ...connection, namespace: place }, world);
    const namespace = place ?? cluster.namespace;
    const target = await knownTarget(cluster, typed, namespace);
    const [rbac, { members }, found] = await Promise.all([
      readRbac(cluster, [namespace]),
      requireMembers(cluster, subject),
      readTarget(cluster, { action: "mirror", target, namespace }),
    ]);
    const named = { subject: formatSubject(subject), target: formatTarget(target), namespace };
    const missing = missingThing({ target, namespace }, found);
    if (missing !== undefined) {
      const value = { apiVersion: API_VERSION, kind: "GrantExplanation", ...named, answer: "no", steps: [] };
      if (output === "table") printText([answerLine(`no - ${missing.reason}`)], world);
      else await printDocument({ ...value, reason: missing.reason }, output, world);
      return 1;
    }
    if (rbac.unreadable.length > 0) {
      const words = ["kubectl", "mirrord", "can-i", "mirror", formatTarget(target), "-n", namespace];
      throw new UserError(
        "undetermined",
        `you may not list ${rbac.unreadable.join(", ")}, which the explanation is made from`,
        `Ask for the answer alone: ${shellCommand(words)} --as …`,
      );
    }
    const user = commonIdentity(members, asGroup);
    const steps = explainSteps(rbac.objects, user, target, namespace);
    const answer = every(steps.map((step) => step.answer));
    const { manifests } = connection;
    if (output === "table") showExplanation(subject, { target, namespace, answer, noHeaders, manifests }, steps, world);
    else
      await printDocument(
        { apiVersion: API_VERSION, kind: "GrantExplanation", ...named, answer, steps: steps.map(stepValue) },
        output,
        world,
      );
    if (answer === "unknown") throw new UserError("undetermined", "the RBAC objects alone cannot say");
    return answer === "yes" ? 0 : 1;
  },
});

function stepValue({ words: _words, allows: _allows, ...step }: Step): object {
  return step;
}
