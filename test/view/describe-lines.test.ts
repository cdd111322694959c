import t from "tap";
import { describeLines, wrapDescription } from "../../lib/view/describe-lines.ts";
import { lineText } from "../../lib/view/lines.ts";

t.test("headings are a column, lists stand below theirs, and nothing shows as such", async (t) => {
  t.same(
    describeLines([
      ["Name", "web"],
      ["Reason", ""],
      ["Targets", ["a", "b"]],
      ["Labels", []],
    ]),
    ["Name:     web", "Reason:   <none>", "Targets:", "  a", "  b", "Labels:   <none>"],
  );
});

const screen = (columns: number, stdout = true) => ({ columns, isTerminal: { stdin: true, stdout, stderr: true } });
const texts = (lines: readonly string[], columns: number, stdout = true) =>
  wrapDescription(lines, screen(columns, stdout)).map((line) => lineText([line]).trimEnd());

const cases: { name: string; line: string; columns: number; want: string[] }[] = [
  {
    name: "a value goes on below itself",
    line: "Reason:  one two three",
    columns: 16,
    want: ["Reason:  one two", "         three"],
  },
  {
    name: "what stands below a heading, likewise",
    line: "  one two three",
    columns: 9,
    want: ["  one two", "  three"],
  },
  {
    name: "a long word has more room",
    line: "Reason:  one abcdefghijkl",
    columns: 16,
    want: ["Reason:  one", "    abcdefghijkl"],
  },
  { name: "what fits stays", line: "Name:  a b", columns: 10, want: ["Name:  a b"] },
  {
    name: "a command is not wrapped",
    line: "Next:  kubectl get pods --namespace dev",
    columns: 16,
    want: ["Next:  kubectl get pods --namespace dev"],
  },
];
for (const { name, line, columns, want } of cases)
  t.test(`on a terminal ${name}`, async (t) => t.same(texts([line], columns), want));

t.test("into a pipe every line is as long as it is", async (t) => {
  t.same(texts(["Reason:  one two three"], 10, false), ["Reason:  one two three"]);
});
