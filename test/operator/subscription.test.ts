import t from "tap";
import { parsePolicy } from "./policies.ts";
import { decideSubscription, parseSubscription } from "./subscription.ts";
import type { HttpFilter } from "./subscription.ts";

function policy(name: string, ...block: string[]) {
  return parsePolicy({ metadata: { name }, spec: { block } });
}

function headerPolicy(headerFilter: string) {
  const network = { incoming: { httpFilter: { headerFilter } } };
  return parsePolicy({ metadata: { name: "header" }, spec: { block: [], network } });
}

const jims: HttpFilter = { header: "^x-user: jim$" };
const steal = { subscribe: "steal", port: 80, filter: null } as const;
const mirror = { subscribe: "mirror", port: 80, filter: null } as const;

const blocks: { name: string; blocks: string[]; mirror: boolean; steal: boolean; filtered: boolean }[] = [
  { name: "nothing", blocks: [], mirror: true, steal: true, filtered: true },
  { name: "steal", blocks: ["steal"], mirror: true, steal: false, filtered: false },
  { name: "steal-without-filter", blocks: ["steal-without-filter"], mirror: true, steal: false, filtered: true },
  { name: "mirror", blocks: ["mirror"], mirror: false, steal: true, filtered: true },
  { name: "scale-down", blocks: ["copy-target-scale-down"], mirror: true, steal: true, filtered: true },
  { name: "everything", blocks: ["steal", "mirror"], mirror: false, steal: false, filtered: false },
];
for (const { name, blocks: block, ...want } of blocks) {
  t.test(`blocking ${name}`, async (t) => {
    const policies = [policy("p", ...block)];
    t.equal(decideSubscription(policies, mirror).ok, want.mirror);
    t.equal(decideSubscription(policies, steal).ok, want.steal);
    t.equal(decideSubscription(policies, { ...steal, filter: jims }).ok, want.filtered);
  });
}

t.test("the union of all policies counts, and the first that blocks is named in the client's words", async (t) => {
  const policies = [policy("a", "mirror"), policy("b", "steal-without-filter"), policy("c", "steal")];
  const reason = "your organization does not allow you to use this mirrord feature with the chosen target";
  t.same(decideSubscription(policies, steal), {
    ok: false,
    policy: "b",
    message: `Stealing traffic from port 80 is forbidden by the mirrord policy "b" for this target (${reason}).`,
  });
  t.same(decideSubscription(policies, { ...steal, filter: jims }), {
    ok: false,
    policy: "c",
    message: `Stealing traffic from port 80 with http request filter: header=^x-user: jim$ is forbidden by the mirrord policy "c" for this target (${reason}).`,
  });
  t.match(decideSubscription(policies, mirror), { message: /^Mirroring traffic from port 80 is forbidden/ });
});

const headerFilters: { name: string; filter: HttpFilter | null; ok: boolean }[] = [
  { name: "no filter", filter: null, ok: false },
  { name: "a matching header", filter: { header: "^baggage: .*jim" }, ok: true },
  { name: "another header", filter: jims, ok: false },
  { name: "a path", filter: { path: "/api" }, ok: false },
  { name: "a method", filter: { method: "GET" }, ok: false },
  { name: "all of a path and a match", filter: { all_of: [{ path: "/" }, { header: "^baggage: x" }] }, ok: true },
  { name: "all of two other headers", filter: { all_of: [jims, jims] }, ok: false },
  { name: "any of a match and another", filter: { any_of: [{ header: "^baggage: x" }, jims] }, ok: false },
  { name: "any of two matches", filter: { any_of: [{ header: "^baggage: x" }, { header: "^baggage: y" }] }, ok: true },
  { name: "any of nothing", filter: { any_of: [] }, ok: false },
  { name: "any of paths only", filter: { any_of: [{ path: "/" }] }, ok: false },
];
for (const { name, filter, ok } of headerFilters) {
  t.test(`a required header filter is ${ok ? "met" : "not met"} by ${name}`, async (t) => {
    t.equal(decideSubscription([headerPolicy("^\\^baggage: .+")], { ...steal, filter }).ok, ok);
  });
}

t.test("a required header filter leaves mirroring alone", async (t) => {
  t.ok(decideSubscription([headerPolicy("never")], mirror).ok);
});

t.test("expressions are read as the operator's are", async (t) => {
  const filter = { header: "X-User: jim" };
  t.ok(decideSubscription([headerPolicy("(?i)x\\-user")], { ...steal, filter }).ok);
  t.notOk(decideSubscription([headerPolicy("x\\-user")], { ...steal, filter }).ok);
  t.notOk(decideSubscription([headerPolicy("(")], { ...steal, filter }).ok, "a broken one lets nothing through");
});

t.test("a subscription is read strictly", async (t) => {
  t.same(parseSubscription('{"subscribe":"steal","port":80}'), steal);
  t.same(parseSubscription('{"subscribe":"mirror","port":65535,"filter":{"header":"a"}}'), {
    subscribe: "mirror",
    port: 65_535,
    filter: { header: "a" },
  });
  const deep = '{"all_of":['.repeat(9) + "]}".repeat(9);
  const wrong = [
    "",
    "[]",
    '{"subscribe":"copy","port":80}',
    '{"subscribe":"steal"}',
    '{"subscribe":"steal","port":0}',
    '{"subscribe":"steal","port":65536}',
    '{"subscribe":"steal","port":1.5}',
    '{"subscribe":"steal","port":80,"filter":"x"}',
    '{"subscribe":"steal","port":80,"filter":{}}',
    '{"subscribe":"steal","port":80,"filter":{"header":1}}',
    '{"subscribe":"steal","port":80,"filter":{"header":"a","path":"b"}}',
    `{"subscribe":"steal","port":80,"filter":${deep}}`,
  ];
  for (const text of wrong) t.equal(parseSubscription(text), undefined, text);
});
