import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import type { AxeResults } from "axe-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core finds wrong with a page as it is shown now: `rule: element`, and nothing for a page that everybody can use. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  // Evaluated by the debugger, so that the page's own policy has no say in it.
  await page.evaluate(`{ const module = undefined, exports = undefined, define = undefined; ${source} }`);
  const { violations } = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as AxeResults;
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}
