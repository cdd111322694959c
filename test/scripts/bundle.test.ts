import { spawnSync } from "node:child_process";
import { globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import t from "tap";
import { apart, bundler, root } from "../../scripts/bundle.ts";

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

const bundles = bundler({
  target: "node22",
  here: "__filename",
  load: (name) => `module.exports = require(__dirname + "/${name}");`,
});
const folder = t.testdir();
const program = join(folder, "kubectl-mirrord.cjs");
await bundles.command("kubectl-mirrord.ts", program);
const require = createRequire(import.meta.url);
const packages = await bundles.packages(folder);

const observed = join(folder, "observed.cjs");
writeFileSync(
  observed,
  `const costly = ["child_process", "crypto", "http", "http2", "https", "tls", "zlib"];
   const Module = require("node:module");
   const loaded = new Set();
   const load = Module.prototype.require;
   Module.prototype.require = function (name) {
     loaded.add(name.replace("node:", ""));
     return load.call(this, name);
   };
   process.on("exit", () => {
     const found = costly.filter((name) => loaded.has(name));
     require("node:fs").writeSync(2, "\\nLOADED " + JSON.stringify(found) + "\\n");
   });
   require("./kubectl-mirrord.cjs");`,
);

for (const { words, loads } of [
  { words: ["policy", "lint", "--manifests", "examples"], loads: [] },
  { words: ["can-i", "--list", "-n", "dev", "--as", "jim", "--manifests", "examples"], loads: [] },
  { words: ["session", "list", "--server", "http://127.0.0.1:1"], loads: ["http"] },
  { words: ["grant", "jim", "--ns", "dev", "--dry-run=client", "--manifests", "examples"], loads: ["crypto"] },
])
  t.test(`${words.join(" ")} loads no costly part of Node.js but ${loads.join(", ") || "none"}`, async (t) => {
    const { stderr } = spawnSync(process.execPath, [observed, ...words], { encoding: "utf8", cwd: root });
    t.same(JSON.parse(/^LOADED (.*)$/m.exec(stderr)?.[1] ?? stderr), loads);
  });

t.test("what is left out of the packages is nothing that lib asks for", async (t) => {
  const [inquirer = "", client = ""] = packages;
  const { createPromptModule } = require(inquirer);
  const kinds = [...readFileSync(join(root, "lib/cli/prompts.ts"), "utf8").matchAll(/type: "(\w+)"/g)].map(
    ([, kind = ""]) => kind,
  );
  t.same(kinds.toSorted(), ["confirm", "input", "select"], "an editor would need what is left out");
  for (const kind of kinds) t.type(createPromptModule().prompts[kind], "function", kind);
  const { KubeConfig, PortForward } = require(client);
  const config = new KubeConfig();
  config.loadFromOptions({ clusters: [], users: [], contexts: [], currentContext: "" });
  t.type(new PortForward(config).portForward, "function");
  for (const file of packages) t.ok(statSync(file).size < 300_000, `${file}: ${statSync(file).size} bytes`);
});
