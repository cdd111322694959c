// The examples in the help of every command and group.
import t from "tap";
import { dispatcher } from "../../lib/cli/dispatcher.ts";
import { parseArguments } from "../../lib/cli/grammar/argv.ts";
import { load, type Command, type Verb } from "../../lib/cli/grammar/command.ts";
import { fullHelp } from "../../lib/cli/grammar/help.ts";
import { commandLine, isHidden, resolve } from "../../lib/cli/grammar/resolve.ts";
import { takeTemplate } from "../../lib/cli/template-output.ts";
import { all } from "../../plugins/all.ts";
import { shellWords } from "../../scripts/docs/console.ts";

const root = dispatcher(all, "kubectl-mirrord", "");

async function shown(verb: Verb): Promise<Command[]> {
  if (isHidden(verb)) return [];
  const command = await load(verb);
  return [command, ...(await Promise.all(command.verbs.map(shown))).flat()];
}
const every = await shown(root);

/** What follows `kubectl mirrord` in a line, without what a shell does with it before and after. */
const typed = (line: string): string => /\bkubectl mirrord ?(.*?)(?= [|>;&] ?|$)/.exec(line)?.[1] ?? "";

t.test("every command and group is walked", async (t) => {
  t.ok(every.length > 70, `${every.length}`);
  for (const name of ["", "can-i", "install secure-defaults", "grant team", "audit usage", "version"])
    t.ok(
      every.some((command) => command.name === name),
      name,
    );
});

for (const command of every)
  t.test(`${commandLine(command)} --help: after what it is come examples, before any table`, async (t) => {
    const lines = fullHelp(command, 80);
    t.equal(lines[lines.findIndex((line) => line.startsWith("  ")) - 1], "Examples:");
    t.same(
      lines.filter((line) => line.length > 80),
      [],
      "80 columns are enough",
    );
    const [first = ""] = Object.keys(command.examples);
    t.ok(first.includes(commandLine(command)), `the first is its own: ${first}`);
  });

for (const command of every.filter(({ examples }) => Object.keys(examples).length > 0))
  t.test(`${commandLine(command)}: every example can be typed`, async (t) => {
    for (const line of Object.keys(command.examples)) {
      const { command: chosen, args } = await resolve(root, shellWords(typed(line)));
      t.ok(chosen.run !== undefined, `runs something: ${line}`);
      await t.resolves(
        takeTemplate(chosen, args).then((taken) => parseArguments(chosen, taken.args)),
        line,
      );
    }
  });
