import t from "tap";
import { pages } from "../../../lib/kube/live/pages.ts";
import type { Transport } from "../../../lib/kube/http/transport.ts";
import { until } from "../../until.ts";
import { failure, fakeApi, json, transportTo } from "../fake-api.ts";

const roles = { group: "rbac.authorization.k8s.io", version: "v1", resource: "roles", kind: "Role", namespaced: true };

const item = (name: string) => ({ metadata: { name, uid: `uid-${name}` }, rules: [], brandNew: { field: 2 ** 40 } });
const page = (names: string[], next = "") => ({
  kind: "RoleList",
  apiVersion: "rbac.authorization.k8s.io/v1",
  metadata: { resourceVersion: "7", continue: next },
  items: names.map(item),
});

async function namesIn(transport: Transport, options = {}): Promise<(string | undefined)[]> {
  const all = await Array.fromAsync(pages(transport, roles, options));
  return all.flatMap(({ items }) => items.map(({ metadata }) => metadata.name));
}

t.test("pages follow each other, and items are whole", async (t) => {
  const api = await fakeApi(t, ({ url = "" }, response) =>
    json(response, url.includes("continue=n+1%3D") ? page(["c"]) : page(["a", "b"], "n 1=")),
  );
  const all = await Array.fromAsync(
    pages(transportTo(t, api.url), roles, { namespace: "dev", labelSelector: "a in (b,c)" }),
  );
  t.same(api.asked, [
    "GET /apis/rbac.authorization.k8s.io/v1/namespaces/dev/roles?labelSelector=a+in+%28b%2Cc%29&limit=500",
    "GET /apis/rbac.authorization.k8s.io/v1/namespaces/dev/roles?labelSelector=a+in+%28b%2Cc%29&limit=500&continue=n+1%3D",
  ]);
  t.same(all.flatMap(({ items }) => items)[0], {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    ...item("a"),
  });
});

t.test("only the metadata is asked for where nobody should see the rest", async (t) => {
  const accepted: (string | undefined)[] = [];
  const api = await fakeApi(t, ({ headers }, response) => {
    accepted.push(headers.accept);
    json(response, page(["a"]));
  });
  await namesIn(transportTo(t, api.url), { metadataOnly: true });
  await namesIn(transportTo(t, api.url));
  t.same(accepted, ["application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", "application/json"]);
});

t.test("an empty list, as Go servers write it", async (t) => {
  const api = await fakeApi(t, (_, response) => json(response, { ...page([]), items: null }));
  t.same(await namesIn(transportTo(t, api.url)), []);
});

t.test("a continue token that expired: the server's own new one is used", async (t) => {
  const api = await fakeApi(t, ({ url = "" }, response) => {
    if (url.includes("continue=old")) return failure(response, 410, "Expired", { metadata: { continue: "new" } });
    return json(response, url.includes("continue=new") ? page(["b"]) : page(["a"], "old"));
  });
  t.same(await namesIn(transportTo(t, api.url)), ["a", "b"]);
});

type EndlessCase = [
  name: string,
  answer: (asked: number) => [code: number, next: string, items: string[]],
  says: RegExp,
];
const endless: EndlessCase[] = [
  ["tokens that expire, each with a new one", (asked) => [asked === 1 ? 200 : 410, `t${asked}`, []], /Expired/],
  ["a page that is its own next one", () => [200, "same", ["a"]], /does not go on, and does not end/],
  ["pages without an item", (asked) => [200, `t${asked}`, []], /the server's list of roles does not go on/],
];
for (const [name, answer, says] of endless)
  t.test(`a list that does not end is not followed for ever: ${name}`, async (t) => {
    let asked = 0;
    const api = await fakeApi(t, (_, response) => {
      const [code, next, items] = answer((asked += 1));
      if (code === 410) return failure(response, 410, "Expired", { metadata: { continue: next } });
      return json(response, page(items, next));
    });
    await t.rejects(namesIn(transportTo(t, api.url)), { kind: "undetermined", message: says });
    t.ok(asked < 200, `${asked}`);
  });

t.test("an expired list without a new token starts over once, and says so", async (t) => {
  let expired = 0;
  const api = await fakeApi(t, ({ url = "" }, response) => {
    if (url.includes("continue=") && expired++ === 0) return failure(response, 410, "Expired");
    return json(response, url.includes("continue=") ? page(["c"]) : page(["a", "b"], "next"));
  });
  const all = await Array.fromAsync(pages(transportTo(t, api.url), roles, {}));
  t.same(
    all.map(({ items, isAnew = false }) => [items.map(({ metadata }) => metadata.name).join(" "), isAnew]),
    [
      ["a b", false],
      ["a b", true],
      ["c", false],
    ],
  );
});

t.test("a list that keeps expiring is an error, never a shorter list", async (t) => {
  const api = await fakeApi(t, ({ url = "" }, response) =>
    url.includes("continue=") ? failure(response, 410, "Expired") : json(response, page(["a"], "next")),
  );
  await t.rejects(namesIn(transportTo(t, api.url)), { name: "ApiError", status: 410, kind: "undetermined" });
  t.equal(api.asked.length, 4, "begun twice, each time with a second page");
});

t.test("a failure in the middle, and answers that are no list, are errors", async (t) => {
  const forbidden = await fakeApi(t, (_, response, count) =>
    count === 1 ? json(response, page(["a"], "next")) : failure(response, 403, "Forbidden"),
  );
  await t.rejects(namesIn(transportTo(t, forbidden.url)), {
    name: "ApiError",
    kind: "undetermined",
    message: "Error from server (Forbidden): because Forbidden",
  });
  for (const answer of [[], "x", { items: "none" }, { items: [1] }]) {
    const api = await fakeApi(t, (_, response) => json(response, answer));
    await t.rejects(namesIn(transportTo(t, api.url)), { name: "UnreadableAnswer", kind: "undetermined" });
  }
});

t.test("a bad selector is the user's mistake", async (t) => {
  const api = await fakeApi(t, (_, response) => failure(response, 400, "BadRequest"));
  await t.rejects(namesIn(transportTo(t, api.url), { labelSelector: "a=b=c" }), { name: "ApiError", kind: "usage" });
});

const forms: { name: string; text: (body: ReturnType<typeof page>) => string }[] = [
  { name: "of Kubernetes' own types", text: (body) => JSON.stringify(body) },
  {
    name: "of custom resources, whose keys are in order",
    text: ({ apiVersion, items, kind, metadata }) => JSON.stringify({ apiVersion, items, kind, metadata }),
  },
];
for (const { name, text } of forms) {
  t.test(`the next page is asked for before the one before it is used, and no page but that, ${name}`, async (t) => {
    let sent = 0;
    const api = await fakeApi(t, ({ url = "" }, response) => {
      const at = Number(/continue=(\d)/.exec(url)?.[1] ?? 0);
      response.on("close", () => (sent += 1));
      response.end(text(page([`r${at}`], at === 3 ? "" : String(at + 1))));
    });
    const list = pages(transportTo(t, api.url), roles, {});
    const names = [];
    for (const expected of [2, 3, 4, 4]) {
      const { value } = await list.next();
      names.push(value?.items[0]?.metadata.name);
      await until(`page ${expected} was sent`, () => sent === expected);
      t.equal(api.asked.length, expected);
    }
    t.equal((await list.next()).done, true);
    t.same(names, ["r0", "r1", "r2", "r3"]);
  });
}

t.test("what the whole page says counts, wherever something like a token stands", async (t) => {
  const misleading: Record<string, string> = {
    "a key twice": '{"metadata":{"continue":"wrong"},"items":[],"metadata":{"continue":"right"}}',
    "a text of an object": JSON.stringify({
      kind: "RoleList",
      items: [{ metadata: { name: "a", annotations: { a: '],"kind":"RoleList","metadata":{"continue":"wrong"}}' } } }],
      metadata: { continue: "right" },
    }),
    "other spacing": '{ "metadata": { "continue": "right" }, "items": [] }\n',
  };
  for (const [what, text] of Object.entries(misleading)) {
    const api = await fakeApi(t, ({ url = "" }, response) => {
      if (url.includes("continue=right")) return json(response, page(["last"]));
      return url.includes("continue=wrong") ? failure(response, 410, "Expired") : response.end(text);
    });
    t.equal((await namesIn(transportTo(t, api.url))).at(-1), "last", what);
  }
});

t.test("nobody hears of a page that was asked for ahead and is not wanted any more", async (t) => {
  const api = await fakeApi(t, ({ url = "" }, response) =>
    url.includes("continue=") ? failure(response, 500, "InternalError") : json(response, page(["a"], "next")),
  );
  for await (const { items } of pages(transportTo(t, api.url), roles, {})) {
    t.equal(items.length, 1);
    break;
  }
  await until("the second page is asked for", () => api.asked.length === 2);
});
