import t from "tap";
import { matchPolicies } from "../../../lib/mirrord/policy.ts";
import { unknownFields } from "../../../lib/mirrord/policy/unknown-fields.ts";
import { policy, session } from "../policy-fixtures.ts";

const cases: { name: string; spec: unknown; want: string[] }[] = [
  { name: "a new field", spec: { block: [], splitQueues: { requireFilter: true } }, want: ["spec.splitQueues"] },
  {
    name: "new fields in known ones",
    spec: { network: { incoming: { tls: "off", httpFilter: { path: "/" } }, udp: 1 }, fs: { hidden: ["a"] } },
    want: ["spec.network.incoming.tls", "spec.network.incoming.httpFilter.path", "spec.network.udp", "spec.fs.hidden"],
  },
  {
    name: "a new field of a rule in a list",
    spec: { network: { outgoing: { block: [{ hostname: "a" }, { unixPath: "/x", ports: [{ port: 1, range: 3 }] }] } } },
    want: ["spec.network.outgoing.block[1].ports[0].range", "spec.network.outgoing.block[1].unixPath"],
  },
  {
    name: "defaults of a newer definition",
    spec: { a: null, b: {}, c: [], d: false, e: "", f: { g: [{ h: null }] } },
    want: [],
  },
  { name: "a number says something", spec: { maxSessions: 0 }, want: ["spec.maxSessions"] },
  {
    name: "every field of the definition",
    spec: {
      targetPath: "x",
      selector: { matchLabels: { a: "b" }, matchExpressions: [{ key: "a", operator: "In", values: ["b"] }] },
      block: ["steal"],
      appliesToCopyTargets: true,
      requireProfile: true,
      profileAllowlist: ["a"],
      network: {
        incoming: { httpFilter: { headerFilter: "x" } },
        outgoing: Object.fromEntries(
          ["allow", "block"].map((list) => [
            list,
            [{ hostname: "a", ipBlock: { cidr: "c", except: ["e"] }, ports: [{ port: 1, protocol: "TCP" }] }],
          ]),
        ),
      },
      env: { exclude: ["A"] },
      fs: { readOnly: ["a"], local: ["a"], notFound: ["a"] },
    },
    want: [],
  },
  {
    name: "a new field at each level",
    spec: {
      selector: { x: 1, matchExpressions: [{ x: 1 }] },
      network: {
        x: 1,
        incoming: { x: 1, httpFilter: { x: 1 } },
        outgoing: { x: 1, allow: [{ x: 1, ipBlock: { x: 1 }, ports: [{ x: 1 }] }], block: [{ x: 1 }] },
      },
      env: { x: 1 },
      fs: { x: 1 },
      x: [[[1]]],
    },
    want: [
      "spec.selector.x",
      "spec.selector.matchExpressions[0].x",
      "spec.network.x",
      "spec.network.incoming.x",
      "spec.network.incoming.httpFilter.x",
      "spec.network.outgoing.x",
      "spec.network.outgoing.allow[0].x",
      "spec.network.outgoing.allow[0].ipBlock.x",
      "spec.network.outgoing.allow[0].ports[0].x",
      "spec.network.outgoing.block[0].x",
      "spec.env.x",
      "spec.fs.x",
      "spec.x",
    ],
  },
  { name: "an inherited name", spec: { toString: 1 }, want: ["spec.toString"] },
  {
    name: "a known field of another type",
    spec: { selector: "x", network: ["x"], fs: 1 },
    want: [],
  },
  { name: "labels may be called anything", spec: { selector: { matchLabels: { splitQueues: "x" } } }, want: [] },
  { name: "what is no object", spec: ["x"], want: [] },
];
for (const { name, spec, want } of cases) {
  t.test(`${name}: ${want.join(", ")}`, async (t) => t.same(unknownFields(spec).toSorted(), want.toSorted()));
}

const steal = session("steal", "deploy/web");
const answers: { name: string; spec: Record<string, unknown>; answer: string; fields: string[] }[] = [
  {
    name: "a field that nobody here knows",
    spec: { block: [], splitQueues: { all: true } },
    answer: "unknown",
    fields: ["spec.splitQueues"],
  },
  {
    name: "a feature that nobody here knows",
    spec: { block: ["record"] },
    answer: "unknown",
    fields: ["spec.block: record"],
  },
  {
    name: "beside what is refused for certain",
    spec: { block: ["steal"], splitQueues: { all: true } },
    answer: "no",
    fields: ["spec.splitQueues", "spec.block: steal"],
  },
  {
    name: "in a policy that does not apply",
    spec: { targetPath: "deploy/other", block: [], splitQueues: { all: true } },
    answer: "yes",
    fields: [],
  },
];
for (const { name, spec, answer, fields } of answers) {
  t.test(`${name}: ${answer}`, async (t) => {
    const verdict = matchPolicies([policy(spec)], steal, {});
    t.equal(verdict.answer, answer);
    t.same(
      verdict.asGiven.blocks.map(({ field }) => field),
      fields,
    );
  });
}
