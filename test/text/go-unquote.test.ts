import t from "tap";
import { goQuote } from "../../lib/text/go-quote.ts";
import { goUnquote } from "../../lib/text/go-unquote.ts";

const cases: { inner: string; want: string | undefined }[] = [
  { inner: "jim", want: "jim" },
  { inner: String.raw`a\"b`, want: 'a"b' },
  { inner: String.raw`\\\n\t`, want: "\\\n\t" },
  { inner: String.raw`\x41\101B\U0001f600`, want: "AAB😀" },
  { inner: String.raw`\xc3\xa9`, want: "é" },
  { inner: String.raw`\q`, want: undefined },
  { inner: String.raw`\ud800`, want: undefined },
  { inner: String.raw`\u12`, want: undefined },
  { inner: 'a"b', want: undefined },
  { inner: "é\\\\😀", want: "é\\😀" },
];
for (const { inner, want } of cases) t.test(`${inner} is read`, async (t) => t.equal(goUnquote(inner), want));

t.test("what is quoted comes back", async (t) => {
  for (const text of ["jim", 'a"b\\c', "x\u0000\u0007\n\r\t\v", "é\u202e😀\u{e0041}", "sa:ci/runner"])
    t.equal(goUnquote(goQuote(text).slice(1, -1)), text);
});

t.test("a quote of another kind needs no escape", async (t) => t.equal(goUnquote('say "x" \\\'', "'"), 'say "x" \''));
