import t from "tap";
import { parseSelectorText } from "../../lib/kubernetes/selector-text.ts";

const labels = { env: "dev", team: "web", "example.com/x": "" };
const cases: [text: string, matches: boolean, canonical: string][] = [
  ["", true, ""],
  ["env=dev", true, "env=dev"],
  ["env==dev , team = web", true, "env=dev,team=web"],
  ["env!=dev", false, "env!=dev"],
  ["other!=x", true, "other!=x"],
  ["env in (qa, dev)", true, "env in (dev,qa)"],
  ["env notin (dev)", false, "env notin (dev)"],
  ["other notin (dev)", true, "other notin (dev)"],
  ["example.com/x", true, "example.com/x"],
  ["!env", false, "!env"],
  ["team,env in (dev,qa),!none", true, "!none,env in (dev,qa),team"],
  ["toString", false, "toString"],
];
for (const [text, matches, canonical] of cases) {
  t.test(`${JSON.stringify(text)} ${matches ? "matches" : "does not match"}`, async (t) => {
    t.equal(parseSelectorText(text).matches(labels), matches);
    t.equal(parseSelectorText(text).text, canonical);
    t.equal(parseSelectorText(canonical).text, canonical, "the canonical text is read as itself");
  });
}

for (const text of ["a=(b", "=x", "a b", "a in b", "a,,b", "a=b,", "-a", "a in (x y)", "a>1"]) {
  t.test(`${JSON.stringify(text)} is refused`, async (t) =>
    t.throws(() => parseSelectorText(text), { kind: "usage", message: /unable to parse/ }),
  );
}

t.test("the keys are named once", async (t) => t.same(parseSelectorText("b=1,a,b!=2").keys, ["a", "b"]));
