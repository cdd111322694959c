import t from "tap";
import { macro, roffText } from "../../../scripts/man/roff.ts";

const cases: { name: string; text: string; want: string }[] = [
  { name: "words stay as they are", text: "Let somebody use mirrord", want: "Let somebody use mirrord" },
  { name: "a dash can be copied from the page", text: "--dry-run", want: "\\-\\-dry\\-run" },
  { name: "a backslash begins no escape", text: "a\\fBb\\n", want: "a\\(rsfBb\\(rsn" },
  { name: "a point in front is no request", text: ".so /etc/passwd", want: "\\&.so /etc/passwd" },
  { name: "nor is an apostrophe", text: "'ig", want: "\\(aqig" },
  { name: "quotes, accents and tildes are those of a keyboard", text: "\"~^`'", want: "\\(dq\\(ti\\(ha\\(ga\\(aq" },
  { name: "characters beyond ASCII are named", text: "é €\u{1f600}", want: "\\[u00E9] \\[u20AC]\\[u1F600]" },
  { name: "no character begins a line of its own", text: "a\n.so b\tc\u0007", want: "a .so b c " },
];
for (const { name, text, want } of cases)
  t.test(name, async (t) => {
    t.equal(roffText(text), want);
  });

t.test("an argument of a macro ends where it ends", async (t) => {
  t.equal(macro("B", 'jim" .so x'), '.B "jim\\(dq .so x"');
  t.equal(macro("PP"), ".PP");
});
