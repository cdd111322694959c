// Loaded before a worker: has Node take the instrumented copy of each file of lib that has mutants.
import { existsSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { checkoutVariable, instrumentedPath, mutantsVariable } from "./protocol.ts";

const checkout = process.env[checkoutVariable] ?? "";
const folder = process.env[mutantsVariable] ?? "";

registerHooks({
  load(url, context, nextLoad) {
    const source = url.startsWith("file:") ? instrumented(fileURLToPath(url)) : undefined;
    return source === undefined ? nextLoad(url, context) : { format: "module", source, shortCircuit: true };
  },
});

function instrumented(path: string): string | undefined {
  const file = relative(checkout, path);
  if (!file.startsWith("lib/")) return undefined;
  const copy = instrumentedPath(folder, file);
  return existsSync(copy) ? readFileSync(copy, "utf8") : undefined;
}
