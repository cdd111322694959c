import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { shellCommand } from "../../lib/text/shell-quote.ts";

t.test("an operand is never taken for a flag", async (t) => {
  t.equal(shellCommand(["kubectl", "mirrord", "session", "kill"], ["AB12"]), "kubectl mirrord session kill AB12");
  t.equal(shellCommand(["kubectl", "mirrord", "session", "kill"], ["--all"]), "kubectl mirrord session kill -- --all");
  t.equal(shellCommand(["kubectl", "get", "pods", "-n", "a;touch x"]), "kubectl get pods -n 'a;touch x'");
});

// A value that is put into the text of a command by hand is a value that a shell may obey. What lib/cli writes are its own names.
t.test("every printed command goes through the quoter", async (t) => {
  const root = join(import.meta.dirname, "../..");
  const files = globSync(["lib/**/*.ts", "plugins/*.ts"], { cwd: root }).filter((file) => !file.startsWith("lib/cli/"));
  const byHand = files.flatMap((file) =>
    [
      ...readFileSync(join(root, file), "utf8").matchAll(
        /kubectl [a-z][^`\n]*?\$\{(?!shell(?:Command|Quote)\b)[^}\n]*\}/g,
      ),
    ].map(([text]) => `${file}: ${text}`),
  );
  t.same(
    byHand.filter((text) => !accepted.some((one) => text.includes(one))),
    [],
  );
});

// Each with a value that is one of a closed list, or a number.
const accepted = ["can-i ${word}", "kubectl mirrord ${asker}", "--yes-prune=${pruned}", "${timestamp("];
