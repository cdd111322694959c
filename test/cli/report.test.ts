import t from "tap";
import { report } from "../../lib/cli/report.ts";
import { UserError } from "../../lib/errors.ts";
import { lineText } from "../../lib/view/lines.ts";

const cases: { name: string; error: unknown; want: { text: string | RegExp; exitCode: number } }[] = [
  {
    name: "what happened, and what to do",
    error: new UserError("usage", "no namespace was named", "Add --namespace."),
    want: { text: "error: no namespace was named\nAdd --namespace.", exitCode: 2 },
  },
  {
    name: "without a hint",
    error: new UserError("undetermined", "cannot tell"),
    want: { text: "error: cannot tell", exitCode: 3 },
  },
  {
    name: "the API server's words are kubectl's",
    error: new UserError("refused", "Error from server (Forbidden): no", "Ask."),
    want: { text: "Error from server (Forbidden): no\nAsk.", exitCode: 4 },
  },
  {
    name: "an unreachable server, too",
    error: new UserError("undetermined", "Unable to connect to the server: EOF"),
    want: { text: "Unable to connect to the server: EOF", exitCode: 3 },
  },
  {
    name: "a refused connection, too",
    error: new UserError(
      "undetermined",
      "The connection to the server x:1 was refused - did you specify the right host or port?",
    ),
    want: { text: /^The connection to the server x:1 was refused/, exitCode: 3 },
  },
  {
    name: "an invalid object, too",
    error: new UserError("refused", 'The Role "x" is invalid: rules: required'),
    want: { text: 'The Role "x" is invalid: rules: required', exitCode: 4 },
  },
  {
    name: "Ctrl-C needs no words",
    error: new UserError("interrupted", "interrupted"),
    want: { text: "", exitCode: 130 },
  },
  {
    name: "unless something was left half done",
    error: new UserError("interrupted", "interrupted after 1 of 2"),
    want: { text: "error: interrupted after 1 of 2", exitCode: 130 },
  },
  {
    name: "a bug has its stack",
    error: new TypeError("x"),
    want: { text: /^bug: TypeError: x\n +at [^]*Please report/, exitCode: 70 },
  },
  { name: "a bug may be no error at all", error: "x", want: { text: /^bug: x\n/, exitCode: 70 } },
  {
    name: "a bug has its causes",
    error: new Error("x", { cause: new Error("y", { cause: new UserError("usage", "z") }) }),
    want: { text: /caused by: Error: y[^]*caused by: UserError: z/, exitCode: 70 },
  },
  {
    name: "a bug does not show a password, nor do its causes",
    error: new Error("GET https://ann:s3cret@host", { cause: new TypeError("Received 's3cret'") }),
    want: {
      text: /^bug: Error: GET https:\/\/\*\*\*@host\n(?![^]*s3cret)[^]*caused by: TypeError: Received \*\*\*/,
      exitCode: 70,
    },
  },
  {
    name: "nor does one that is no error",
    error: "Authorization: Bearer s3cret-token",
    want: { text: /^bug: Authorization: Bearer \*\*\*\n(?![^]*s3cret)/, exitCode: 70 },
  },
  {
    name: "without a stack, its name",
    error: Object.assign(new Error("x"), { stack: undefined }),
    want: { text: /^bug: Error: x\n/, exitCode: 70 },
  },
];

for (const { name, error, want } of cases)
  t.test(name, async (t) => {
    const { lines, exitCode } = report(error);
    t.match({ text: lines.join("\n"), exitCode }, want);
  });

t.test("what a message quotes adds no line to it", async (t) => {
  const text = (error: unknown) => lineText(report(error).lines);
  t.equal(text(new UserError("usage", "no a\nyes", "Try b\nyes")), "error: no a\\nyes\nTry b\\nyes\n");
  t.equal(text(new UserError("usage", ["no a", "* b"], ["c", "d"])), "error: no a\n* b\nc\nd\n");
  t.match(text(new Error("x\n    at y")), /^bug: Error: x\\n    at y\n    at (?!y)/);
});
