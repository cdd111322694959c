// The page that `audit -o html` prints, in a real browser: it keeps to its own policy, asks the network for nothing, can be used
// by everybody and by keyboard, and shows hostile names as what they are.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import t from "tap";
import { bundler, root } from "../../scripts/bundle.ts";
import { htmlReport, type HtmlReport } from "../../lib/view/html/report.ts";
import { runAudit } from "../commands/audit/run.ts";
import { allRights, deployment, namespace, operator, operatorRoles, user } from "../preview/objects.ts";
import { clusterRole, clusterRoleBinding, clusterRoleRef, group, roleBinding, rule } from "../rbac/objects.ts";
import { until } from "../until.ts";
import { accessibilityProblems } from "./accessibility.ts";
import { openBrowser, visit } from "./chromium.ts";

const browser = await openBrowser(t);
const SUBJECTS = 5000;

/** Names that would be a script, end one, end an attribute, or be read as another. */
const hostile = [
  "<script>globalThis.attacked = true</script>",
  "</script><script>globalThis.attacked = true</script>",
  `"'><img src=x onerror="globalThis.attacked = true">`,
  "eve\u202emij",
  "line\u2028break",
  "<!--",
  "&lt;b&gt;",
];

const objects = [
  namespace(),
  operator(),
  ...operatorRoles,
  deployment("web"),
  ...allRights(user("jim")),
  clusterRole("everything", [rule("*", "*", "*")]),
  clusterRole("impersonator", [rule("", "users", "impersonate")]),
  clusterRoleBinding("root", "everything", [user("root")]),
  ...hostile.flatMap((name) => [
    clusterRoleBinding(`actor ${name}`, "impersonator", [user(name)]),
    clusterRoleBinding(`user ${name}`, "mirrord-operator-user", [group(name), user(name)]),
  ]),
  roleBinding("dev", "gone", clusterRoleRef("gone"), [user("ana")]),
];
const { stdout: hostilePage } = await runAudit({ objects }, "-o", "html");

const big: HtmlReport = {
  title: "Many subjects",
  place: "a test",
  made: "2026-01-02T03:04:05Z",
  missing: [],
  facts: [],
  rules: [],
  matrix: {
    caption: "A line for each subject.",
    columns: ["subject", "mirror", "steal"],
    actionsFrom: 1,
    rows: Array.from({ length: SUBJECTS }, (_, index) => [
      `user-${index}`,
      `ns-${index % 500}`,
      index % 10 === 0 ? "<all>" : "",
    ]),
  },
};

interface Test {
  testdir(): string;
  teardown(close: () => Promise<void>): void;
}

/** Shows a page from a file, in a context that goes with the test. */
async function show(t: Test, html: string, look: BrowserContextOptions = {}) {
  const path = join(t.testdir(), "report.html");
  writeFileSync(path, html);
  const shown = await visit(browser, path, look);
  t.teardown(() => shown.page.context().close());
  return shown;
}

const looks = [
  { width: 390, height: 844 },
  { width: 820, height: 1180 },
  { width: 1440, height: 900 },
].flatMap((viewport) => (["light", "dark"] as const).map((colorScheme) => ({ viewport, colorScheme })));

for (const look of looks) {
  const { viewport, colorScheme } = look;
  t.test(`at ${viewport.width} pixels in ${colorScheme}, everybody can use it, and it is quiet`, async (t) => {
    const { page, noise } = await show(t, hostilePage, look);
    t.same(await accessibilityProblems(page), []);
    await page.locator("details summary").first().click();
    t.equal(await page.locator("svg.picture").first().isVisible(), true);
    await page.locator("#matrix-body button").first().click();
    t.equal(await page.locator("#matrix-line").isVisible(), true);
    t.same(await accessibilityProblems(page), [], "nor with a finding and a line open");
    const wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    t.equal(wide, 0, "nothing but the matrix itself is wider than the screen");
    t.same(noise, { said: [], requested: [] });
  });
}

t.test("hostile names are shown, and are nothing else", async (t) => {
  const { page, noise } = await show(t, hostilePage, { viewport: { width: 1000, height: 3000 } });
  const findings = (await page.locator("#finding-list").textContent()) ?? "";
  const matrix = (await page.locator("#matrix-body").textContent()) ?? "";
  for (const shown of [
    hostile[0],
    hostile[1],
    hostile[2],
    "eve\\u{202e}mij",
    "line\\u{2028}break",
    "<!--",
    "&lt;b&gt;",
  ]) {
    t.ok(findings.includes(shown ?? "?"), `a finding about ${shown}`);
    t.ok(matrix.includes(shown ?? "?"), `a line about ${shown}`);
  }
  t.notMatch(await page.content(), /[\u202e\u2028]/);
  t.equal(await page.evaluate("globalThis.attacked"), undefined);
  t.equal(await page.locator("img, iframe, object, link").count(), 0);
  t.same(noise, { said: [], requested: [] });
});

t.test("what somebody adds to the file does not run", async (t) => {
  const html = hostilePage.replace(
    "</main>",
    "<script>globalThis.attacked = true</script><p style='color: red'>x</p></main>",
  );
  const { page, noise } = await show(t, html);
  t.equal(await page.evaluate("globalThis.attacked"), undefined);
  t.match(
    noise.said.join("\n"),
    /policy: script-src-elem inline[^]*policy: style-src-attr inline|policy: style-src-attr inline/,
  );
});

t.test("findings are filtered by words, rule and severity, and counted", async (t) => {
  const { page } = await show(t, hostilePage);
  const all = await page.locator("#finding-list > details").count();
  const visible = () => page.locator("#finding-list > details:visible").count();
  const count = () => page.locator("#finding-count").textContent();
  t.equal(await visible(), all);
  t.equal(await count(), `${all} of ${all} findings`);
  await page.locator("#finding-search").fill("ROOT EVERYTHING");
  await until("the words are found", async () => (await visible()) < all);
  t.match(
    await page.locator("#finding-list > details:visible").first().textContent(),
    /root.*everything|everything.*root/i,
  );
  await page.locator("#finding-search").fill("");
  await page.locator("#finding-rule").selectOption("impersonation");
  await until("one rule is left", async () => (await visible()) === hostile.length || (await visible()) === 1);
  t.same(
    await page.locator("#finding-list > details:visible .about code").allTextContents(),
    Array.from({ length: await visible() }, () => "impersonation"),
  );
  await page.locator("#finding-filters input[value=high]").uncheck();
  await until("none is left", async () => (await visible()) === 0);
  t.equal(await count(), `0 of ${all} findings`);
});

/** The name in each line that is drawn. */
const names = (page: Page): Promise<string[]> => page.locator("#matrix-body th button").allTextContents();
const focused = (page: Page): Promise<unknown> => page.evaluate("document.activeElement?.textContent");

t.test("of five thousand lines only those in sight are drawn, wherever one scrolls", async (t) => {
  const { page, noise } = await show(t, htmlReport(big), { viewport: { width: 1000, height: 800 } });
  const drawn = await names(page);
  t.equal(drawn[0], "user-0");
  t.ok(drawn.length < 100, `${drawn.length} lines`);
  for (const [share, index] of [
    [0.5, 2500],
    [1, 4999],
    [0, 0],
  ] as const) {
    await page.evaluate(
      `{ const box = document.getElementById("matrix-scroller"); box.scrollTop = box.scrollHeight * ${share}; }`,
    );
    await until(`line ${index} is drawn`, async () => (await names(page)).includes(`user-${index}`));
    t.ok((await names(page)).length < 100);
  }
  t.equal(await page.locator("#matrix-table").getAttribute("aria-rowcount"), String(SUBJECTS + 1));
  t.same(noise, { said: [], requested: [] });
});

t.test("the matrix is searched by words and by action", async (t) => {
  const { page } = await show(t, htmlReport(big));
  const count = page.locator("#matrix-count");
  await page.locator("#matrix-search").fill("user-499");
  await until("the lines are found", async () => (await count.textContent()) === "11 of 5000 lines");
  t.same((await names(page)).slice(0, 2), ["user-499", "user-4990"]);
  await page.locator("#matrix-action").selectOption("steal");
  await until("one is left", async () => (await count.textContent()) === "1 of 5000 lines");
  await page.locator("#matrix-search").fill("nobody at all");
  await until("none is left", async () => (await count.textContent()) === "0 of 5000 lines");
  t.same(await names(page), []);
});

t.test("the matrix can be used by keyboard alone", async (t) => {
  const { page } = await show(t, htmlReport(big));
  await page.locator("#matrix-action").focus();
  await page.keyboard.press("Tab");
  t.equal(await page.evaluate("document.activeElement.id"), "matrix-scroller");
  await page.keyboard.press("Tab");
  t.equal(await focused(page), "user-0");
  await page.keyboard.press("ArrowDown");
  t.equal(await focused(page), "user-1");
  await page.keyboard.press("End");
  t.equal(await focused(page), "user-4999");
  await page.keyboard.press("ArrowUp");
  t.equal(await focused(page), "user-4998");
  await page.keyboard.press("PageUp");
  t.match(await focused(page), /^user-49[0-8]\d$/);
  const name = await focused(page);
  await page.keyboard.press("Enter");
  t.equal(await page.locator("#matrix-line").isVisible(), true);
  t.equal(await page.locator("#matrix-line h2").textContent(), name);
  t.equal(await focused(page), "Close");
  await page.keyboard.press("Escape");
  t.equal(await page.locator("#matrix-line").isVisible(), false);
  await until("the line has the focus again", async () => (await focused(page)) === name);
  await page.keyboard.press("Home");
  t.equal(await focused(page), "user-0");
});

t.test("on paper everything is there: findings with their pictures, and every line", async (t) => {
  const { page, noise } = await show(t, hostilePage);
  const pdf = await page.pdf({ format: "A4" });
  t.equal(pdf.subarray(0, 5).toString(), "%PDF-");
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await page.evaluate("dispatchEvent(new Event('beforeprint'))");
  t.equal(await page.locator("#finding-list > details:not([open])").count(), 0);
  t.equal(await page.locator("#finding-filters, #matrix-filters, nav").locator("visible=true").count(), 0);
  t.equal(await page.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)");
  t.same(await accessibilityProblems(page), []);
  await page.evaluate("dispatchEvent(new Event('afterprint'))");
  t.equal(await page.locator("#finding-list > details[open]").count(), 0, "and afterwards all is as before");
  t.same(noise, { said: [], requested: [] });
  const many = await show(t, htmlReport(big));
  await many.page.evaluate("dispatchEvent(new Event('beforeprint'))");
  t.equal((await names(many.page)).length, SUBJECTS);
});

t.test("without scripts the findings are still there, and where the matrix is to be had is said", async (t) => {
  const { page } = await show(t, hostilePage, { javaScriptEnabled: false });
  t.ok((await page.locator("#finding-list > details").count()) > 0);
  t.equal(await page.locator("#finding-filters").isVisible(), false);
  t.match(await page.locator("noscript").textContent(), /audit matrix -o csv/);
});

t.test("the page of a release, whose scripts are made small, works as well", async (t) => {
  const folder = t.testdir();
  const program = join(folder, "kubectl-mirrord.cjs");
  // Of the packages that lie apart, a page takes none.
  const load = (name: string): string => `module.exports = require(__dirname + "/${name}");`;
  await bundler({ target: "node22", here: "__filename", load }).command("kubectl-mirrord.ts", program);
  const words = [program, "audit", "--manifests", "examples", "-o", "html", "--fail-on", "never"];
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8", cwd: root });
  t.match(stdout, /^<!doctype html>/, stderr);
  const path = join(folder, "report.html");
  writeFileSync(path, stdout);
  const { page, noise } = await visit(browser, path);
  t.teardown(() => page.context().close());
  t.match(await names(page), ["group:oidc:backend"]);
  await page.locator("#finding-search").fill("front-proxy");
  await until(
    "the finding is found",
    async () => (await page.locator("#finding-list > details:visible").count()) === 1,
  );
  await page.locator("#matrix-body button").first().press("End");
  await page.keyboard.press("Enter");
  t.equal(await page.locator("#matrix-line").isVisible(), true);
  t.same(noise, { said: [], requested: [] });
});
