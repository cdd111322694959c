import t from "tap";
import { pureTests } from "./tests.ts";

const start = "../control-plane/start.ts";

t.test("a test is pure unless it loads the control plane, through whatever it imports", async (t) => {
  const checkout = t.testdir({
    test: {
      "control-plane": { "start.ts": "" },
      rbac: {
        "alone.test.ts": "",
        "direct.test.ts": `import { start } from "${start}";`,
        "effect.test.ts": `import "${start}";`,
        "late.test.ts": `await import("${start}");`,
        "through.test.ts": `import { plane } from "./plane.ts";`,
        "plane.ts": `export { start as plane } from "${start}";`,
        "type.test.ts": `import type { Plane } from "${start}";\nimport type {\n  A,\n  B,\n} from "./plane.ts";\nexport type { C } from "./plane.ts";`,
        "both.test.ts": `import type { Plane } from "${start}";\nimport { start } from "${start}";`,
        "inline.test.ts": `import { type Plane, start } from "${start}";`,
      },
      other: { "elsewhere.test.ts": "" },
    },
  });
  const pure = pureTests(checkout).map(({ file }) => file);
  t.same(pure, ["test/rbac/alone.test.ts", "test/rbac/type.test.ts"]);
  t.same(
    pureTests(checkout, ["other"]).map(({ file }) => file),
    ["test/other/elsewhere.test.ts"],
  );
});

t.test("the hash of a test changes with what it loads, and with nothing else", async (t) => {
  const hash = (own: string, loaded: string, types: string, other: string) => {
    const checkout = t.testdir({
      test: {
        rbac: {
          "a.test.ts": `import { b } from "./b.ts";\nimport type { T } from "./t.ts";\n${own}`,
          "b.ts": loaded,
          "t.ts": types,
          "c.ts": other,
        },
      },
    });
    return pureTests(checkout)[0]?.hash;
  };
  const first = hash("", "", "", "");
  t.match(first, /^[0-9a-f]{16}$/u);
  t.equal(hash("", "", "// changed", "// changed"), first);
  t.not(hash("// changed", "", "", ""), first);
  t.not(hash("", "// changed", "", ""), first);
});
