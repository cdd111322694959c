// A real browser for what only one can show: that a page works, keeps to its own Content-Security-Policy and asks the
// network for nothing.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

/** A test, or the whole file: what was opened is closed with it. */
interface Owner {
  teardown(close: () => Promise<void>): void;
}

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const applications = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** As root there is no sandbox; and nothing is to be looked up, updated or reported by the browser itself. */
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];

const patienceMs = 120_000;

/** The path of CHROMIUM, or of the first browser on PATH. Throws what to install when there is none: nothing is skipped. */
export function browserPath(env: NodeJS.ProcessEnv = process.env, elsewhere: readonly string[] = applications): string {
  const folders = (env["PATH"] ?? "").split(delimiter);
  const candidates = [
    ...(env["CHROMIUM"] === undefined ? [] : [env["CHROMIUM"]]),
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    ...elsewhere,
  ];
  const found = candidates.find(isExecutable);
  if (found === undefined) {
    throw new Error("no Chromium on this machine. Try: apt-get install chromium, or set CHROMIUM to its path");
  }
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Headless Chromium with a profile of its own, which goes with it at the end of the test. */
export async function openBrowser(owner: Owner): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: browserPath(), args: quiet, timeout: patienceMs });
  owner.teardown(() => browser.close());
  return browser;
}

/** What a page did beside being shown; all of it is empty for one that is as it should be. */
export interface Noise {
  /** Errors and warnings of the console, what was thrown and not caught, and violations of a Content-Security-Policy. */
  said: string[];
  /** Every request but those that `allows` names: at first that of the page itself. */
  requested: string[];
}

export interface Visit {
  page: Page;
  noise: Noise;
}

/**
 * Opens a page in a context of its own: an address, or the path of a file. `allows` says which addresses it may ask for
 * (by itself: only its own).
 */
export async function visit(
  browser: Browser,
  place: string,
  options: BrowserContextOptions & { allows?: (address: string) => boolean } = {},
): Promise<Visit> {
  const { allows, ...look } = options;
  const address = /^https?:/.test(place) ? place : pathToFileURL(place).href;
  const isOwn = allows ?? ((url: string) => url.split("#", 1)[0] === address.split("#", 1)[0]);
  const context = await browser.newContext(look);
  context.setDefaultTimeout(patienceMs);
  const page = await context.newPage();
  const noise: Noise = { said: [], requested: [] };
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) noise.said.push(message.text());
  });
  page.on("pageerror", (error) => noise.said.push(String(error)));
  page.on("request", (request) => {
    if (!isOwn(request.url())) noise.requested.push(request.url());
  });
  await page.addInitScript(
    "addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`))",
  );
  await page.goto(address);
  return { page, noise };
}
