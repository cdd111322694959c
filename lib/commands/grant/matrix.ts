import { command } from "../../cli/grammar/command.ts";
import { connectionFlags, noHeadersFlag, outputFlag } from "../../cli/grammar/shared-flags.ts";
import { sharedSubjects } from "../../access/organizations/directory.ts";
import { formatSubject, isShared, parseSubject, type GrantSubject } from "../../access/subject.ts";
import type { World } from "../../cli/world.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { parseTeamName } from "../../kubernetes/organization-name.ts";
import { readDirectory } from "../../reading/organizations.ts";
import { readAllRbac } from "../../reading/rbac-objects.ts";
import type { Columns } from "../../view/columns.ts";
import { printOutput, type OutputOptions } from "../../view/output.ts";
import { currentTime } from "../../reading/current-time.ts";
import { readGrantContexts } from "../../reading/grant-context.ts";
import { connectBounded } from "../connection.ts";
import { readShownGrants } from "../../reading/grants.ts";
import {
  matrixCells,
  matrixLines,
  matrixPaths,
  rolesBySubject,
  pathSentence,
  type MatrixLine,
  type SubjectRoles,
} from "../../access/matrix.ts";
import { computing } from "../../computing.ts";
import { UserError } from "../../errors.ts";
import { readNamespaces, readOperatorNamespace } from "../../reading/namespaces.ts";
import { readingOnce } from "../../reading/reading-once.ts";
import { printText } from "../../view/text.ts";
import { grantRow, UNKNOWN } from "../../access/grant-row.ts";
import { unmanagedRows } from "../../access/unmanaged.ts";

export const matrix = command({
  name: "grant matrix",
  summary: "Show who has which role where.",
  description: [
    "A line for each subject and a column for each namespace, from grants and from bindings made by hand (in brackets); a role with the",
    "collection that it came by. Of more than 50 namespaces a table has lines instead: a subject, its namespaces, its roles there.",
    "Of one subject, and with -o wide, each way is a sentence: team, organization, collection, grant.",
  ].join(" "),
  usage: "[SUBJECT] [flags]",
  examples: {
    "kubectl mirrord grant matrix": "Everybody",
    "kubectl mirrord grant matrix group:oidc:backend -o csv": "One subject, for a spreadsheet",
  },
  positionals: {
    subject: {
      type: "string",
      placeholder: "SUBJECT",
      describe: "Only this subject, with its teams and organizations",
      completes: "subject",
    },
  },
  flags: {
    output: outputFlag(["table", "wide", "json", "yaml", "csv"]),
    noHeaders: noHeadersFlag,
    ...connectionFlags,
  },
  waits: "Reading the grants",
  async run({ subject, output, noHeaders, ...connection }, world) {
    const only = subject === undefined ? undefined : parseSubject(subject);
    const cluster = await connectBounded(connection, world);
    // Who has what, and not whether it ends: without the right to list jobs it is the same.
    const seen = readingOnce(cluster);
    const [{ grants, anchorsRead }, rbac, all, operator] = await Promise.all([
      readShownGrants(seen),
      readAllRbac(seen),
      readNamespaces(seen),
      readOperatorNamespace(seen),
    ]);
    const contexts = await readGrantContexts(seen, grants, {
      operator,
      now: currentTime(cluster, world.now()).getTime(),
      weakness: false,
      anchorsRead,
    });
    if (rbac.unreadable.length > 0)
      world.warn(`you may not list ${rbac.unreadable.join(", ")}: bindings made by hand may be missing`);
    for (const text of contexts.unread) world.warn(text);
    const places = { all, operator, offline: cluster.offline };
    const wanted = only && (await ways(seen, only));
    const names = wanted && new Set([...wanted].map(formatSubject));
    const rows = await computing(world.signal, () => {
      const found = [
        ...grants.map((grant) => ({ row: grantRow(grant, contexts.of(grant)), grant })),
        ...unmanagedRows(rbac.objects, grants).map((row) => ({ row, grant: undefined })),
      ];
      return rolesBySubject(
        found
          .filter(({ row }) => names === undefined || names.has(row.subject ?? ""))
          .map(({ row, grant }) => ({ row, paths: matrixPaths(row, grant, places) })),
      );
    });
    await printMatrix(rows, { format: output, noHeaders }, world);
    const member = only && { subject: only, teams: teamNames(wanted ?? []) };
    if (rows.length > 0 && (output === "wide" || (output === "table" && only !== undefined && !noHeaders))) {
      const lines = rows.flatMap(({ subject: name, paths }) =>
        paths.map((path) => pathSentence(path, name === undefined ? undefined : parseShown(name), member)),
      );
      printText(["", ...new Set(lines)], world);
    }
    return 0;
  },
});

/** With more namespaces than this, what a subject has is lines: a line of so many columns is read by nobody. */
const MOST_COLUMNS = 50;

async function printMatrix(rows: readonly SubjectRoles[], options: OutputOptions, world: World): Promise<void> {
  const namespaces = [...new Set(rows.flatMap(({ roles }) => Object.keys(roles)))].toSorted();
  const output = {
    kind: "GrantMatrix",
    value: { namespaces, items: rows.map((row) => ({ ...row, subject: row.subject ?? null })) },
    empty: "No grants found.",
  };
  const isTable = options.format === "table" || options.format === "wide";
  if (isTable && namespaces.length > MOST_COLUMNS)
    return await printOutput({ ...output, rows: matrixLines(rows), columns: lineColumns }, options, world);
  const columns = namespaces.map((namespace): [string, Columns<CellRow>[string]] => [
    shownPlace(namespace),
    { short: ({ cells }) => cells.get(namespace) ?? "-" },
  ]);
  const cellRows = rows.map((row): CellRow => ({ subject: row.subject, cells: matrixCells(row) }));
  await printOutput(
    { ...output, rows: cellRows, columns: { SUBJECT: subjectText, ...Object.fromEntries(columns) } },
    options,
    world,
  );
}

interface CellRow {
  subject: string | undefined;
  /** By namespace. */
  cells: ReadonlyMap<string, string>;
}

const shownPlace = (namespace: string): string => (namespace === "*" ? "<all>" : namespace);
const subjectText = ({ subject }: { subject?: string | undefined }): string => subject ?? UNKNOWN;

const lineColumns: Columns<MatrixLine> = {
  SUBJECT: subjectText,
  NAMESPACES: { items: ({ namespaces }) => namespaces.map(shownPlace).join(",") },
  ROLES: ({ roles }) => roles,
};

const teamNames = (subjects: readonly GrantSubject[]) =>
  subjects.flatMap((each) => (each.kind === "Team" ? [each.name] : []));

/** As a row names it; several, or one of an unknown kind, are nobody that a sentence could be about. */
function parseShown(name: string): GrantSubject | undefined {
  try {
    return parseSubject(name);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** The subject, and the teams and organizations through which it has more. */
async function ways(cluster: Cluster, subject: GrantSubject): Promise<GrantSubject[]> {
  if (subject.kind === "Team") {
    return [subject, { kind: "Organization", name: parseTeamName(subject.name).organization }];
  }
  const directory = isShared(subject) ? undefined : await readDirectory(cluster);
  const shared = directory === undefined || isShared(subject) ? [] : sharedSubjects(directory, [subject]);
  return [subject, ...shared];
}
