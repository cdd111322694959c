import { command } from "../../cli/grammar/command.ts";
import { noHeadersFlag, outputFlag } from "../../cli/grammar/shared-flags.ts";
import type { World } from "../../cli/world.ts";
import { usageError } from "../../errors.ts";
import { didYouMean } from "../../text/suggest.ts";
import { printTable } from "../../view/output.ts";
import { printDocuments } from "./documents.ts";
import { rights, type Right } from "./cluster-role.ts";
import { permissionsTable, type CommandPermissions } from "./table.ts";

export const permissions = command({
  name: "permissions",
  summary: "Show which rights a command needs; with -o yaml as a ClusterRole.",
  description: [
    "Lists the requests that the command sends, as an API server's audit log recorded them, and what its user has to hold besides, such as the rights in a role that it writes.",
    "With fewer rights a command says what it could not read or write. Requests that every logged-in user may send are left out.",
  ].join(" "),
  usage: "[COMMAND] [flags]",
  examples: {
    "kubectl mirrord permissions grant list": "The rights that grant list needs",
    "kubectl mirrord permissions audit -o yaml | kubectl apply -f -": "Make a ClusterRole that allows audit",
    "kubectl mirrord permissions -o yaml -- install --access-model": "A command that needs other rights with a flag",
    "kubectl mirrord permissions": "All commands, with the number of rights that each needs",
  },
  positionals: {
    command: {
      type: "list",
      placeholder: "COMMAND",
      describe: "The words of a command, such as grant list.",
      completes: "permissions",
    },
  },
  flags: { output: outputFlag(["table", "json", "yaml", "name"]), noHeaders: noHeadersFlag },
  async run({ command: words, output, noHeaders }, world) {
    const line = words.map((word) => word.replace(/=.*/, "")).join(" ");
    const found = line === "" ? permissionsTable : [findCommand(line)];
    if (output !== "table") await printDocuments(found, line === "", output, world);
    else if (line === "") await printCommands(found, noHeaders, world);
    else for (const each of found) await printRights(each, noHeaders, world);
    return 0;
  },
});

function findCommand(line: string): CommandPermissions {
  const found = permissionsTable.find(({ command: name }) => name === line);
  if (found !== undefined) return found;
  const names = permissionsTable.map(({ command: name }) => name);
  const below = names.filter((name) => name.startsWith(`${line} `));
  throw usageError(
    `"${line}" is not a command that asks an API server for anything`,
    below.length > 0
      ? `Name one of: ${below.join(", ")}`
      : (didYouMean(line, names) ?? "See all of them: kubectl mirrord permissions"),
  );
}

async function printCommands(
  found: readonly CommandPermissions[],
  noHeaders: boolean,
  world: Pick<World, "print" | "document" | "note" | "isTerminal" | "columns">,
): Promise<void> {
  const count = (all: readonly Right[], isCounted: (right: Right) => boolean) => String(all.filter(isCounted).length);
  await printTable<CommandPermissions>(
    {
      COMMAND: ({ command: name }) => name,
      READS: ({ sends }) => count(rights(sends), isRead),
      WRITES: ({ sends }) => count(rights(sends), (right) => !isRead(right)),
      HOLDS: ({ holds }) => count(rights(holds), () => true),
    },
    found,
    { wide: false, noHeaders, bounded: false },
    world,
  );
}

/** A question about access stores nothing. */
const isRead = ({ verb, resource }: Right) => ["get", "list", "watch"].includes(verb) || resource.endsWith("reviews");

const REQUESTS = "requests";

async function printRights(
  { command: name, sends, holds, note }: CommandPermissions,
  noHeaders: boolean,
  world: Pick<World, "print" | "document" | "note" | "isTerminal" | "columns">,
): Promise<void> {
  const rows = [...typeRights(sends, REQUESTS), ...typeRights(holds, "is held")];
  if (rows.length === 0) return world.note(`${name} needs no rights.`);
  // On a terminal the long names of types need the place of a column that says the same in every row.
  const isShown = (says: (row: TypeRights) => boolean) => !world.isTerminal.stdout || rows.some(says);
  await printTable<TypeRights>(
    {
      RESOURCE: (row) => row.resource,
      VERBS: (row) => row.verbs,
      ...(isShown(({ use }) => use !== REQUESTS) ? { FOR: (row) => row.use } : {}),
      ...(isShown(({ names: named }) => named !== "") ? { NAMES: (row) => row.names } : {}),
    },
    rows,
    { wide: false, noHeaders, bounded: true },
    world,
  );
  if (note !== undefined) world.note(note);
}

/** All of them are in -o yaml. */
const namesText = ([first = "", ...more]: readonly string[]) =>
  more.length === 0 ? first : `${first} and ${more.length} more`;

interface TypeRights {
  resource: string;
  verbs: string;
  names: string;
  use: string;
}

/** A line for each type. */
function typeRights(rules: CommandPermissions["holds"], use: string): TypeRights[] {
  const types = Map.groupBy(rights(rules), ({ group, resource, names }) =>
    JSON.stringify([group === "" ? resource : `${resource}.${group}`, names]),
  );
  return [...types]
    .map(([key, same]) => {
      const [resource, names] = JSON.parse(key) as [string, string[]];
      return { resource, verbs: same.map(({ verb }) => verb).join(","), names: namesText(names), use };
    })
    .toSorted((one, other) => (one.resource < other.resource ? -1 : 1));
}
