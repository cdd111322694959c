import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Folders that a page makes for itself, and what it may do to them. */
export interface Scratch {
  /** Where a path of the page is: among its own folders, or in the checkout. */
  locate(path: string): string;
  /** `cp -r FROM TO`, `cat FILE` or `replace FILE OLD NEW`; undefined for any other line. */
  run(words: readonly string[]): string | undefined;
}

/** @param root the checkout, from which folders are copied */
export function scratch(root: string): Scratch {
  let folder = "";
  const own = new Set<string>();
  const locate = (path: string) => join(own.has(path.split("/")[0] ?? "") ? folder : root, path);
  const begin = (): void => {
    if (folder !== "") return;
    folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-docs-"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  };
  return {
    locate,
    run([program, ...words]) {
      const [first = "", second = "", third = ""] = words;
      switch (program) {
        case "cat":
          return readFileSync(locate(first), "utf8");
        case "cp": {
          begin();
          const from = locate(second);
          own.add(third);
          cpSync(from, locate(third), { recursive: true });
          return "";
        }
        case "replace": {
          const text = readFileSync(locate(first), "utf8");
          if (!text.includes(second)) throw new Error(`${first} does not have ${JSON.stringify(second)}`);
          writeFileSync(locate(first), text.replace(second, third.replaceAll(String.raw`\n`, "\n")));
          return "";
        }
        default:
          return undefined;
      }
    },
  };
}
