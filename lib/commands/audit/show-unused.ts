import { roleText } from "../../access/custom-role.ts";
import { formatSubject } from "../../access/subject.ts";
import type { Coverage, Window } from "../../audit/unused/coverage.ts";
import type { JudgedGrant, UnusedGrants } from "../../audit/unused/unused.ts";
import type { World } from "../../cli/world.ts";
import { timestamp } from "../../text/instant.ts";
import type { Columns } from "../../view/columns.ts";
import { markdownTable, markdownText } from "../../view/markdown.ts";
import { printOutput, type OutputFormat } from "../../view/output.ts";

interface UnusedOptions {
  format: Exclude<OutputFormat, "name"> | "markdown";
  noHeaders: boolean;
  window: Window;
  days: number;
}

const columns: Columns<JudgedGrant> = {
  VERDICT: { word: ({ verdict }) => verdict },
  GRANT: ({ grant }) => grant.id,
  SUBJECT: ({ grant }) => formatSubject(grant.intent.subject),
  ROLE: { wide: ({ grant }) => roleText(grant.intent.role) },
  NAMESPACES: ({ namespaces }) => (namespaces === undefined ? "<all>" : namespaces.join(",")),
  LAST: ({ last }) => (last === undefined ? "-" : day(last)),
  WHY: ({ why }) => why,
  "NEVER USED": { wide: ({ unexercised = [] }) => unexercised.join("; ") },
  FIX: { wide: ({ commands }) => commands.join("; ") },
};

const day = (time: number): string => timestamp(time).slice(0, "2026-11-22".length);

/** Those that were used as they are have no line; JSON and YAML have them. */
export async function showUnused(
  found: UnusedGrants,
  { format, noHeaders, window, days }: UnusedOptions,
  world: World,
): Promise<void> {
  const { items, coverage, tells } = found;
  const shown = items.filter(({ verdict }) => verdict !== "used");
  const isComplete = items.every(({ verdict, why }) => verdict !== "unknown" && (verdict !== "used" || why === ""));
  const none = isComplete ? NONE : "Every grant was used; whether smaller ones would do cannot be said.";
  const commands = shown.flatMap((item) => item.commands);
  const reach = [
    ...(tells.operator ? [reachText("operator's log", coverage.operator)] : []),
    ...(tells.apiServer ? [reachText("API server's log", coverage.apiServer)] : []),
    ...(tells.operator || tells.apiServer ? [] : ["The log says nothing of mirrord."]),
  ];
  if (format === "markdown") {
    const head = `### Grants that nobody used in ${days} days\n\n${reach.map(markdownText).join(" ")}\n`;
    const fence = commands.length === 0 ? [] : [`\n${commands.map((line) => `    ${line}\n`).join("")}`];
    const table = shown.length === 0 ? `\n${none}\n` : `\n${markdownTable(columns, shown)}`;
    return world.document([head, table, ...fence].join(""));
  }
  const value = {
    complete: isComplete,
    days,
    from: timestamp(window.from),
    to: timestamp(window.to),
    logs: { operator: coverageValue(coverage.operator), apiServer: coverageValue(coverage.apiServer) },
    items: items.map(itemValue),
  };
  await printOutput(
    { kind: "UnusedGrants", value, rows: shown, columns, bounded: true, empty: none },
    { format, noHeaders },
    world,
  );
  if (format !== "table" && format !== "wide") return;
  if (commands.length > 0) world.print(["", "To keep only what is used:", ...commands.map((line) => `  ${line}`)]);
  world.note(reach);
}

const NONE = "Every grant was used, and none could be smaller.";

function reachText(log: string, { covered, of, missing }: Coverage): string {
  const gap =
    missing === undefined
      ? ""
      : missing.first === missing.last
        ? `; ${day(missing.first)} is missing`
        : `; days are missing between ${day(missing.first)} and ${day(missing.last)}`;
  return `The ${log} reaches over ${covered} of ${of} days${gap}.`;
}

function coverageValue({ covered, of, missing }: Coverage): object {
  const gap = missing === undefined ? {} : { missing: { first: day(missing.first), last: day(missing.last) } };
  return { covered, of, ...gap };
}

/** Schema: docs/schema/audit-unused.json. */
function itemValue({ grant, namespaces, verdict, why, last, unexercised, commands }: JudgedGrant): object {
  const { intent } = grant;
  return {
    verdict,
    grant: grant.id,
    subject: formatSubject(intent.subject),
    role: roleText(intent.role),
    namespaces: namespaces ?? ["*"],
    targets: intent.targets,
    why,
    ...(last === undefined ? {} : { last: timestamp(last) }),
    ...(unexercised === undefined ? {} : { unexercised }),
    commands,
  };
}
