import { comparableSides, syncedAlike } from "../../audit/diff/both-know.ts";
import { accessDiff, type AccessDiff } from "../../audit/diff/diff.ts";
import { readSide } from "../../audit/diff/read-side.ts";
import { formatSubject } from "../../access/subject.ts";
import { command } from "../../cli/grammar/command.ts";
import { listFlag } from "../../cli/grammar/flags.ts";
import { connectionFlags, noHeadersFlag, outputFlag, quietFlag } from "../../cli/grammar/shared-flags.ts";
import type { ConnectOptions, World } from "../../cli/world.ts";
import { computing } from "../../computing.ts";
import { usageError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { Columns } from "../../view/columns.ts";
import { markdownParts, markdownTable, markdownText } from "../../view/markdown.ts";
import {
  API_VERSION,
  printDocument,
  printOutput,
  printTable,
  printTexts,
  type OutputFormat,
} from "../../view/output.ts";
import { nothingFound } from "../../view/nothing-found.ts";
import { connectBounded } from "../connection.ts";
import { overlaid } from "../overlay.ts";
import { accessFields, allRightsColumns, foldedRights, rightsColumns, sessionColumns } from "./access-tables.ts";
import { diffColumns, diffRows, memberColumns, policyColumns, withWhen } from "./diff-tables.ts";

export const diff = command({
  name: "audit diff",
  summary: "Say who gains and who loses what by a change.",
  description: [
    "Compares two folders (or files, or snapshots) of manifests, or the cluster with what it would be after --overlay. Every action of mirrord and every right of",
    "whoever a binding names is worked out from the roles and bindings of both sides. Where organizations or the labels of namespaces differ, what",
    "grant sync makes of them is part of the change: who joins and leaves which team, and who gains and loses what by it.",
  ].join(" "),
  usage: "(BASE HEAD | --overlay PATH) [flags]",
  examples: {
    "kubectl mirrord audit diff ./main ./branch": "Two folders",
    "kubectl mirrord audit diff before.json ./cluster -o markdown":
      "A snapshot and a folder, for a comment on a pull request",
    "kubectl mirrord audit diff --overlay ./change": "The cluster, and what applying these manifests would change",
  },
  positionals: {
    base: { type: "string", placeholder: "BASE", describe: "Manifests: what there was.", completes: "file" },
    head: { type: "string", placeholder: "HEAD", describe: "Manifests: what there will be.", completes: "file" },
  },
  flags: {
    overlay: listFlag("PATH", "Compare the cluster with itself after these manifests are applied; may be repeated.", {
      completes: "file",
    }),
    output: outputFlag(["table", "wide", "json", "yaml", "csv", "markdown"]),
    noHeaders: noHeadersFlag,
    quiet: quietFlag,
    ...connectionFlags,
  },
  conflicts: [
    {
      option: "overlay",
      excludes: ["base"],
      message: () => "--overlay compares with the cluster, and BASE and HEAD are manifests",
    },
  ],
  needs: [
    {
      needs: ["overlay", "base"],
      message: "nothing to compare",
      hint: "Name two folders, or --overlay with one that would be applied to the cluster.",
    },
    { option: "base", needs: ["head"], message: "nothing to compare BASE with", hint: "Name HEAD as well." },
  ],
  exitCodes: {
    0: "nobody gains or loses anything",
    1: "somebody does",
    3: "something that may decide could not be read",
  },
  waits: "Reading roles and bindings",

  async run({ base, head, overlay, output, noHeaders, quiet: _quiet, ...connection }, world) {
    const [before, after] = await connectSides({ base, head, overlay }, connection, world);
    const now = world.now().getTime();
    const [one, other] = await Promise.all([readSide(before, now), readSide(after, now)]);
    const unreadable = [...new Set([...one.unreadable, ...other.unreadable])];
    const { sides: read, failures } = syncedAlike(one, other);
    const { notCompared: onlyOne, ...sides } = comparableSides(...read);
    const notCompared = [...onlyOne, ...failures.map((why) => `what grant sync would change: ${why}`)];
    const found = await computing(world.signal, () => accessDiff(sides.base, sides.head));
    const isComplete = unreadable.length + failures.length === 0;
    await show(found, { unreadable, isComplete, notCompared }, { output, noHeaders }, world);
    if (notCompared.length > 0) world.note(notCompared.map((text) => `Not compared: ${text}.`));
    for (const warning of other.warnings.filter((text) => !one.warnings.includes(text))) world.warn(warning);
    if (unreadable.length > 0) world.warn(`you may not list ${unreadable.join(", ")}: more may change`);
    if (!isComplete) return 3;
    return isEmpty(found) ? 0 : 1;
  },
});

interface SideNames {
  base: string | undefined;
  head: string | undefined;
  overlay: readonly string[];
}

async function connectSides(
  { base, head, overlay }: SideNames,
  connection: ConnectOptions,
  world: World,
): Promise<[Cluster, Cluster]> {
  if (overlay.length > 0) {
    const cluster = await connectBounded(connection, world);
    return [cluster, overlaid(cluster, overlay, world)];
  }
  if (base === "-" && head === "-") throw usageError("only one of BASE and HEAD can be standard input");
  const manifests = async (path = "") => await world.connect({ ...connection, manifests: [path] });
  return [await manifests(base), await manifests(head)];
}

const isEmpty = ({ members, sessions, rights, policies }: AccessDiff): boolean =>
  members.length + sessions.length + rights.length + policies.length === 0;

/** What may decide and could not be read, and what only one side knows. */
interface Gaps {
  unreadable: readonly string[];
  /** Whether nothing that may decide is missing. */
  isComplete: boolean;
  notCompared: readonly string[];
}

const nothing = (isWhole: boolean) => nothingFound("Nobody gains or loses anything.", isWhole);

async function show(
  found: AccessDiff,
  { unreadable, isComplete, notCompared }: Gaps,
  { output, noHeaders }: { output: Exclude<OutputFormat, "name"> | "markdown"; noHeaders: boolean },
  world: World,
): Promise<void> {
  const { members, sessions, rights, policies } = found;
  if (output === "json" || output === "yaml") {
    const value = {
      complete: isComplete,
      unreadable,
      notCompared,
      members: members.map(({ member, change, place }) => ({
        member: formatSubject(member),
        change,
        of: formatSubject(place),
      })),
      ...accessFields(found),
      policies,
    };
    return await printDocument({ apiVersion: API_VERSION, kind: "AccessDiff", ...value }, output, world);
  }
  if (output === "markdown") return printTexts(markdown(found, { unreadable, isComplete, notCompared }), world);
  if (output === "csv")
    return await printOutput(
      { kind: "AccessDiff", value: found, rows: diffRows(found), columns: diffColumns, empty: nothing(isComplete) },
      { format: output, noHeaders },
      world,
    );
  if (isEmpty(found)) return world.note(nothing(isComplete));
  const wide = output === "wide";
  let isFirst = true;
  const print = async <Row>(columns: Columns<Row>, rows: readonly Row[]): Promise<void> => {
    if (rows.length === 0) return;
    if (!isFirst) world.print("");
    isFirst = false;
    await printTable(columns, rows, { noHeaders, wide }, world);
  };
  await print(memberColumns, members);
  await print(withWhen(sessionColumns, sessions), sessions);
  await print(withWhen(wide ? allRightsColumns : rightsColumns, rights), rights);
  await print(policyColumns, policies);
}

/** What a reviewer reads first comes first; rights are folded away. */
function markdown(
  { members, sessions, rights, policies }: AccessDiff,
  { unreadable, isComplete, notCompared }: Gaps,
): Iterable<string> {
  const count = new Set([...sessions, ...rights].map(({ subject }) => formatSubject(subject))).size;
  const head =
    count === 0
      ? members.length === 0
        ? nothing(isComplete)
        : nothingFound("Nobody gains or loses access.", isComplete)
      : `${count} ${count === 1 ? "subject gains or loses" : "subjects gain or lose"} access.`;
  return markdownParts([
    `### mirrord access\n\n${head}\n`,
    ...(unreadable.length === 0 ? [] : [`Not complete: could not read ${markdownText(unreadable.join(", "))}.\n`]),
    ...notCompared.map((text) => `Not compared: ${markdownText(text)}.\n`),
    ...(members.length === 0 ? [] : [markdownTable(memberColumns, members)]),
    ...(sessions.length === 0 ? [] : [markdownTable(withWhen(sessionColumns, sessions), sessions)]),
    ...(policies.length === 0 ? [] : [markdownTable(policyColumns, policies)]),
    ...foldedRights(rights, withWhen(rightsColumns, rights)),
  ]);
}
