import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { apart, root } from "../../scripts/bundle.ts";

const sources = globSync("lib/**/*.ts", { cwd: root }).map((path) => readFileSync(join(root, path), "utf8"));

/** What a source takes from a package when it runs: by `import { … }`, or out of `await import(…)`. */
function taken(source: string, packageName: string): string[] {
  const quoted = `"${packageName.replaceAll("/", "\\/")}"`;
  const forms = [`import \\{([^}]*)\\} from ${quoted}`, `const \\{([^}]*)\\} = await import\\(${quoted}\\)`];
  return forms
    .flatMap((form) => [...source.matchAll(new RegExp(form, "g"))])
    .flatMap(([, names = ""]) => names.split(",").map((name) => name.trim()))
    .filter((name) => name !== "" && !name.startsWith("type "));
}

for (const [packageName, names] of Object.entries(apart))
  t.test(`of ${packageName} a release holds what lib takes from it`, async (t) => {
    t.same([...new Set(sources.flatMap((source) => taken(source, packageName)))].toSorted(), [...names].toSorted());
  });
