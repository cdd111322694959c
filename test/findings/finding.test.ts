import t from "tap";
import { failOnValues, findingsExitCode } from "../../lib/findings/exit-code.ts";
import {
  countBySeverity,
  mostSevereFirst,
  severities,
  type Finding,
  type Severity,
} from "../../lib/findings/finding.ts";

const finding = (severity: Severity, name: string): Finding => ({
  rule: "rule",
  severity,
  subject: { kind: "Role", name },
  message: "it is wrong",
  fix: "Change it.",
});

const all = [finding("note", "a"), finding("error", "b"), finding("warning", "c"), finding("error", "d")];

t.test("the most severe come first, and those of one severity as they were", async (t) => {
  t.same(
    mostSevereFirst(all).map(({ subject }) => subject.name),
    ["b", "d", "c", "a"],
  );
  t.same(countBySeverity(all), { error: 2, warning: 1, note: 1 });
  t.same(countBySeverity([]), { error: 0, warning: 0, note: 0 });
});

/** The exit code for each value of --fail-on, in order: error, warning, note, never. */
const codes: { found: Severity[]; incomplete?: true; want: number[] }[] = [
  { found: [], want: [0, 0, 0, 0] },
  { found: ["note"], want: [0, 0, 1, 0] },
  { found: ["note", "warning"], want: [0, 1, 1, 0] },
  { found: ["error"], want: [1, 1, 1, 0] },
  { found: [], incomplete: true, want: [3, 3, 3, 3] },
  { found: ["warning"], incomplete: true, want: [3, 1, 1, 3] },
];

for (const { found, incomplete = false, want } of codes)
  t.test(`${found.join(" and ") || "nothing"} found${incomplete ? ", not all seen" : ""}`, async (t) => {
    const findings = found.map((severity) => finding(severity, "a"));
    t.same(
      failOnValues.map((failOn) => findingsExitCode(findings, { failOn, incomplete })),
      want,
    );
  });

t.test("--fail-on knows every severity", async (t) => {
  t.same(failOnValues, [...severities, "never"]);
});
