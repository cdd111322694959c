import t from "tap";
import { afterWriting } from "../../lib/cli/written.ts";
import { execute } from "../../lib/cli/execute.ts";
import { command } from "../../lib/cli/grammar/command.ts";
import { NOTHING_WRITTEN, UserError } from "../../lib/errors.ts";
import { fakeWorld } from "./fake-world.ts";

const lost = new UserError("undetermined", ["EOF"], ["Look", NOTHING_WRITTEN]);

t.test("what failed after a change says what stays changed, and not that nothing was", async (t) => {
  t.match(afterWriting(lost, ["create a", "delete b"]), {
    kind: "undetermined",
    lines: ["EOF"],
    hints: ["Look", "Done before this:", "  create a", "  delete b"],
  });
  t.equal(afterWriting(lost, []), lost, "before any change it is as it was");
  const bug = new TypeError("oh");
  t.equal(afterWriting(bug, ["create a"]), bug);
});

t.test("of many changes the first are named", async (t) => {
  const { hints } = afterWriting(
    lost,
    Array.from({ length: 100 }, (_, at) => `create c${at}`),
  ) as UserError;
  t.equal(hints.length, 15);
  t.equal(hints.at(-1), "  and 88 more");
});

t.test("Ctrl-C after a change has something to say", async (t) => {
  const { kind, message, exitCode } = afterWriting(new UserError("interrupted", "interrupted"), [
    "create a",
  ]) as UserError;
  t.same([kind, message, exitCode], ["interrupted", "interrupted after a change", 130]);
});

t.test("a command that tells what it wrote has it in its error", async (t) => {
  const change = command({
    name: "change",
    summary: "Changes something",
    usage: "",
    examples: {},
    async run(_options, world) {
      world.wrote(["create a"]);
      throw lost;
    },
  });
  await t.rejects(execute(change, [], fakeWorld()), {
    message: "EOF",
    hints: ["Look", "Done before this:", "  create a"],
  });
});
