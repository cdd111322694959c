import t from "tap";
import { BUG_EXIT_CODE, usageError, UserError, type FailureKind } from "../lib/errors.ts";

const exits: Record<FailureKind, number> = { usage: 2, undetermined: 3, refused: 4, interrupted: 130 };
for (const [kind, exitCode] of Object.entries(exits) as [FailureKind, number][])
  t.test(`${kind} ends with ${exitCode}`, async (t) => t.equal(new UserError(kind, "x").exitCode, exitCode));

t.test("no failure ends as an answer or as a bug does", async (t) => {
  t.notOk(Object.values(exits).some((code) => [0, 1, BUG_EXIT_CODE].includes(code)));
});

t.test("message and hint may have several lines, and a line feed of a value makes no line", async (t) => {
  const error = new UserError("refused", ["a\nb", "c"], ["d", "e"]);
  t.same(error.lines, ["a\nb", "c"]);
  t.equal(error.message, "a\nb\nc");
  t.same(error.hints, ["d", "e"]);
  t.equal(error.hint, "d\ne");
  t.equal(new UserError("usage", "a").hint, undefined);
});

t.test("a usage error keeps its hint and what it came from", async (t) => {
  const cause = new Error("inner");
  const error = usageError("a", "b", { cause });
  t.match(error, { kind: "usage", name: "UserError", lines: ["a"], hints: ["b"] });
  t.equal(error.cause, cause);
  t.ok(error instanceof UserError);
});
