// npm run bench: every benchmark, or the ones named: npm run bench -- rbac can-i
// Figures come from one run, side by side, as ratios, with the sizes of their inputs; what has a limit is in a table at the end.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { printLimits } from "./limits.ts";

const all = [
  "start",
  "rbac",
  "audit",
  "can-i",
  "delay",
  "grant",
  "organizations",
  "sync",
  "session",
  "policy",
  "install",
  "logs",
  "hostile",
];
const asked = process.argv.slice(2);

for (const name of asked.length === 0 ? all : asked) {
  const file = join(import.meta.dirname, `${name}.ts`);
  if (!existsSync(file)) {
    process.stderr.write(`error: there is no benchmark ${JSON.stringify(name)}; there are ${all.join(", ")}\n`);
    process.exitCode = 2;
    continue;
  }
  process.stdout.write(`\n== ${name}\n`);
  const { run } = (await import(pathToFileURL(file).href)) as { run: () => Promise<void> };
  await run();
}
printLimits();
