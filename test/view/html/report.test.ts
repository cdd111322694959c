import { createHash } from "node:crypto";
import t from "tap";
import { htmlReport, type HtmlFinding, type HtmlReport } from "../../../lib/view/html/report.ts";

const report = (change: Partial<HtmlReport> = {}): HtmlReport => ({
  title: "mirrord access",
  place: 'context "dev"',
  made: "2026-01-02T03:04:05Z",
  missing: [],
  facts: [],
  rules: [],
  ...change,
});
const finding = (change: Partial<HtmlFinding> = {}): HtmlFinding => ({
  grade: "high",
  rule: "everybody",
  object: "RoleBinding dev/web",
  message: "jim may do everything",
  fix: "Take it away.",
  who: ["jim"],
  evidence: ["ClusterRole edit"],
  chain: [
    { kind: "subject", names: ["jim"] },
    { kind: "role", names: ["ClusterRole edit"] },
  ],
  ...change,
});
const withFindings = (...items: HtmlFinding[]) =>
  report({
    findings: { grades: ["high", "medium"], items },
    rules: [{ rule: "everybody", summary: "A summary.", explanation: "Why.", fix: "What." }],
  });
const matrix = (...rows: string[][]) =>
  report({ matrix: { caption: "A line for each subject.", columns: ["subject", "mirror"], actionsFrom: 1, rows } });

const hash = (text: string): string => createHash("sha256").update(text).digest("base64");
const between = (html: string, start: string, end: string): string => html.split(start)[1]?.split(end)[0] ?? "";

/** As a browser reads the attribute. */
const policy = (html: string): string =>
  between(html, 'http-equiv="Content-Security-Policy" content="', '"').replaceAll("&#39;", "'");

t.test("the policy allows the page's own style and script, by their hashes, and nothing else", async (t) => {
  const html = htmlReport(withFindings(finding()));
  t.same(policy(html).split("; "), [
    "default-src 'none'",
    `style-src 'sha256-${hash(between(html, "<style>", "</style>"))}'`,
    `script-src 'sha256-${hash(between(html, "<script>", "</script>"))}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ]);
  t.notMatch(html, /\son[a-z]+=|\sstyle=|<link|<img|<iframe|https?:\/\//);
});

t.test("a page without lists has no script, and allows none", async (t) => {
  for (const one of [report(), withFindings(), matrix()]) {
    const html = htmlReport(one);
    t.notMatch(html, /<script/);
    t.match(policy(html), /script-src 'none'/);
  }
  t.match(htmlReport(withFindings()), /Nothing was found\./);
  t.match(htmlReport(matrix()), /Nobody may do anything\./);
});

t.test("each list has the script that it needs", async (t) => {
  const both = { ...withFindings(finding()), ...matrix(["jim", "dev"]), findings: withFindings(finding()).findings };
  t.match(htmlReport(withFindings(finding())), /finding-list/);
  t.notMatch(htmlReport(withFindings(finding())), /matrix-data/);
  t.notMatch(htmlReport(matrix(["jim", "dev"])), /finding-list/);
  t.match(htmlReport(both as HtmlReport), /finding-list[^]*matrix-data/);
});

const fixes: { name: string; fix: string; shows: string }[] = [
  { name: "without a command", fix: "Take it away.", shows: "<dd><p>Take it away.</p></dd>" },
  {
    name: "that ends with a command",
    fix: "Change it: kubectl edit clusterrole 'a: b' -n dev",
    shows: "<dd><p>Change it:</p><pre><code>kubectl edit clusterrole &#39;a: b&#39; -n dev</code></pre></dd>",
  },
  {
    name: "that is a sentence with a command at its end",
    fix: "Install the guards: kubectl mirrord install.",
    shows: "<dd><p>Install the guards:</p><pre><code>kubectl mirrord install</code></pre></dd>",
  },
  {
    name: "with two commands",
    fix: "Install it: kubectl mirrord install; see it: kubectl get pods.",
    shows: "<dd><p>Install it: kubectl mirrord install; see it:</p><pre><code>kubectl get pods</code></pre></dd>",
  },
  {
    name: "with a command within the sentence",
    fix: "Have kubectl mirrord grant sync run: there; and so on",
    shows: "<dd><p>Have kubectl mirrord grant sync run: there; and so on</p></dd>",
  },
];
fixes.push({
  name: "that names very many commands",
  fix: `${"It: kubectl get ".repeat(100_000)};`,
  shows: `<dd><p>${"It: kubectl get ".repeat(100_000)};</p></dd>`,
});
for (const { name, fix, shows } of fixes)
  t.test(`a fix ${name} has what is to be copied in a line of its own`, async (t) => {
    const html = htmlReport(withFindings(finding({ fix })));
    t.ok(html.includes(`<dt>What to do</dt>${shows}`), between(html, "<dt>What to do</dt>", "<dt>"));
  });

t.test("whatever a name holds is text", async (t) => {
  const names = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</title>",
    "a\u202eb",
    "\u2028",
    "&lt;",
  ];
  for (const name of names) {
    const html = htmlReport({
      ...withFindings(
        finding({
          object: name,
          message: name,
          fix: name,
          who: [name],
          evidence: [name],
          rule: name,
          chain: [
            { kind: "subject", names: [name] },
            { kind: "role", names: [name], by: name },
          ],
        }),
      ),
      ...matrix([name, name]),
      title: name,
      place: name,
      missing: [name],
      facts: [{ name, value: name }],
    });
    t.equal(html.split("<script").length, 3, "the data and the script of the page");
    t.notMatch(html, /<img|<\/title>.*<\/title>|[\u202e\u2028]|alert\(1\)<\//);
    t.match(html, name === "&lt;" ? /&amp;lt;/ : /&lt;script|&quot;|&lt;\/title|\\u\{20/);
  }
});

t.test("a finding has its picture, and a link to what its rule says", async (t) => {
  const html = htmlReport(withFindings(finding(), finding({ rule: "own", chain: [], who: [], evidence: [] })));
  t.match(html, /<a href="#rule-1">the rule everybody<\/a>/);
  t.match(html, /<div id="rule-1"><dt><code>everybody<\/code>/);
  t.equal(html.split("<svg").length, 2, "what leads nowhere is not drawn");
  t.match(
    html,
    /<svg [^>]*aria-labelledby="picture-1"[^]*<title id="picture-1">subject jim, then role ClusterRole edit</,
  );
  t.match(html, /<dt>high<\/dt><dd>2<\/dd>[^]*<dt>medium<\/dt><dd>0<\/dd>/);
});

t.test("sections are linked where there are several, and what is not complete is said first", async (t) => {
  t.notMatch(htmlReport(matrix(["jim", "dev"])), /<nav/);
  t.match(htmlReport(withFindings(finding())), /<nav[^]*#summary[^]*#findings[^]*#rules/);
  t.match(
    htmlReport(report({ missing: ["you may not list roles"] })),
    /<main[^>]*>\s*<section class="missing"[^]*you may not list roles/,
  );
  t.match(htmlReport(report({ facts: [{ name: "Grants", value: "3" }] })), /<dt>Grants<\/dt><dd>3<\/dd>/);
});
