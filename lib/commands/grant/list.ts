import { findingText, grantValue, rowInPlace, timeLeft, UNKNOWN, type GrantRow } from "../../access/grant-row.ts";
import { formatSubject, parseSubject } from "../../access/subject.ts";
import { command } from "../../cli/grammar/command.ts";
import { booleanFlag, listFlag, stringFlag } from "../../cli/grammar/flags.ts";
import {
  allNamespacesFlag,
  connectionFlags,
  namespaceFlag,
  noHeadersFlag,
  outputFlag,
  quietWith,
} from "../../cli/grammar/shared-flags.ts";
import type { ConnectOptions, World } from "../../cli/world.ts";
import { usageError } from "../../errors.ts";
import { parseSelectorText } from "../../kubernetes/label-selector.ts";
import { age, parseDuration } from "../../text/duration.ts";
import { selectorWords } from "../../access/grant-words.ts";
import { parseTime } from "../../text/instant.ts";
import type { Columns } from "../../view/columns.ts";
import { printOutput, type OutputFormat } from "../../view/output.ts";
import { changingList } from "../changing-list.ts";
import { connectBounded } from "../connection.ts";
import { parseSortPath } from "../sort-by.ts";
import { diffWithFiles, listFiles } from "./list-files.ts";
import { readListed, type GrantFilter } from "./read-listed.ts";
import { watchGrants } from "./watch-grants.ts";

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
    "kubectl mirrord grant list --sort-by expiresAt -w": "Watch them by when they end",
    "kubectl mirrord grant list -f grants/ --diff": "What differs from the files of a repository",
  },
  positionals: {
    subject: {
      type: "string",
      placeholder: "SUBJECT",
      describe: "Only the grants of this subject",
      completes: "subject",
    },
  },
  flags: {
    namespace: { ...namespaceFlag, describe: "Only grants that hold in this namespace." },
    allNamespaces: { ...allNamespacesFlag, describe: "Wherever they hold, as without -n." },
    role: stringFlag("ROLE", "Only grants of this role.", { offers: ["user", "minimal", "view"] }),
    expiringWithin: stringFlag("DURATION", "Only grants that end within this time (8h, 7d), or have ended.", {
      parse: parseDuration,
    }),
    selector: stringFlag("SELECTOR", "Only grants whose ClusterRoleBinding has these labels.", {
      short: "l",
      parse: parseSelectorText,
    }),
    sortBy: stringFlag(
      "FIELD",
      "A field of the JSON form, as kubectl takes it: role, status, expiresAt, .namespaces[0]; without it, subject.",
      { offers: ["expiresAt", "grantedAt", "id", "name", "role", "status", "subject"], parse: parseSortPath },
    ),
    watch: booleanFlag("Go on watching; on a terminal the table is redrawn.", { short: "w" }),
    filename: listFlag("PATH", "The grants of these files in place of the cluster's; may be repeated.", {
      short: "f",
      completes: "file",
    }),
    diff: booleanFlag("With -f: how the cluster differs from the files; exit code 1 when it does."),
    quiet: quietWith("--diff"),
    output: outputFlag(["table", "wide", "json", "yaml", "name", "csv"]),
    noHeaders: noHeadersFlag,
    ...connectionFlags,
  },
  conflicts: [
    { option: "allNamespaces", excludes: ["namespace"] },
    {
      option: "watch",
      excludes: ["filename", "manifests", "diff"],
      message: (_watch, excluded) => `${excluded} is not for watching`,
      hint: "Only a cluster is watched.",
    },
  ],
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
  waits: "Reading the grants",
  async run(options, world) {
    const { subject, namespace, role, expiringWithin, selector, sortBy, ...more } = options;
    const { filename, diff, watch, output, noHeaders, ...connection } = more;
    if (diff) return await diffWithFiles(filename, connection, world);
    const wanted = subject === undefined ? undefined : formatSubject(parseSubject(subject));
    const filter: GrantFilter = { subject: wanted, namespace, role, expiringWithin, selector, sortBy };
    if (watch) return await watchList(filter, { connection, output, noHeaders }, world);
    const { rows, now } =
      filename.length > 0
        ? await listFiles(filename, filter, connection, world)
        : await readListed(await connectBounded(connection, world), filter, world);
    await printOutput(
      {
        kind: "GrantList",
        value: { items: rows.map((row) => grantValue(rowInPlace(row, connection.manifests))) },
        rows,
        columns: columns(now),
        name: ({ name, managed, namespaces }) =>
          `${managed || namespaces[0] === "*" ? "cluster" : ""}rolebinding.rbac.authorization.k8s.io/${name}`,
        empty: EMPTY,
      },
      { format: output, noHeaders },
      world,
    );
    return 0;
  },
});

const EMPTY = "No grants found.";

/** Until Ctrl-C, or until nobody reads any more. */
async function watchList(
  filter: GrantFilter,
  { connection, output, noHeaders }: { connection: ConnectOptions; output: OutputFormat; noHeaders: boolean },
  world: World,
): Promise<number> {
  if (output !== "table" && output !== "wide" && output !== "json")
    throw usageError(`-o ${output} is not for watching`, "Watch as a table, or as lines of JSON: -o json.");
  const cluster = await connectBounded(connection, world);
  let { rows, now } = await readListed(cluster, filter, world);
  const key = ({ id, name, namespaces, subject }: GrantRow) => JSON.stringify([id, name, namespaces, subject]);
  const watched = {
    item: "grant",
    key,
    value: grantValue,
    comparable: grantValue,
    columns: () => columns(now),
    empty: EMPTY,
  };
  const show = changingList(watched, { format: output, noHeaders }, world);
  const changes = watchGrants(cluster, () => nextEnd(rows, now), world);
  do {
    await show(rows);
    if (!(await world.printed())) return 0;
    if ((await changes.next()).done === true) return 0;
    ({ rows, now } = await readListed(cluster, filter, world));
  } while (!world.signal.aborted);
  return 0;
}

function nextEnd(rows: readonly GrantRow[], now: Date): number | undefined {
  const ends = rows.map(({ expiresAt }) => parseTime(expiresAt) ?? 0).filter((end) => end > now.getTime());
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function columns(now: Date): Columns<GrantRow> {
  return {
    ID: ({ id }) => id,
    SUBJECT: ({ subject = UNKNOWN }) => subject,
    ROLE: { short: ({ role = UNKNOWN }) => role },
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
  const chosen =
    selectors.length === 0 ? "" : ` (${selectors.map((selector) => selectorWords(selector).join(" ")).join(" ")})`;
  return `${names}${more}${chosen}`.trim();
}
