import { warnAboutObjects } from "./warn-objects.ts";
import { directory, sharedSubjects } from "../../access/organizations/directory.ts";
import { organizationType } from "../../access/organizations/definition.ts";
import { formatSubject, isShared, parseSubject, type GrantSubject } from "../../access/subject.ts";
import { groupings, groupRows, type ShownRow } from "../../audit/matrix.ts";
import { impliedGroups } from "../../audit/rights.ts";
import { command } from "../../cli/grammar/command.ts";
import { listFlag, stringFlag } from "../../cli/grammar/flags.ts";
import { connectionFlags, noHeadersFlag, outputFlag } from "../../cli/grammar/shared-flags.ts";
import type { World } from "../../cli/world.ts";
import { computing } from "../../computing.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { actions, type Action } from "../../mirrord/plan/session-plan.ts";
import { formatTarget, parseTarget, type Target } from "../../mirrord/target.ts";
import { requireNamespace } from "../../reading/namespaces.ts";
import { readAllRbac } from "../../reading/rbac-objects.ts";
import { readList } from "../../reading/read.ts";
import { listWords } from "../../text/list-words.ts";
import type { Columns } from "../../view/columns.ts";
import { markdownReport } from "../../view/markdown.ts";
import { printOutput, printTexts } from "../../view/output.ts";
import { nothingFound } from "../../view/nothing-found.ts";
import { clustersConflicts, clustersFlags } from "./clusters/contexts.ts";
import { readClusters } from "./clusters/read-clusters.ts";
import { clusterColumn, clusterRows, completeness, notRead, placeText, warnIncomplete } from "./clusters/report.ts";
import { anyTarget, htmlMatrix, sessionMatrix, shownActions, type MatrixLine } from "./matrix-lines.ts";
import { printPage } from "./page.ts";

export const matrix = command({
  name: "audit matrix",
  summary: "Show who may do what where, for all subjects at once.",
  description: [
    "A line for each user, group and service account that bindings name, and a column for each action; cells say in which namespaces. With targets,",
    "a line for each of them. Of a session all requests that it needs must be allowed; policies have no say in it. The control plane is left out.",
  ].join(" "),
  usage: "[TARGET...] [flags]",
  examples: {
    "kubectl mirrord audit matrix": "Everybody, any Deployment",
    "kubectl mirrord audit matrix deploy/web deploy/cart -n dev": "Two targets in one namespace",
    "kubectl mirrord audit matrix --subject group:oidc:backend": "One subject",
    "kubectl mirrord audit matrix --group-by namespace -o csv": "Who may do what, by namespace, for a spreadsheet",
    "kubectl mirrord audit matrix --context east,west": "Two clusters in one table",
  },
  positionals: {
    targets: {
      type: "list",
      placeholder: "TARGET",
      describe: "A workload by its kind and name; without one, any Deployment",
      completes: "target",
    },
  },
  flags: {
    subject: listFlag("SUBJECT", "Only these subjects, and the groups that they are always in; may be repeated.", {
      completes: "subject",
    }),
    namespace: listFlag("NAMESPACE", "Only these namespaces; may be repeated.", {
      short: "n",
      also: ["ns"],
      completes: "namespace",
    }),
    groupBy: stringFlag("WHAT", "What the lines are: subject, team, namespace or role.", {
      values: groupings,
      default: "subject",
    }),
    output: outputFlag(["table", "wide", "json", "yaml", "csv", "markdown", "html"]),
    noHeaders: noHeadersFlag,
    ...connectionFlags,
    ...clustersFlags,
  },
  conflicts: clustersConflicts,
  exitCodes: { 0: "listed", 3: "something that may allow more could not be read" },
  waits: "Reading roles and bindings",

  async run({ targets, subject, namespace, groupBy, output: format, noHeaders, ...clusters }, world) {
    const asked = targets.length === 0 ? [anyTarget] : targets.map((text) => parseTarget(text));
    const named = subject.map((text) => parseSubject(text));
    const wanted = new Set(named.flatMap((one) => [one, ...impliedGroups(one)]).map(formatSubject));
    const filter = { targets: asked, wanted, namespaces: namespace, groupBy };
    const answers = await readClusters(clusters, world, (cluster, said) => linesIn(cluster, filter, said));
    const lines = clusterRows(answers, (value) => value.lines);
    const hasTargets = asked[0] !== anyTarget;
    const skipped = notRead(answers);
    const output = {
      kind: "AccessMatrix",
      value: {
        ...completeness(answers),
        groupBy,
        items: lines.map(({ cluster, name, target, cells }) => ({
          ...(cluster === undefined ? {} : { cluster }),
          [groupBy]: name,
          ...(target === "" ? {} : { target }),
          actions: cells,
        })),
      },
      rows: lines,
      columns: {
        ...clusterColumn(answers),
        ...columns(groupBy, hasTargets, format === "csv" ? "" : "-"),
      },
      empty: nothingFound(nothingText(named, namespace, groupBy), skipped.length === 0),
    };
    if (format === "html") {
      const shown = { title: "mirrord access matrix", matrix: htmlMatrix(lines, groupBy, hasTargets) };
      const place = placeText(answers, ({ place: each }) => each);
      await printPage(shown, { place, now: world.now(), missing: skipped }, world);
    } else if (format === "markdown") {
      const { columns: shown, rows, empty } = output;
      printTexts(markdownReport(shown, rows, { empty, skipped }), world);
    } else await printOutput(output, { format, noHeaders }, world);
    return warnIncomplete(answers, "others may be allowed more", world) ? 3 : 0;
  },
});

function nothingText(subjects: readonly GrantSubject[], namespaces: readonly string[], groupBy: string): string {
  const where = namespaces.length === 0 ? "" : ` in ${listWords(namespaces, "or")}`;
  if (subjects.length > 0) return `No access of ${listWords(subjects.map(formatSubject), "or")}${where} was found.`;
  return `Nobody${groupBy === "team" ? " who is in a team" : ""} can do anything${where}.`;
}

interface Filter {
  targets: readonly Target[];
  /** Subjects as they are written; empty: everybody. */
  wanted: ReadonlySet<string>;
  /** Empty: all. */
  namespaces: readonly string[];
  groupBy: (typeof groupings)[number];
}

async function linesIn(
  cluster: Cluster,
  { targets, wanted, namespaces, groupBy }: Filter,
  world: Pick<World, "warn" | "signal">,
): Promise<{ lines: MatrixLine[]; unreadable: string[]; place: string }> {
  for (const namespace of namespaces) await requireNamespace(cluster, namespace);
  const [rbac, teams] = await Promise.all([readAllRbac(cluster), groupBy === "team" ? readTeams(cluster) : noTeams]);
  const errors = new Set<string>();
  const linesAbout = (target: Target): MatrixLine[] => {
    const found = sessionMatrix(rbac.objects, target);
    for (const error of found.errors) errors.add(error);
    const rows = found.rows
      .filter((row) => wanted.size === 0 || wanted.has(formatSubject(row.subject)))
      .map((row) => ({ ...row, allowed: within(row.allowed, namespaces) }));
    const name = target === anyTarget ? "" : formatTarget(target);
    const grouped = groupRows(rows, groupBy, teams.of);
    return grouped.filter(({ cells }) => Object.keys(cells).length > 0).map((row) => ({ ...row, target: name }));
  };
  const lines = await computing(world.signal, () => targets.flatMap(linesAbout));
  warnAboutObjects(errors, world);
  return { lines, unreadable: [...rbac.unreadable, ...teams.unreadable], place: cluster.place };
}

/** What is allowed everywhere is allowed in these namespaces, too. */
function within(allowed: ShownRow["cells"], namespaces: readonly string[]): ShownRow["cells"] {
  if (namespaces.length === 0) return allowed;
  const kept = actions.flatMap((action): [Action, string[]][] => {
    const places = (allowed[action] ?? []).filter((place) => place === "*" || namespaces.includes(place));
    return places.length === 0 ? [] : [[action, places]];
  });
  return Object.fromEntries(kept);
}

interface Teams {
  of: (subject: GrantSubject) => string[];
  unreadable: string[];
}

const noTeams: Teams = { of: () => [], unreadable: [] };

async function readTeams(cluster: Cluster): Promise<Teams> {
  const read = await readList(cluster, organizationType);
  if (read.failed) return { ...noTeams, unreadable: [organizationType.resource] };
  const known = directory(read.value);
  return {
    of: (subject) => (isShared(subject) ? [] : sharedSubjects(known, [subject]).map(formatSubject)),
    unreadable: [],
  };
}

function columns(groupBy: string, hasTargets: boolean, nothing: string): Columns<MatrixLine> {
  const places = (action: Action) => ({
    items: ({ cells }: MatrixLine) =>
      (cells[action] ?? []).map((place) => (place === "*" ? "<all>" : place)).join(",") || nothing,
  });
  return {
    [groupBy.toUpperCase()]: ({ name }) => (name === "*" ? "<all>" : name),
    ...(hasTargets ? { TARGET: ({ target }: MatrixLine) => target } : {}),
    ...Object.fromEntries(shownActions.map((action) => [action.toUpperCase(), places(action)])),
  };
}
