// docs/security.md says of every command what it reads, writes and never does.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { dispatcher } from "../../lib/cli/dispatcher.ts";
import { load, type Command, type Verb } from "../../lib/cli/grammar/command.ts";
import { commandLine, isHidden } from "../../lib/cli/grammar/resolve.ts";
import { requests } from "../../lib/commands/permissions/requests.ts";
import { all } from "../../plugins/all.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/security.md"), "utf8");

interface Entry {
  /** `grant revoke`, `install --sync`; `grant org` for all below it. */
  commands: string[];
  writes: string;
}

const root = await load(dispatcher(all, "kubectl-mirrord", ""));

async function shown(verb: Verb): Promise<Command[]> {
  if (isHidden(verb)) return [];
  const command = await load(verb);
  return [command, ...(await Promise.all(command.verbs.map(shown))).flat()];
}
const every = (await Promise.all(root.verbs.map(shown))).flat();
const groups = new Set(every.filter(({ run }) => run === undefined).map(({ name }) => name));

/** The commands of a line of the table. Those behind the first may leave out its first word. */
function entry(line: string): Entry {
  const [first = "", , writes = ""] = line.slice(2).split(" | ");
  const spans = [...first.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span.replace(/ [A-Z]+$/, ""));
  const plugin = spans[0]?.split(" ")[0] ?? "";
  const isShort = (span: string) => span.startsWith("--") || every.some(({ name }) => name === `${plugin} ${span}`);
  return { commands: spans.map((span) => (isShort(span) ? `${plugin} ${span}` : span)), writes };
}
const table = page.split("\n").filter((line) => line.startsWith("| `"));
const entries = table.map(entry);
const named = new Set(entries.flatMap(({ commands }) => commands));

for (const command of every.filter(({ run }) => run !== undefined))
  t.test(`what ${commandLine(command)} reads and writes is said`, async (t) => {
    const group = command.name.slice(0, command.name.lastIndexOf(" "));
    t.ok(named.has(command.name) || (groups.has(group) && named.has(group)));
  });

t.test("whatever is said to write nothing sends no write: the API server's audit log has none of it", async (t) => {
  const quiet = entries.filter(({ writes }) => writes.startsWith("nothing")).flatMap(({ commands }) => commands);
  const writing = quiet.filter((name) =>
    requests[name]?.some((line) => {
      const [verb = "", ...resources] = line.split(" ");
      if (["get", "list", "watch"].includes(verb)) return false;
      return !resources.every((resource) => resource.includes("accessreviews."));
    }),
  );
  t.same(writing, ["policy diff"], "which has the server merge, by a dry run");
  t.ok(quiet.filter((name) => name in requests).length > 20, `${quiet.length}`);
});

t.test("whatever sends a write is not said to write nothing", async (t) => {
  const writers = Object.entries(requests).filter(([, lines]) =>
    lines.some((line) => /^(delete|patch|update) /.test(line)),
  );
  for (const [name] of writers.filter(([one]) => one !== "policy diff")) {
    const found = entries.find(({ commands }) =>
      commands.some((one) => one === name || (groups.has(one) && name.startsWith(`${one} `))),
    );
    t.ok(found !== undefined && !found.writes.startsWith("nothing"), name);
  }
});
