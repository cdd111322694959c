import t from "tap";
import { findingsFlags } from "../../lib/commands/findings-flags.ts";
import { verify } from "../../lib/commands/install/verify.ts";
import { lint } from "../../lib/commands/policy/lint.ts";

t.test("every command that reports findings has the same flags and the same answer", async (t) => {
  for (const command of [verify, lint]) {
    t.match(command.flags, findingsFlags, command.name);
    t.match(command.exitCodes, { 0: /--fail-on/, 1: /--fail-on/ }, command.name);
  }
});
