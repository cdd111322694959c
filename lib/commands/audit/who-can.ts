import { warnAboutObjects } from "./warn-objects.ts";
import { currentTime } from "../../reading/current-time.ts";
import { formatSubject } from "../../access/subject.ts";
import { askOtherYes, unshownAccess } from "../../audit/unshown.ts";
import { whoCanSend, type Holder, type RequestsIn } from "../../audit/who-can.ts";
import { command } from "../../cli/grammar/command.ts";
import {
  allNamespacesFlag,
  connectionFlags,
  namespaceFlag,
  noHeadersFlag,
  outputFlag,
} from "../../cli/grammar/shared-flags.ts";
import type { World } from "../../cli/world.ts";
import { computing } from "../../computing.ts";
import { usageError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { isAboutTarget, refuseImpossible, type SessionQuestion } from "../../mirrord/plan/session-question.ts";
import { needs } from "../../mirrord/plan/session-request.ts";
import { sessionRequests } from "../../mirrord/session-requests.ts";
import { likelyPlan, resolveSession } from "../../preview/resolve.ts";
import { requireNamespace } from "../../reading/namespaces.ts";
import { readAllRbac, readRbac } from "../../reading/rbac-objects.ts";
import { readSessionFacts } from "../../reading/session-facts.ts";
import { knownTarget } from "../../reading/target-by-name.ts";
import { markdownReport } from "../../view/markdown.ts";
import { printOutput, printTexts, type Output } from "../../view/output.ts";
import { nothingFound } from "../../view/nothing-found.ts";
import type { PlainQuestion } from "../question/plain-question.ts";
import { parseQuestion, placeSession, type TypedQuestion } from "../question/question.ts";
import { withServedType } from "../question/served-type.ts";
import { clustersConflicts, clustersFlags } from "./clusters/contexts.ts";
import { readClusters, type ClusterAnswer } from "./clusters/read-clusters.ts";
import {
  clusterColumn,
  clusterRows,
  completeness,
  notRead,
  unshownParts,
  warnIncomplete,
  type InCluster,
} from "./clusters/report.ts";

export const whoCan = command({
  name: "audit who-can",
  summary: "List everybody who may do something, and the bindings that allow it.",
  description: [
    "Of a session, only who may send every request that it needs is listed; policies have no say in it. The answer is computed from roles and bindings:",
    "users, groups and service accounts that they name. Who is in a group only the identity provider knows.",
  ].join(" "),
  usage: "(ACTION [TARGET] | VERB TYPE[.GROUP][/NAME][/SUBRESOURCE]) [flags]",
  examples: {
    "kubectl mirrord audit who-can steal deploy/web -n dev": "Everybody who may steal its traffic, and through what",
    "kubectl mirrord audit who-can mirror deploy/web -A": "A deployment of that name, in every namespace",
    "kubectl mirrord audit who-can get secrets -n dev -o json": "A plain Kubernetes question, for a script",
    "kubectl mirrord audit who-can kill-sessions --manifests ./cluster": "In a folder of manifests",
    "kubectl mirrord audit who-can steal deploy/web -n dev --context east,west": "In two clusters",
  },
  positionals: {
    words: {
      type: "list",
      placeholder: "ACTION [TARGET]",
      describe: "An action of mirrord with its target, or a Kubernetes verb with its resource",
      completes: "question",
    },
  },
  flags: {
    namespace: namespaceFlag,
    allNamespaces: allNamespacesFlag,
    output: outputFlag(["table", "wide", "json", "yaml", "csv", "markdown"]),
    noHeaders: noHeadersFlag,
    ...connectionFlags,
    ...clustersFlags,
  },
  conflicts: [
    ...clustersConflicts,
    { option: "namespace", excludes: ["allNamespaces"], message: () => "-n names one namespace, and -A means all" },
  ],
  exitCodes: { 0: "listed", 3: "something that may allow it could not be read, or no object shows it" },
  waits: "Reading roles and bindings",

  async run({ words, namespace, allNamespaces, output: format, noHeaders, ...clusters }, world) {
    const parsed = parseQuestion(words, undefined, "audit who-can");
    const question = { parsed, words, namespace, allNamespaces };
    const answers = await readClusters(clusters, world, (cluster, said) => holdersIn(cluster, question, said));
    const { rows, columns, ...output } = holdersOutput(answers);
    const skipped = notRead(answers);
    const empty = nothingFound("Nobody can.", skipped.length === 0);
    if (format === "markdown") printTexts(markdownReport(columns, rows, { empty, skipped }), world);
    else await printOutput({ rows, columns, empty, ...output }, { format, noHeaders }, world);
    for (const answer of answers)
      if (!("unread" in answer))
        for (const assumption of answer.value.assumptions)
          world.note(`${answer.cluster === undefined ? "" : `${answer.cluster}: `}assuming: ${assumption}`);
    return warnIncomplete(answers, "others may be allowed it, too", world) ? 3 : 0;
  },
});

interface Asked {
  parsed: ReturnType<typeof parseQuestion>;
  /** As they were typed. */
  words: readonly string[];
  namespace: string | undefined;
  allNamespaces: boolean;
}

interface HoldersInCluster {
  holders: Holder[];
  unreadable: readonly string[];
  /** What the cluster allows the caller that no object shows: clauses. */
  unshown: readonly string[];
  assumptions: readonly string[];
}

async function holdersIn(
  cluster: Cluster,
  { parsed, words, namespace, allNamespaces }: Asked,
  world: World,
): Promise<HoldersInCluster> {
  const [verb = "", what = ""] = words;
  const question = parsed.kind === "plain" ? await withServedType(cluster, parsed, [verb, what]) : parsed;
  const { namespace: place } =
    question.kind === "plain"
      ? { namespace: namespace ?? cluster.namespace }
      : placeSession(question, namespace, cluster.namespace);
  const hasPlace = question.kind === "session" || (question.namespaced && !("path" in question.attributes));
  const [rbac, { requestsIn, assumptions, others }] = await Promise.all([
    allNamespaces && hasPlace ? readAllRbac(cluster) : readRbac(cluster, hasPlace ? [place] : []),
    (async () => {
      const asked =
        question.kind === "plain"
          ? { requestsIn: plainRequests(question, world), assumptions: [] }
          : await questionRequests(cluster, question, { place, typed: namespace, allNamespaces }, world);
      const required = asked.requestsIn(allNamespaces ? "" : place).filter((request) => request.required);
      const own = required.map(({ attributes }) => attributes);
      return { ...asked, others: await askOtherYes(cluster, own) };
    })(),
  ]);
  const bound = boundNamespaces(rbac.objects);
  const isSlipLikely = hasPlace && !allNamespaces && !bound.includes(place);
  // Of a session on a target the namespace has been looked for with it.
  if (isSlipLikely && (question.kind === "plain" || !isAboutTarget(question.action)))
    await requireNamespace(cluster, namespace);
  const places = allNamespaces ? bound : [place];
  const { holders, errors } = await computing(world.signal, () =>
    whoCanSend(rbac.objects, hasPlace ? places : "none", requestsIn),
  );
  warnAboutObjects(errors, world);
  // Of half the objects nobody can say what they do not show.
  const unshown = rbac.unreadable.length > 0 ? [] : await unshownAccess(cluster, rbac.objects, others);
  return { holders, unreadable: rbac.unreadable, unshown, assumptions };
}

function plainRequests({ attributes, namespaced, warnings }: PlainQuestion, world: World): RequestsIn {
  for (const warning of warnings) world.warn(warning);
  const ask = (asked: PlainQuestion["attributes"]) => [needs("question", "do what was asked", asked)];
  if ("path" in attributes || !namespaced) return () => ask(attributes);
  return (namespace) => ask({ ...attributes, namespace });
}

/**
 * The requests of a session. In one namespace they are those of the target that is there; over all namespaces those of a
 * usual one.
 */
async function questionRequests(
  cluster: Cluster,
  { action, target }: TypedQuestion,
  { place, typed, allNamespaces }: { place: string; typed: string | undefined; allNamespaces: boolean },
  world: World,
): Promise<{ requestsIn: RequestsIn; assumptions: readonly string[] }> {
  if (target.kind === "bare" && allNamespaces) {
    throw usageError(
      `${JSON.stringify(target.name)} has no kind to look for in all namespaces`,
      `Write the kind as well: deployment/${target.name}.`,
    );
  }
  const known = await knownTarget(cluster, target, place);
  const placed = placeSession({ action, target }, place, place);
  const question: SessionQuestion = { ...placed, target: known, allNamespaces };
  refuseImpossible(question);
  if (allNamespaces || !isAboutTarget(action)) {
    const requestsIn: RequestsIn = (namespace) => sessionRequests({ ...likelyPlan(question), namespace });
    return { requestsIn, assumptions: [] };
  }
  const facts = await readSessionFacts(cluster, question);
  if (facts.target.namespaceMissing) await requireNamespace(cluster, typed);
  const { plan, obstacles, assumptions } = resolveSession(facts, currentTime(cluster, world.now()));
  for (const { reason } of obstacles) world.warn(`whoever may, the session would not work: ${reason}`);
  return { requestsIn: (namespace) => sessionRequests({ ...plan, namespace }), assumptions };
}

function boundNamespaces(objects: readonly { kind: string; metadata: { namespace?: string } }[]): string[] {
  const bindings = objects.filter(({ kind }) => kind === "RoleBinding");
  return [...new Set(bindings.flatMap(({ metadata }) => metadata.namespace ?? []))].toSorted();
}

function holdersOutput(answers: readonly ClusterAnswer<HoldersInCluster>[]): Output<InCluster<Holder>> {
  const rows = clusterRows(answers, ({ holders }) => holders);
  return {
    kind: "WhoCan",
    value: {
      ...completeness(answers),
      unshown: unshownParts(answers),
      items: rows.map(({ subject, ...holder }) => ({ subject: formatSubject(subject), ...holder })),
    },
    rows,
    columns: {
      ...clusterColumn(answers),
      SUBJECT: ({ subject }) => formatSubject(subject),
      NAMESPACES: ({ namespaces }) => placesText(namespaces),
      THROUGH: (holder) => through(holder).join(", "),
      ROLES: { wide: (holder) => roles(holder).join(", ") },
    },
    bounded: true,
  };
}

function placesText(namespaces: readonly string[]): string {
  if (namespaces.length === 0) return "-";
  return namespaces[0] === "*" ? "<all>" : namespaces.join(",");
}

/** `system:masters` holds by itself. */
function through({ steps }: Holder): string[] {
  return distinct(
    steps,
    ({ binding: { kind, namespace, name } }) =>
      `${kind.toLowerCase()}/${name}${namespace === undefined ? "" : ` (${namespace})`}`,
  );
}

function roles({ steps }: Holder): string[] {
  return distinct(steps, ({ role: { kind, name } }) => `${kind.toLowerCase()}/${name}`);
}

function distinct(
  steps: Holder["steps"],
  text: (match: NonNullable<Holder["steps"][number]["match"]>) => string,
): string[] {
  const texts = new Set(steps.map(({ match }) => (match === undefined ? "the API server itself" : text(match))));
  return [...texts];
}
