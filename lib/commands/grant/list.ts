import { booleanFlag, listFlag, stringFlag } from "../../cli/grammar/flags.ts";
import { parseSubject, formatSubject } from "../../access/subject.ts";
import { command } from "../../cli/grammar/command.ts";
import { age, parseDuration } from "../../text/duration.ts";
import {
  allNamespacesFlag,
  connectionFlags,
  namespaceFlag,
  noHeadersFlag,
  outputFlag,
  quietFlag,
} from "../../cli/grammar/shared-flags.ts";
import { parseTime } from "../../text/instant.ts";
import { readAllRbac } from "../../reading/rbac-objects.ts";
import type { Columns } from "../../view/columns.ts";
import { printOutput } from "../../view/output.ts";
import { currentTime } from "../../reading/current-time.ts";
import { readGrantContexts } from "../../reading/grant-context.ts";
import { diffWithFiles, listFiles } from "./list-files.ts";
import { connectBounded } from "../connection.ts";
import { readShownGrants } from "../../reading/grants.ts";
import { findingText, grantRow, grantValue, timeLeft, type GrantRow } from "../../access/grant-row.ts";
import { boundSubjects, type StoredGrant } from "../../access/stored.ts";
import { unmanagedRows } from "../../access/unmanaged.ts";

export const list = command({
  name: "grant list",
  summary: "List the grants of the cluster.",
  description: [
    "Compares each grant with what stands in the cluster and says what is not as it was granted. Bindings to mirrord's roles that",
    "were made by hand are shown as unmanaged.",
  ].join(" "),
  usage: "[SUBJECT] [flags]",
  examples: {
    "kubectl mirrord grant list": "All grants",
    "kubectl mirrord grant list jim -n dev -o wide": "Those of jim that hold in namespace dev",
    "kubectl mirrord grant list --expiring-within 24h": "Those that end within a day",
    "kubectl mirrord grant list -f grants/ --diff": "What differs from the files of a repository",
  },
  positionals: { subject: { type: "string", placeholder: "SUBJECT", describe: "Only the grants of this subject" } },
  flags: {
    namespace: { ...namespaceFlag, describe: "Only grants that hold in this namespace." },
    allNamespaces: { ...allNamespacesFlag, describe: "Wherever they hold, as without -n." },
    role: stringFlag("ROLE", "Only grants of this role.", { offers: ["user", "minimal", "view"] }),
    expiringWithin: stringFlag("DURATION", "Only grants that end within this time (8h, 7d), or are over.", {
      parse: parseDuration,
    }),
    filename: listFlag("PATH", "The grants of these files in place of the cluster's; may be repeated.", {
      short: "f",
      completes: "file",
    }),
    diff: booleanFlag("With -f: how the cluster differs from the files; exit code 1 when it does."),
    quiet: quietFlag,
    output: outputFlag(["table", "wide", "json", "yaml", "name", "csv"]),
    noHeaders: noHeadersFlag,
    ...connectionFlags,
  },
  conflicts: [{ option: "allNamespaces", excludes: ["namespace"] }],
  needs: [
    {
      option: "quiet",
      needs: ["diff"],
      message: "-q is for a question",
      hint: "With -f FILE --diff: whether the cluster differs.",
    },
    {
      option: "diff",
      needs: ["filename"],
      message: "--diff compares the cluster with files",
      hint: "Name them: -f PATH.",
    },
  ],
  exitCodes: { 0: "listed, or nothing differs", 1: "with --diff: the cluster differs from the files" },
  async run({ subject, namespace, role, expiringWithin, filename, diff, output, noHeaders, ...connection }, world) {
    const wanted = subject === undefined ? undefined : formatSubject(parseSubject(subject));
    if (diff) return await diffWithFiles(filename, connection, world);
    const { all, now } =
      filename.length > 0
        ? {
            all: (await listFiles(filename, connection, world)).filter(({ subject: whose }) => isWanted(whose)),
            now: world.now(),
          }
        : await listCluster();
    const rows = all
      .filter((row) => namespace === undefined || row.namespaces.includes(namespace) || row.namespaces.includes("*"))
      .filter((row) => role === undefined || row.role === role || row.role === `clusterrole/${role}`)
      .filter(({ expiresAt }) => expiringWithin === undefined || endsWithin(expiresAt, expiringWithin, now));
    await printOutput(
      {
        kind: "GrantList",
        value: { items: rows.map(grantValue) },
        rows,
        columns: columns(now),
        name: ({ name, managed, namespaces }) =>
          `${managed || namespaces[0] === "*" ? "cluster" : ""}rolebinding.rbac.authorization.k8s.io/${name}`,
        empty: "No grants found.",
      },
      { format: output, noHeaders },
      world,
    );
    return 0;

    function isWanted(whose: string): boolean {
      return wanted === undefined || whose === wanted;
    }

    // Also whoever is named by a binding of a grant that somebody else was given, or whose intent is gone.
    function concerns({ intent, objects }: StoredGrant): boolean {
      const subjects = [...boundSubjects(objects), ...(intent === undefined ? [] : [intent.subject])];
      return wanted === undefined || subjects.map(formatSubject).some(isWanted);
    }

    async function listCluster(): Promise<{ all: GrantRow[]; now: Date }> {
      const cluster = await connectBounded(connection, world);
      const [{ grants, anchorsRead, warnings }, rbac] = await Promise.all([
        readShownGrants(cluster),
        readAllRbac(cluster),
      ]);
      const clock = currentTime(cluster, world.now());
      const contexts = await readGrantContexts(cluster, grants, { now: clock.getTime(), weakness: true, anchorsRead });
      for (const warning of [...warnings, ...contexts.warnings]) world.warn(warning);
      if (rbac.unreadable.length > 0)
        world.warn(`you may not list ${rbac.unreadable.join(", ")}: bindings made by hand may be missing`);
      const unmanaged = unmanagedRows(rbac.objects, grants).filter(({ subject: whose }) => isWanted(whose));
      const managed = grants.filter(concerns).map((grant) => grantRow(grant, contexts.of(grant)));
      return { all: [...managed, ...unmanaged], now: clock };
    }
  },
});

function endsWithin(expiresAt: string | undefined, milliseconds: number, now: Date): boolean {
  const end = parseTime(expiresAt);
  return end !== undefined && end <= now.getTime() + milliseconds;
}

function columns(now: Date): Columns<GrantRow> {
  return {
    ID: ({ id }) => id,
    SUBJECT: ({ subject }) => subject,
    ROLE: { short: ({ role }) => role },
    NAMESPACES: { items: ({ namespaces, selectors }) => placesText(namespaces, selectors, Infinity) },
    TARGETS: { items: ({ targets }) => (targets.length === 0 ? "<all>" : targets.join(",")) },
    STATUS: { word: ({ status }) => status },
    EXPIRES: ({ expiresAt }) => timeLeft(expiresAt, now),
    AGE: ({ grantedAt }) => age(grantedAt, now),
    "GRANTED BY": { wide: ({ grantedBy }) => grantedBy },
    REASON: { wide: ({ reason }) => reason },
    NAME: { wide: ({ name }) => name },
    FINDINGS: {
      wide: ({ findings }) => findings.map(findingText).join("; "),
    },
  };
}

/** More names than this make a line unreadable. */
const SHOWN = 6;

/** `dev,qa (-l team=a)`. */
export function placesText(namespaces: readonly string[], selectors: readonly string[], most = SHOWN): string {
  if (namespaces[0] === "*") return "<all>";
  const names = namespaces.slice(0, most).join(",");
  const more = namespaces.length > most ? `,… (${namespaces.length})` : "";
  const chosen = selectors.length === 0 ? "" : ` (-l ${selectors.join(" -l ")})`;
  return `${names}${more}${chosen}`.trim();
}
