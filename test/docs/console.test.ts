import t from "tap";
import { shellWords, withOutput } from "../../scripts/docs/console.ts";

t.test("what each command prints stands below it, and nothing else changes", async (t) => {
  const text = "a\n```console\n$ one\nold\n\nolder\n$ two\n```\nb\n```\n$ three\n```\n```console\n$ four\n```\n";
  const ran: string[] = [];
  const shell = async (line: string) => {
    ran.push(line);
    return line === "two" ? "" : `${line} said\n\nmore\n`;
  };
  const made = await withOutput(text, shell);
  t.equal(
    made,
    "a\n```console\n$ one\none said\n\nmore\n$ two\n```\nb\n```\n$ three\n```\n```console\n$ four\nfour said\n\nmore\n```\n",
  );
  t.same(ran, ["one", "two", "four"]);
  t.equal(await withOutput(made, shell), made, "made again it is the same");
});

t.test("what has to be true before runs unseen", async (t) => {
  const ran: string[] = [];
  const text = "a\n<!-- $ one -->\n```console\n$ two\n```\n<!-- b -->\n";
  const made = await withOutput(text, async (line) => (ran.push(line), `${line} said\n`));
  t.equal(made, "a\n<!-- $ one -->\n```console\n$ two\ntwo said\n```\n<!-- b -->\n");
  t.same(ran, ["one", "two"]);
});

t.test("words are those of a shell", async (t) => {
  t.same(shellWords(`a  'b c' d="e f" ''g --x='y'`), ["a", "b c", "d=e f", "g", "--x=y"]);
});
