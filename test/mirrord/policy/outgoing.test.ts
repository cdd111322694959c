import t from "tap";
import { matchPolicies } from "../../../lib/mirrord/policy.ts";
import type { OutgoingConnection } from "../../../lib/mirrord/plan/session-use.ts";
import { clusterPolicy, policy, session } from "../policy-fixtures.ts";
import { saysKept } from "../../kept-text.ts";

interface Rules {
  allow?: unknown[];
  block?: unknown[];
}

const to = (text: string, protocol: "TCP" | "UDP" = "TCP"): OutgoingConnection => {
  const [, name = "", port = ""] = /^(.*):(\d+)$/.exec(text) ?? [];
  return { protocol, port: Number(port), ...(/^[\d.]+$|:/.test(name) ? { address: name } : { host: name }) };
};

const cidr = (text: string, except?: string[]) => ({
  ipBlock: { cidr: text, ...(except === undefined ? {} : { except }) },
});
const ports = (protocol: string, port: number) => ({ ports: [{ protocol, port }] });

const cases: { name: string; rules: Rules; connection: OutgoingConnection; answer: "yes" | "no" | "unknown" }[] = [
  { name: "without rules everything passes", rules: {}, connection: to("10.0.0.1:22"), answer: "yes" },
  { name: "empty lists are no rules", rules: { allow: [], block: [] }, connection: to("10.0.0.1:22"), answer: "yes" },
  {
    name: "a match in the allow list passes",
    rules: { allow: [cidr("10.0.0.0/8")] },
    connection: to("10.0.0.1:22"),
    answer: "yes",
  },
  {
    name: "no match in the allow list is refused",
    rules: { allow: [cidr("10.0.0.0/8")] },
    connection: to("11.0.0.1:22"),
    answer: "no",
  },
  {
    name: "a match in the block list is refused",
    rules: { block: [cidr("10.0.0.0/8")] },
    connection: to("10.0.0.1:22"),
    answer: "no",
  },
  {
    name: "no match in the block list passes",
    rules: { block: [cidr("10.0.0.0/8")] },
    connection: to("11.0.0.1:22"),
    answer: "yes",
  },
  {
    name: "blocked wins over allowed",
    rules: { allow: [cidr("10.0.0.0/8")], block: [cidr("10.0.0.0/16")] },
    connection: to("10.0.0.1:22"),
    answer: "no",
  },
  {
    name: "an exception is out of the range",
    rules: { allow: [cidr("10.0.0.0/8", ["10.0.5.0/24"])] },
    connection: to("10.0.5.1:22"),
    answer: "no",
  },
  {
    name: "beside the exception is in",
    rules: { allow: [cidr("10.0.0.0/8", ["10.0.5.0/24"])] },
    connection: to("10.0.6.1:22"),
    answer: "yes",
  },
  {
    name: "no ports are all ports",
    rules: { block: [{ ...cidr("10.0.0.0/8"), ports: [] }] },
    connection: to("10.0.0.1:22"),
    answer: "no",
  },
  {
    name: "the port counts",
    rules: { block: [{ ...cidr("10.0.0.0/8"), ...ports("TCP", 22) }] },
    connection: to("10.0.0.1:23"),
    answer: "yes",
  },
  {
    name: "the protocol counts",
    rules: { block: [ports("UDP", 53)] },
    connection: to("10.0.0.1:53", "TCP"),
    answer: "yes",
  },
  {
    name: "a rule of ports alone",
    rules: { block: [ports("UDP", 53)] },
    connection: to("10.0.0.1:53", "UDP"),
    answer: "no",
  },
  {
    name: "a host name is searched for",
    rules: { block: [{ hostname: "acme" }] },
    connection: to("www.acme.example:80"),
    answer: "no",
  },
  {
    name: "an anchored host name",
    rules: { allow: [{ hostname: "^acme$" }] },
    connection: to("acme.example:80"),
    answer: "no",
  },
  {
    name: "a name may have any address",
    rules: { block: [cidr("10.0.0.0/8")] },
    connection: to("acme.example:80"),
    answer: "unknown",
  },
  {
    name: "an address may have had any name",
    rules: { block: [{ hostname: "acme" }] },
    connection: to("10.0.0.1:80"),
    answer: "unknown",
  },
  {
    name: "what else does not match decides",
    rules: { block: [{ hostname: "acme", ...ports("TCP", 443) }] },
    connection: to("10.0.0.1:80"),
    answer: "yes",
  },
  {
    name: "both parts are asked when both are known",
    rules: { block: [{ ...cidr("10.0.0.0/8"), hostname: "acme" }] },
    connection: { protocol: "TCP", host: "acme.example", address: "10.0.0.1", port: 80 },
    answer: "no",
  },
  { name: "an empty rule matches everything", rules: { block: [{}] }, connection: to("10.0.0.1:80"), answer: "no" },
  {
    name: "an IPv6 address",
    rules: { block: [cidr("2001:db8::/32")] },
    connection: to("2001:db8::1:80"),
    answer: "no",
  },
];
for (const { name, rules, connection, answer } of cases) {
  t.test(`${name}: ${answer}`, async (t) => {
    const verdict = matchPolicies(
      [policy({ network: { outgoing: rules } })],
      session("mirror", "deploy/web", { outgoing: [connection] }),
      {},
    );
    t.equal(verdict.answer, answer);
    t.same(verdict.problems, []);
  });
}

const unreadable: { rule: unknown; field: string }[] = [
  { rule: "10.0.0.0/8", field: "spec.network.outgoing.block[0]" },
  { rule: cidr("10.0.0.0"), field: "spec.network.outgoing.block[0].ipBlock.cidr" },
  { rule: { ipBlock: {} }, field: "spec.network.outgoing.block[0].ipBlock.cidr" },
  { rule: cidr("10.0.0.0/8", ["all"]), field: "spec.network.outgoing.block[0].ipBlock.except[0]" },
  { rule: { hostname: "(" }, field: "spec.network.outgoing.block[0].hostname" },
  { rule: ports("SCTP", 1), field: "spec.network.outgoing.block[0].ports[0]" },
  { rule: ports("TCP", 65_536), field: "spec.network.outgoing.block[0].ports[0]" },
];
for (const { rule, field } of unreadable) {
  t.test(`${JSON.stringify(rule)} is reported, and its answer unknown`, async (t) => {
    const plan = session("mirror", "deploy/web", { outgoing: [{ ...to("10.0.0.1:1"), host: "a" }] });
    const verdict = matchPolicies([policy({ network: { outgoing: { block: [rule] } } })], plan, {});
    t.equal(verdict.answer, "unknown");
    t.match(verdict.problems, [{ field }]);
    saysKept(t, import.meta.filename, JSON.stringify(rule), () => verdict);
  });
}

t.test("each policy must let the connection pass", async (t) => {
  const policies = [
    policy({ network: { outgoing: { allow: [cidr("10.0.0.0/8")] } } }),
    clusterPolicy({ network: { outgoing: { allow: [cidr("10.0.1.0/24")] } } }, "q"),
  ];
  const plan = session("mirror", "deploy/web", { outgoing: [to("10.0.0.1:80"), to("10.0.1.1:80")] });
  const { blocks } = matchPolicies(policies, plan, {}).asGiven;
  t.match(blocks, [{ policy: { name: "q" }, stage: "later", since: "3.135.1" }]);
  t.match(blocks[0]?.message, /^Outgoing TCP connection to 10\.0\.0\.1:80 is forbidden by the mirrord policy "q"/);
});
