// What every command takes, whichever it is: walked over the whole table of commands.
import t from "tap";
import { dispatcher } from "../../lib/cli/dispatcher.ts";
import { execute } from "../../lib/cli/execute.ts";
import { load, type Command, type Verb } from "../../lib/cli/grammar/command.ts";
import { fullHelp } from "../../lib/cli/grammar/help.ts";
import { all } from "../../plugins/all.ts";
import { fakeWorld } from "../cli/fake-world.ts";

const root = dispatcher(all, "kubectl-mirrord", "");

async function commands(verb: Verb): Promise<Command[]> {
  const command = await load(verb);
  return [command, ...(await Promise.all(command.verbs.map(commands))).flat()];
}

const every = await commands(root);
const named = (name: string): Command => every.find((command) => command.name === name) ?? every[0]!;

t.test("-y is taken by every command that changes something, also where nothing is asked", async (t) => {
  const changing = [
    ...every.filter(({ flags }) => "dryRun" in flags).map(({ name }) => name),
    "grant extend",
    "policy edit",
    "completion install",
  ];
  t.ok(changing.length >= 9, changing.join(", "));
  for (const name of changing) t.match(named(name).flags["yes"], { type: "boolean", short: "y" }, name);
});

t.test("-q is taken wherever the exit code is an answer, and means the same", async (t) => {
  const answering = every.filter(
    ({ exitCodes: { 1: no = "" }, run }) => run !== undefined && !/^(declined.*)?$/.test(no.split(";")[0] ?? ""),
  );
  const notAQuestion = new Set(["grant revoke", "session kill"]);
  const asking = answering.filter(({ name }) => !notAQuestion.has(name));
  t.ok(asking.length >= 10, asking.map(({ name }) => name).join(", "));
  for (const { name, flags } of [...asking, named("session status")])
    t.match(
      flags["quiet"],
      { type: "boolean", short: "q", describe: /rint nothing; the exit code is the answer\.$/ },
      name,
    );
});

t.test("the help of -q says with which flag it is taken, where it is not taken alone", async (t) => {
  const needing = every.flatMap(({ name, flags, needs }) =>
    needs.flatMap(({ option, needs: [needed = ""], hint }) =>
      option === "quiet" && flags["quiet"] !== undefined ? [{ name, flag: flags["quiet"], needed, hint }] : [],
    ),
  );
  t.ok(needing.length >= 7, needing.map(({ name }) => name).join(", "));
  for (const { name, flag, needed, hint } of needing) {
    const option = needed.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    t.match(
      flag.describe,
      new RegExp(`^With --${option}\\b[^:]*: print nothing; the exit code is the answer\\.$`),
      name,
    );
    t.match(hint, /\.$/, name);
  }
});

t.test("no help shows the flags of kubectl mirrord options but that one", async (t) => {
  for (const command of every) {
    const text = fullHelp(command, 80).join("\n");
    if (command.name !== "" && !("kubeconfig" in command.flags)) continue;
    t.notMatch(text, /--(kubeconfig|tls-server-name|request-timeout)/, command.name);
    t.match(text, /Use "kubectl mirrord options" for/, command.name);
  }
  const world = fakeWorld();
  t.equal(await execute(root, ["options"], world), 0);
  for (const flag of ["--kubeconfig", "--context", "--request-timeout", "--as-group", "--manifests"])
    t.match(world.stdout, flag);
  t.ok(
    world.stdout.split("\n").every(({ length }) => length <= 80),
    "80 columns",
  );
});

const aliases: [typed: string, means: string][] = [
  ["grant ls", "grant list"],
  ["grant get", "grant list"],
  ["grant rm", "grant revoke"],
  ["grant delete", "grant revoke"],
  ["policy ls", "policy list"],
  ["policy rm", "policy delete"],
  ["session ls", "session list"],
  ["session get", "session list"],
  ["session rm", "session kill"],
  ["session delete", "session kill"],
];
for (const [typed, means] of aliases)
  t.test(`${typed} is ${means}`, async (t) => {
    const [one, other] = [fakeWorld(), fakeWorld()];
    await execute(root, [...typed.split(" "), "--help"], one);
    await execute(root, [...means.split(" "), "--help"], other);
    t.equal(one.stdout, other.stdout);
    t.match(one.stdout, `Aliases:\n  ${means.split(" ")[1]}, `);
  });

t.test("a word has one meaning among its siblings", async (t) => {
  for (const { name, verbs } of every) {
    const words = verbs.flatMap((verb) => [verb.name.split(" ").at(-1), ...(verb.aliases ?? [])]);
    t.same(words, [...new Set(words)], name);
  }
});
