// The files that docs/policy.md shows pass with the command that it shows, on the example cluster.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { exampleFolder } from "./policy-world.ts";

const text = readFileSync(join(import.meta.dirname, "../../docs/policy.md"), "utf8");
const [cases = "", policies = ""] = [...text.matchAll(/```yaml\n([^`]*)```/g)].map(([, block]) => block);
const [, words = ""] = /^kubectl mirrord (policy test .*--expect \S+ \S+ \S+) --manifests/m.exec(text) ?? [];

t.test(`kubectl mirrord ${words}`, async (t) => {
  const { run, file } = exampleFolder(t);
  const files: Record<string, string> = {
    "cases.yaml": file("cases.yaml", cases),
    "policies.yaml": file("policies.yaml", policies),
  };
  const line = words.split(" ").slice(1);
  t.match(await run(...line.map((word) => files[word] ?? word)), { code: 0, stdout: "5 of 5 cases passed\n" });
  const without = line.filter((word) => word !== "-f" && word !== "policies.yaml");
  t.match(await run(...without.map((word) => files[word] ?? word)), { code: 1 }, "and not without the policies");
});

t.test("the policies of the page are clean", async (t) => {
  const { run, file } = exampleFolder(t);
  const lint = await run("lint", "-f", file("policies.yaml", policies), "--fail-on", "warning");
  t.match(lint, { code: 0 }, lint.stdout);
});
