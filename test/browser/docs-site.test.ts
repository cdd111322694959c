// The documentation site as a reader has it, served as files: no link leads nowhere, search finds, a phone shows it, and
// nobody else is asked for anything.
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { extname, join, normalize } from "node:path";
import process from "node:process";
import type { Page } from "playwright-core";
import t from "tap";
import { accessibilityProblems } from "./accessibility.ts";
import { openBrowser, visit } from "./chromium.ts";

const root = join(import.meta.dirname, "../..");
const folder = t.testdir({});
const base = "/kubectl-mirrord/";
const site = join(folder, "site");
const built = spawnSync(process.execPath, [join(root, "scripts/docs-site.ts"), site, "--base", base], {
  encoding: "utf8",
});
if (built.status !== 0) throw new Error(built.stderr);

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const server = createServer(({ url = "" }, response) => {
  const path = decodeURIComponent(new URL(url, "http://site").pathname);
  const file = join(site, normalize(path.slice(base.length - 1)), path.endsWith("/") ? "index.html" : "");
  // A page asks ahead for others while it is left, perhaps until the site's folder is gone.
  if (!path.startsWith(base) || statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
    return void response.writeHead(404).end();
  response.writeHead(200, { "Content-Type": types[extname(file)] ?? "text/plain" }).end(readFileSync(file));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
t.teardown(() => {
  server.closeAllConnections();
  server.close();
});
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const browser = await openBrowser(t);
const allows = (address: string) => address.startsWith(`${origin}/`);
const open = (path: string, look = {}) => visit(browser, `${origin}${base}${path}`, { allows, ...look });

interface Linked {
  /** Without a fragment. */
  address: string;
  fragment: string;
}

async function linksOn(page: Page): Promise<Linked[]> {
  const hrefs = await page.evaluate<string[]>("[...document.querySelectorAll('a[href]')].map(({ href }) => href)");
  return hrefs.map((href) => {
    const [address = "", fragment = ""] = href.split("#");
    return { address, fragment: decodeURIComponent(fragment) };
  });
}

t.test("every link of every page leads somewhere, to the place that it names", async (t) => {
  const { page, noise } = await open("");
  const todo = [`${origin}${base}`];
  const places = new Map<string, Set<string>>();
  const wanted: { from: string; to: Linked }[] = [];
  for (let address = todo.pop(); address !== undefined; address = todo.pop()) {
    if (places.has(address)) continue;
    const answer = await fetch(address);
    places.set(address, new Set());
    if (!t.equal(answer.status, 200, address) || answer.headers.get("content-type") !== "text/html") continue;
    await page.goto(address);
    const ids = await page.evaluate<string[]>("[...document.querySelectorAll('[id]')].map(({ id }) => id)");
    places.set(address, new Set(ids));
    for (const to of await linksOn(page)) {
      wanted.push({ from: address, to });
      if (allows(to.address)) todo.push(to.address);
    }
  }
  t.ok(places.size > 60, `${places.size} pages and files`);
  const nowhere = wanted.filter(({ to }) => to.fragment !== "" && places.get(to.address)?.has(to.fragment) === false);
  t.same(nowhere, [], "each fragment is a heading");
  const others = new Set(wanted.map(({ to }) => new URL(to.address)).filter(({ origin: of }) => of !== origin));
  t.same(
    [...others].filter(({ protocol }) => protocol !== "https:"),
    [],
  );
  t.same(noise, { said: [], requested: [] });
});

t.test("what is shown is what is written, on the page and around it", async (t) => {
  const { page } = await open("docs/policy.html");
  t.match(await page.locator("header").first().innerText(), /kubectl-mirrord[^]*Reference/);
  t.notMatch(await page.locator("body").innerText(), /\{\{ (site|theme|title|translate)/);
  const { page: install } = await open("docs/install.html");
  t.match(await install.locator("main").innerText(), "{{ .Values.path }}", "a template is text");
  const { page: home } = await open("");
  const [shown, whole] = await home.evaluate<number[]>(
    "(({ clientWidth, scrollWidth }) => [clientWidth, scrollWidth])(document.querySelector('main [class*=language-] pre'))",
  );
  t.equal(shown, whole, "80 columns fit beside the lists");
});

t.test("search finds a word in the pages, without asking anybody, and leads to it", async (t) => {
  const { page, noise } = await open("");
  await page
    .getByRole("button", { name: /search/i })
    .first()
    .click();
  await page.getByRole("searchbox").fill("DETACHED");
  const results = page.locator("#localsearch-list [role=option]");
  await results.first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname !== base);
  await page.locator("main").getByText("DETACHED").first().waitFor();
  t.same(noise, { said: [], requested: [] });
});

t.test("guides stand in the order of reading, recipes below the page that lists them", async (t) => {
  const { page } = await open("");
  const groups = await page.evaluate<string[][]>(
    "[...document.querySelectorAll('.VPSidebarItem.level-0')].map((each) => each.innerText.split(/\\n+/))",
  );
  const group = (name: string) => groups.find(([first]) => first === name)?.slice(1) ?? [];
  t.equal(group("Guides")[0], "Glossary");
  const order = ["The access model", "Roles of your own", "What the audit finds", "Requirements"];
  t.same(
    group("Guides").filter((title) => order.includes(title)),
    order,
  );
  t.equal(group("Recipes")[0], "Recipes");
  t.ok(group("Recipes").includes("Cut off one user now"));
});

t.test("on a phone no flag is broken at its hyphens", async (t) => {
  const { page } = await open("docs/grant.html", { viewport: { width: 360, height: 740 }, isMobile: true });
  const broken = await page.evaluate<string[]>(
    "[...document.querySelectorAll('main li code, main p code')].filter((each) => each.innerText.length <= 28 && each.getClientRects().length > 1).map(({ innerText }) => innerText)",
  );
  t.same(broken, []);
});

t.test("on a phone a page is as wide as the screen, and the list of pages is behind a button", async (t) => {
  for (const path of ["", "docs/can-i.html", "docs/reference/grant.html", "docs/security.html", "docs/audit.html"]) {
    const { page, noise } = await open(path, { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
    const [width, content] = await page.evaluate<number[]>("[innerWidth, document.documentElement.scrollWidth]");
    t.equal(content, width, `${path} is not wider than the screen`);
    t.equal(await page.locator(".VPSidebar.open").count(), 0, path);
    await page.getByRole("button", { name: /menu/i }).last().click();
    await page.locator(".VPSidebar.open").getByRole("link", { name: "policy", exact: true }).first().click();
    await page.waitForURL(/\/docs\/policy\.html$/);
    t.same(noise, { said: [], requested: [] });
  }
});

t.test("colours follow the reader's", async (t) => {
  const shade = async (colorScheme: "dark" | "light") => {
    const { page } = await open("docs/can-i.html", { colorScheme });
    return page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
  };
  t.not(await shade("dark"), await shade("light"));
});

/** What the generator's theme has wrong in its frame, not in what we write. */
const framed = /^(nested-interactive: \.|label-content-name-mismatch: \.DocSearch$)/;
t.test("what is written can be read by everybody", async (t) => {
  for (const path of ["", "docs/grant.html", "docs/reference/can-i.html"]) {
    const { page } = await open(path);
    const problems = await accessibilityProblems(page);
    t.same(
      problems.filter((problem) => !framed.test(problem)),
      [],
      path,
    );
  }
});
