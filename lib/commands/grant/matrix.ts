import { command } from "../../cli/grammar/command.ts";
import { connectionFlags, noHeadersFlag, outputFlag } from "../../cli/grammar/shared-flags.ts";
import { sharedSubjects } from "../../access/organizations/directory.ts";
import { formatSubject, isShared, parseSubject, type GrantSubject } from "../../access/subject.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { parseTeamName } from "../../kubernetes/organization-name.ts";
import { readDirectory } from "../../reading/organizations.ts";
import { readAllRbac } from "../../reading/rbac-objects.ts";
import type { Columns } from "../../view/columns.ts";
import { printOutput } from "../../view/output.ts";
import { currentTime } from "../../reading/current-time.ts";
import { readGrantContexts } from "../../reading/grant-context.ts";
import { connectBounded } from "../connection.ts";
import { readShownGrants } from "../../reading/grants.ts";
import { grantRow, UNKNOWN, type GrantRow } from "../../access/grant-row.ts";
import { unmanagedRows } from "../../access/unmanaged.ts";

interface MatrixRow {
  /** Undefined for one of an unknown kind. */
  subject?: string;
  /** By namespace, `*` for all: the roles there; a limited one with its targets. */
  roles: Record<string, string[]>;
}

export const matrix = command({
  name: "grant matrix",
  summary: "Show who has which role where.",
  description:
    "A line for each subject and a column for each namespace, from grants and from bindings made by hand (in brackets).",
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
    const [{ grants, anchorsRead }, rbac] = await Promise.all([readShownGrants(cluster), readAllRbac(cluster)]);
    const contexts = await readGrantContexts(cluster, grants, {
      now: currentTime(cluster, world.now()).getTime(),
      weakness: false,
      anchorsRead,
    });
    if (rbac.unreadable.length > 0)
      world.warn(`you may not list ${rbac.unreadable.join(", ")}: bindings made by hand may be missing`);
    const all = [...grants.map((grant) => grantRow(grant, contexts.of(grant))), ...unmanagedRows(rbac.objects, grants)];
    const wanted = only && (await ways(cluster, only));
    const rows = matrixRows(all.filter((row) => wanted === undefined || wanted.has(row.subject ?? "")));
    const namespaces = [...new Set(rows.flatMap(({ roles }) => Object.keys(roles)))].toSorted();
    const columns = namespaces.map((namespace): [string, Columns<MatrixRow>[string]] => [
      namespace === "*" ? "<all>" : namespace,
      { short: ({ roles }) => (Object.hasOwn(roles, namespace) ? (roles[namespace] ?? []).join(",") : "-") },
    ]);
    await printOutput(
      {
        kind: "GrantMatrix",
        value: { namespaces, items: rows.map((row) => ({ ...row, subject: row.subject ?? null })) },
        rows,
        columns: { SUBJECT: (row) => row.subject ?? UNKNOWN, ...Object.fromEntries(columns) },
        empty: "No grants found.",
      },
      { format: output, noHeaders },
      world,
    );
    return 0;
  },
});

/** The subject, and the teams and organizations through which it has more. */
async function ways(cluster: Cluster, subject: GrantSubject): Promise<Set<string>> {
  if (subject.kind === "Team") {
    return new Set([formatSubject(subject), `org:${parseTeamName(subject.name).organization}`]);
  }
  const directory = isShared(subject) ? undefined : await readDirectory(cluster);
  const shared = directory === undefined || isShared(subject) ? [] : sharedSubjects(directory, [subject]);
  return new Set([subject, ...shared].map(formatSubject));
}

/** What is over gives nothing, and is left out. */
function matrixRows(grants: readonly GrantRow[]): MatrixRow[] {
  const bySubject = new Map<string, Map<string, Set<string>>>();
  for (const { subject = "", role = "", targets, namespaces, managed, status } of grants) {
    if (status === "expired" || status === "unreadable") continue;
    const name = targets.length === 0 ? role : `${role}:${targets.join("+")}`;
    const places = bySubject.get(subject) ?? new Map<string, Set<string>>();
    bySubject.set(subject, places);
    for (const namespace of namespaces) {
      const roles = places.get(namespace) ?? new Set<string>();
      places.set(namespace, roles.add(managed ? name : `[${name}]`));
    }
  }
  return [...bySubject]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([subject, places]) => ({
      ...(subject === "" ? {} : { subject }),
      roles: Object.fromEntries([...places].map(([namespace, roles]) => [namespace, [...roles].toSorted()])),
    }));
}
