import { shellCommand } from "../../text/shell-quote.ts";
import { intentCollections } from "../../access/collection-plan.ts";
import { decodeIntent } from "../../access/intent.ts";
import { annotations, GRANT_LABEL } from "../../access/names.ts";
import {
  formatSubject,
  isShared,
  parseSubject,
  isSystemSubject,
  type GrantSubject,
  parseSubjectNotVerb,
  commonIdentity,
  subjectWords,
} from "../../access/subject.ts";
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
import type { World } from "../../cli/world.ts";
import { UserError } from "../../errors.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { Answer } from "../../kubernetes/access.ts";
import { plainPlan } from "../../mirrord/plan/session-plan.ts";
import { sessionRequests } from "../../mirrord/session-requests.ts";
import { formatTarget, type Target } from "../../mirrord/target.ts";
import { parseTypedTarget } from "../../mirrord/typed-target.ts";
import { knownTarget } from "../../reading/target-by-name.ts";
import { missingThing } from "../../preview/obstacles.ts";
import { readTarget } from "../../reading/session-facts.ts";
import { requireMembers } from "../../reading/organizations.ts";
import { readRbac } from "../../reading/rbac-objects.ts";
import { describeAttributes } from "../../preview/verdict.ts";
import { authorizer } from "../../rbac/authorizer.ts";
import { ruleText } from "../../rbac/compact.ts";
import { ruleWords } from "../../rbac/rule-words.ts";
import type { Match, RbacRef } from "../../rbac/types.ts";
import { listWords } from "../../text/list-words.ts";
import { nextStep } from "../../text/next-step.ts";
import { shellQuote } from "../../text/shell-quote.ts";
import { answerLine, plainText, toneFor, type Line } from "../../view/lines.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import { printText, wrapLine } from "../../view/text.ts";
import { requestWords } from "../preview/headline.ts";
import { connectBounded } from "../connection.ts";
import { describeSubject } from "../../access/label-risk.ts";

/** One way in which one request of a session is allowed; or a request that nothing allows. */
interface Step {
  request: string;
  /** The same, as the table has it. */
  words: string;
  answer: Answer;
  subject?: string;
  binding?: string;
  role?: string;
  /** As the API server prints it, and in words. */
  rule?: string;
  allows?: string;
  /** The id of the grant that made the binding; absent for one that was made by hand. */
  grant?: string;
  /** The team or the organization that the grant is to, `team:acme/web`, and the collections that it is on. */
  through?: string;
  collections?: string[];
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
    const engine = authorizer(rbac.objects);
    const grants = grantIds(rbac.objects);
    const requests = sessionRequests(plainPlan("mirror", target, namespace)).filter(({ required }) => required);
    const steps = requests.flatMap(({ attributes }): Step[] => {
      const { answer, via } = engine.explain({ user, ...attributes });
      const step = { request: describeAttributes(attributes), words: requestWords(attributes), answer };
      return via.length === 0 ? [step] : via.map((match) => ({ ...step, ...way(match, grants) }));
    });
    const answer: Answer = steps.some((step) => step.answer === "no")
      ? "no"
      : steps.some((step) => step.answer === "unknown")
        ? "unknown"
        : "yes";
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

interface ShowOptions {
  target: Target;
  namespace: string;
  answer: Answer;
  noHeaders: boolean;
  /** The paths of `--manifests`. */
  manifests: readonly string[];
}

/** The answer first, then each request with the ways to it, and the change that would make it a yes. */
function showExplanation(
  subject: GrantSubject,
  { target, namespace, answer, noHeaders, manifests }: ShowOptions,
  steps: readonly Step[],
  world: World,
): void {
  const who = subjectWords(subject);
  const can = { yes: "can", no: "cannot", unknown: "perhaps can" }[answer];
  const isRefused = (step: Step) => step.binding === undefined;
  const isSaidOnce = steps.filter(isRefused).length > 1;
  const shown = steps.map((step) => stepLine(step, isSaidOnce));
  const lines = shown.filter((line, at) => shown.findIndex((other) => sameLine(other, line)) === at);
  const width = world.isTerminal.stdout ? world.columns : Infinity;
  if (!noHeaders)
    printText([answerLine(`${answer} - ${who} ${can} mirror ${formatTarget(target)} in ${namespace}`), ""], world);
  world.print(lines.flatMap((line) => wrapLine(line, width, HANG)));
  if (isSaidOnce) printText(["", `Nothing allows ${steps.every(isRefused) ? "these steps" : "the others"}.`], world);
  if (answer === "yes") return;
  const limit = isCopied(target) ? [] : ["--target", formatTarget(target)];
  const words = ["kubectl", "mirrord", "grant", formatSubject(subject), "--ns", namespace, ...limit];
  const system = isSystemSubject(subject) ? ["--dangerous"] : [];
  const on = isCopied(target) ? `every target in ${namespace}` : `${formatTarget(target)} only`;
  const paste = nextStep([...words, ...system].map(shellQuote).join(" "), manifests);
  printText(["", `To let ${who} use mirrord on ${on}, an administrator can run:`, { paste }], world);
}

/** A copy has no name that a grant could be limited to, and neither have labels. */
const isCopied = ({ kind }: Target) =>
  kind === "job" || kind === "cronjob" || kind === "label" || kind === "targetless";

/** Behind the answer. */
const HANG = 12;

/** `yes  list pods in dev: rolebinding/x (dev) gives role/y (dev) to user jim (list pods), by grant ID`. */
function stepLine(step: Step, isSaidOnce: boolean): Line {
  const { words, answer, binding, role, subject, allows, grant, through, collections = [] } = step;
  const path = [
    ...(through === undefined ? [] : [` to ${subjectWords(parseSubject(through))}`]),
    ...(collections.length === 0 ? [] : [` on collection ${listWords(collections)}`]),
  ].join("");
  const origin = grant === undefined ? "made by hand" : `by grant ${grant}${path}`;
  const refusal = isSaidOnce ? "" : ": nothing allows it";
  const why = binding === undefined ? refusal : `: ${binding} gives ${role} to ${subject} (${allows}), ${origin}`;
  return [{ text: `  ${answer}`, tone: toneFor(answer) }, { text: `${" ".repeat(10 - answer.length)}${words}${why}` }];
}

const sameLine = (one: Line, other: Line) => plainText(one) === plainText(other);

function way(
  { subject, binding, role, rule }: Match,
  grants: ReadonlyMap<string, GrantPath>,
): Omit<Step, "request" | "words" | "answer"> {
  const path = grants.get(reference(binding));
  return {
    subject: describeSubject(subject),
    binding: reference(binding),
    role: reference(role),
    rule: ruleText(rule),
    allows: ruleWords(rule),
    ...path,
  };
}

const reference = ({ kind, name, namespace }: Pick<RbacRef, "name" | "namespace"> & { kind: string }) =>
  `${kind.toLowerCase()}/${name}${namespace === undefined ? "" : ` (${namespace})`}`;

type GrantPath = Required<Pick<Step, "grant">> & Pick<Step, "through" | "collections">;

/** By binding, the grant that made it, and what that says of the way. */
function grantIds(objects: readonly KubernetesObject[]): Map<string, GrantPath> {
  const bindings = objects.filter(({ kind }) => kind.endsWith("Binding"));
  const paths = new Map(
    bindings.flatMap(({ metadata: { labels, annotations: notes } }): [string, GrantPath][] => {
      const grant = labels?.[GRANT_LABEL];
      const intent = decodeIntent(notes?.[annotations.intent]);
      if (grant === undefined || intent === undefined) return [];
      const collections = intentCollections(intent);
      const through = isShared(intent.subject) ? { through: formatSubject(intent.subject) } : {};
      return [[grant, { grant, ...through, ...(collections.length === 0 ? {} : { collections }) }]];
    }),
  );
  return new Map(
    bindings.flatMap(({ kind, metadata: { name = "", namespace, labels } }): [string, GrantPath][] => {
      const grant = labels?.[GRANT_LABEL];
      if (grant === undefined) return [];
      return [
        [reference({ kind, name, ...(namespace === undefined ? {} : { namespace }) }), paths.get(grant) ?? { grant }],
      ];
    }),
  );
}
