import t from "tap";
import coveredFiles from "./coverage-map.ts";
import { judgeCoverage, totalCoverage } from "./coverage.ts";

const counted = (covered: number, total: number) => ({
  lines: { covered, total },
  branches: { covered: covered / 10, total: total / 10 },
});

t.test("a file that no test loads counts as not covered, one of types only does not count", async (t) => {
  const sources = new Map([
    ["/lib/a.ts", "const a = 1;\n"],
    ["/lib/unloaded.ts", "export const b = 1;\n".repeat(10)],
    ["/lib/types.ts", '// Types.\nimport type { A } from "./a.ts";\nexport interface B {\n  a: A;\n}\n'],
  ]);
  const summary = { total: counted(30, 30), "/lib/a.ts": counted(30, 30), "/test/other.ts": counted(0, 1000) };
  t.same(totalCoverage(summary, sources), { lines: 75, branches: 75 });
});

t.test("figures are rounded down: only all is 100", async (t) => {
  const sources = new Map([["/lib/a.ts", "const a = f();\n"]]);
  t.same(totalCoverage({ "/lib/a.ts": counted(99_990, 100_000) }, sources), { lines: 99.9, branches: 99.9 });
  t.same(totalCoverage({ "/lib/a.ts": counted(100, 100) }, sources), { lines: 100, branches: 100 });
});

const floor = { lines: 90, branches: 80 };
const of = "coverage of lib by the tests beside it:";
const judged: { name: string; coverage: typeof floor; want: ReturnType<typeof judgeCoverage> }[] = [
  {
    name: "at the floor",
    coverage: { lines: 90, branches: 80.9 },
    want: { lines: [`${of} 90.0 % of lines`, `${of} 80.9 % of branches`], isBelow: false },
  },
  {
    name: "below it with one of both",
    coverage: { lines: 95, branches: 79.9 },
    want: {
      lines: [
        `${of} 95.0 % of lines; raise the floor of 90 %`,
        `FAIL ${of} 79.9 % of branches, below the floor of 80 %: test what is new`,
      ],
      isBelow: true,
    },
  },
];
for (const { name, coverage, want } of judged)
  t.test(`coverage ${name}`, async (t) => t.same(judgeCoverage(coverage, floor), want));

t.test("a test covers the folder that it mirrors", async (t) => {
  t.equal(coveredFiles("test/kube/http/proxy.test.ts"), "lib/kube/http/**/*.ts");
  t.equal(coveredFiles("test/rbac/authorizer.test.ts"), "lib/rbac/**/*.ts");
  t.equal(coveredFiles("test/yaml.test.ts"), "lib/yaml.ts");
});
