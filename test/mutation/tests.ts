// The tests that are run against mutants: those without a control plane, of the rooms that are mutated and of the one that
// reads for them. What commands do with them takes a hundred times as long, and does not count for coverage either.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { textHash } from "./instrument.ts";

/** In a minute or two; `commands` may be added. */
export const quickRooms = ["access", "install", "mirrord", "preview", "rbac", "reading"];
const controlPlane = "test/control-plane/start.ts";

export interface TestFile {
  /** Relative to the checkout. */
  file: string;
  /** Of it and of all that it imports from test/. */
  hash: string;
}

/** In the order of their names. */
export function pureTests(checkout: string, rooms: readonly string[] = quickRooms): TestFile[] {
  return globSync(
    rooms.map((room) => `test/${room}/**/*.test.ts`),
    { cwd: checkout },
  )
    .toSorted()
    .flatMap((file) => {
      const texts = importedTexts(checkout, file);
      return texts.has(controlPlane) ? [] : [{ file, hash: textHash([...texts.values()]) }];
    });
}

/** The file and all files of test/ that it loads, with their texts: an import of types loads nothing. */
function importedTexts(checkout: string, file: string, found = new Map<string, string>()): Map<string, string> {
  const path = join(checkout, file);
  if (found.has(file) || !file.startsWith("test/") || !existsSync(path)) return found;
  const text = readFileSync(path, "utf8");
  found.set(file, text);
  const code = text.replaceAll(/^(?:import|export) type\b[^;]*;/gmu, "");
  for (const [, specifier = ""] of code.matchAll(/(?:from|import\(|import)\s*"(\.[^"]+)"/g))
    importedTexts(checkout, join(dirname(file), specifier), found);
  return found;
}
