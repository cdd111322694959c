import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import {
  requirementIds,
  requirements,
  requirementsPage,
  requirementTests,
  resultLines,
} from "../../scripts/docs/requirements.ts";

const root = join(import.meta.dirname, "../..");

t.test("the page of requirements names the tests of today; else: npm run docs", async (t) => {
  t.equal(readFileSync(join(root, "docs/requirements.md"), "utf8"), requirementsPage(root));
});

t.test("every id that a test names is one of a requirement, and each stands once", async (t) => {
  const ids = requirements.map(({ id }) => id);
  t.equal(new Set(ids).size, ids.length);
  // Put together here, so that this file is about none of them.
  const unknown = [...requirementTests(root).keys()].filter((id) => !ids.includes(id));
  t.same(unknown, []);
});

/** An id, put together so that this file does not count as a test of it. */
const id = (number: number) => ["MKE", number].join("-");

t.test("a test is found by the id in its name: in a sentence, in a template, or alone in a table", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-requirements-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "test/e2e"), { recursive: true });
  const lines = [
    `// ${id(9)} in a comment is no test`,
    `t.test("${id(1)}, ${id(2)}: two at once", async () => {});`,
    `for (const [number, what] of [["${id(3)}", "hostIPC"]]) t.test(\`\${number}\`, async () => {});`,
    `t.test(\`${id(4)}: \${what} | x\`, async () => {});`,
  ];
  writeFileSync(join(folder, "test/e2e/a.test.ts"), lines.join("\n"));
  writeFileSync(join(folder, "test/e2e/helper.ts"), `"${id(5)}: is in no test file"`);
  const found = requirementTests(folder);
  t.same(
    found,
    new Map([
      [id(1), [{ file: "test/e2e/a.test.ts", name: `${id(1)}, ${id(2)}: two at once` }]],
      [id(2), [{ file: "test/e2e/a.test.ts", name: `${id(1)}, ${id(2)}: two at once` }]],
      [id(3), [{ file: "test/e2e/a.test.ts", name: `${id(3)} hostIPC` }]],
      [id(4), [{ file: "test/e2e/a.test.ts", name: `${id(4)}: \${what} | x` }]],
    ]),
  );
  const page = requirementsPage(folder);
  t.match(page, `${id(4)}: \${what} \\| x |\n`, "a name cannot break the table");
  t.match(page, /does not apply: Kubernetes has none of them/);
  t.match(page, /no test says so yet/);
});

t.test("results come by requirement, whatever their order; one without a test is not passed over", async (t) => {
  const lines = resultLines([
    { file: "b.test.ts", name: `${id(2)}: later`, result: "failed" },
    { file: "a.test.ts", name: `${id(1)} and ${id(2)}`, result: "passed" },
    { file: "c.test.ts", name: "about nothing", result: "passed" },
  ]);
  t.same(lines.slice(0, 4), [
    `${id(1)}   passed   a.test.ts: ${id(1)} and ${id(2)}`,
    `${id(2)}   failed   b.test.ts: ${id(2)}: later`,
    `${id(2)}   passed   a.test.ts: ${id(1)} and ${id(2)}`,
    `${id(3)}   no test ran`,
  ]);
  t.ok(lines.includes(`${id(20)}  does not apply`));
  t.same(requirementIds(`${id(1)}, X${id(2)}`), [id(1)]);
});
