import { globSync } from "node:fs";

/** The pages for people whose blocks of a terminal are made by `npm run docs`, relative to the checkout. */
export function documents(root: string): string[] {
  return ["README.md", ...globSync(["docs/*.md", "docs/recipes/*.md"], { cwd: root }).toSorted()];
}
