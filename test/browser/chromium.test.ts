// What the tests of pages rest on: a page that does something wrong is seen doing it.
import { createServer } from "node:http";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { accessibilityProblems } from "./accessibility.ts";
import { browserPath, openBrowser, visit } from "./chromium.ts";

const browser = await openBrowser(t);

const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'">`;
const page = (head: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title>${head}</head><body><main><h1>Page</h1>${body}</main></body></html>`;

const cases: { name: string; html: string; said?: RegExp[]; requested?: RegExp[]; problems?: RegExp[] }[] = [
  { name: "a page that is as it should be makes no noise", html: page(policy, "<p>Text</p>") },
  {
    name: "a violation of the page's policy is seen",
    html: page(policy, "<p style='color: red'>Text</p>"),
    said: [/style/, /policy: style-src-attr inline/],
  },
  { name: "an error is seen", html: page("", "<script>throw new Error('broken')</script>"), said: [/broken/] },
  {
    name: "a request is seen, also one that the policy lets pass",
    html: page("", "<img alt='' src='http://127.0.0.1:9/picture.png'>"),
    said: [/ERR_|Failed to load/],
    requested: [/picture/],
  },
  {
    name: "what cannot be used by everybody is seen",
    html: page("", "<button></button>"),
    problems: [/^button-name: button$/],
  },
];

const counts = (lists: Record<string, readonly unknown[]>) => Object.values(lists).map(({ length }) => length);

for (const { name, html, said = [], requested = [], problems = [] } of cases) {
  t.test(name, async (t) => {
    const path = join(t.testdir(), "page.html");
    writeFileSync(path, html);
    const shown = await visit(browser, path);
    const seen = { ...shown.noise, problems: await accessibilityProblems(shown.page) };
    const wanted = { said, requested, problems };
    t.match(seen, wanted);
    t.same(counts(seen), counts(wanted));
  });
}

t.test("an address is shown like a file, and may ask for what is allowed", async (t) => {
  const server = createServer((request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end(
      request.url === "/" ? page("<link rel='icon' href='/icon'>", "<iframe title='x' src='/in'></iframe>") : "",
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  t.teardown(() => server.close());
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === "object" ? (address?.port ?? 0) : 0}/`;
  const strict = await visit(browser, origin);
  t.match(strict.noise.requested, [`${origin}in`]);
  const loose = await visit(browser, origin, { allows: (url) => url.startsWith(origin) });
  t.same(loose.noise, { said: [], requested: [] });
});

t.test("where there is no browser, what to install is said", async (t) => {
  t.equal(browserPath({ PATH: "/nowhere", CHROMIUM: process.execPath }), process.execPath);
  t.throws(() => browserPath({ PATH: "/nowhere" }, []), /no Chromium on this machine. Try: apt-get install chromium/);
});
