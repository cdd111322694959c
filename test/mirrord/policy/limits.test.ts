import t from "tap";
import { matchPolicies, type MirrordPolicy } from "../../../lib/mirrord/policy.ts";
import type { FileAccess } from "../../../lib/mirrord/plan/session-use.ts";
import { clusterPolicy, policy, session } from "../policy-fixtures.ts";
import { saysKept } from "../../kept-text.ts";

const read = (path: string): FileAccess => ({ path, mode: "read" });
const write = (path: string): FileAccess => ({ path, mode: "write" });

const files: { name: string; policies: MirrordPolicy[]; file: FileAccess; outcome: string; by?: string[] }[] = [
  { name: "without policies files are the target's", policies: [], file: write("/a.json"), outcome: "remote" },
  {
    name: "a read-only file can be read",
    policies: [policy({ fs: { readOnly: ["json$"] } })],
    file: read("/a.json"),
    outcome: "remote",
    by: ["p"],
  },
  {
    name: "a read-only file cannot be written",
    policies: [policy({ fs: { readOnly: ["json$"] } })],
    file: write("/a.json"),
    outcome: "refused",
    by: ["p"],
  },
  {
    name: "a local file",
    policies: [policy({ fs: { local: ["^/etc/"] } })],
    file: read("/etc/hosts"),
    outcome: "local",
    by: ["p"],
  },
  {
    name: "a hidden file",
    policies: [policy({ fs: { notFound: ["^/etc/"] } })],
    file: read("/etc/hosts"),
    outcome: "not-found",
    by: ["p"],
  },
  {
    name: "another file",
    policies: [policy({ fs: { local: ["^/etc/"] } })],
    file: read("/var/etc/hosts"),
    outcome: "remote",
  },
  {
    name: "local goes before not found, in whichever policy",
    policies: [policy({ fs: { notFound: ["."] } }), clusterPolicy({ fs: { local: ["."] } }, "q")],
    file: read("/a"),
    outcome: "local",
    by: ["q"],
  },
  {
    name: "not found goes before read-only",
    policies: [policy({ fs: { notFound: ["."], readOnly: ["."] } })],
    file: write("/a"),
    outcome: "not-found",
    by: ["p"],
  },
  {
    name: "whether case counts is not documented",
    policies: [policy({ fs: { local: ["^/ETC/"] } })],
    file: read("/etc/hosts"),
    outcome: "unknown",
    by: ["p"],
  },
  {
    name: "a pattern that cannot be evaluated",
    policies: [policy({ fs: { local: ["("] } })],
    file: read("/a"),
    outcome: "unknown",
    by: ["p"],
  },
  {
    name: "what only concerns writing does not make reading unknown",
    policies: [policy({ fs: { readOnly: ["("] } })],
    file: read("/a"),
    outcome: "remote",
  },
  {
    name: "a policy that may apply",
    policies: [policy({ fs: { local: ["."] }, selector: { matchLabels: { a: "b" } } })],
    file: read("/a"),
    outcome: "unknown",
    by: ["p"],
  },
];
for (const { name, policies, file, outcome, by = [] } of files) {
  t.test(`${name}: ${outcome}`, async (t) => {
    const verdict = matchPolicies(policies, session("mirror", "deploy/web", { files: [file] }), undefined);
    t.match(verdict.asGiven.files, [{ ...file, outcome, by: by.map((policyName) => ({ name: policyName })) }]);
    t.equal(verdict.asGiven.files[0]?.by.length, by.length);
    saysKept(t, import.meta.filename, name, () => verdict.asGiven);
    t.equal(verdict.answer, "yes", "files never stop a session");
  });
}

const variables: { name: string; policies: MirrordPolicy[]; variable: string; fetched: string }[] = [
  { name: "without policies", policies: [], variable: "DB_PASSWORD", fetched: "yes" },
  {
    name: "a glob that matches",
    policies: [policy({ env: { exclude: ["*_PASSWORD"] } })],
    variable: "DB_PASSWORD",
    fetched: "no",
  },
  {
    name: "a glob that does not",
    policies: [policy({ env: { exclude: ["*_PASSWORD"] } })],
    variable: "DB_PASSWORD_FILE",
    fetched: "yes",
  },
  {
    name: "one of several policies",
    policies: [policy({}), clusterPolicy({ env: { exclude: ["DB_*"] } })],
    variable: "DB_URL",
    fetched: "no",
  },
  {
    name: "a policy that may apply",
    policies: [policy({ env: { exclude: ["*"] }, selector: { matchLabels: { a: "b" } } })],
    variable: "DB_URL",
    fetched: "unknown",
  },
];
for (const { name, policies, variable, fetched } of variables) {
  t.test(`${name}: ${variable} is fetched: ${fetched}`, async (t) => {
    const { env } = matchPolicies(policies, session("mirror", "deploy/web", { env: [variable] }), undefined).asGiven;
    t.match(env, [{ name: variable, fetched }]);
  });
}

t.test("only profiles in every list remain", async (t) => {
  const policies = [
    policy({ profileAllowlist: ["a", "b"] }),
    clusterPolicy({ profileAllowlist: ["b", "c"] }),
    policy({}),
  ];
  t.same(matchPolicies(policies, session("mirror", "deploy/web"), {}).asGiven.limits.profileAllowlist, ["b"]);
  t.equal(matchPolicies([policy({})], session("mirror", "deploy/web"), {}).asGiven.limits.profileAllowlist, undefined);
});
