import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t, { type Test } from "tap";
import { execute } from "../../../lib/cli/execute.ts";
import { audit } from "../../../lib/commands/audit/index.ts";
import { canI } from "../../../lib/commands/can-i/index.ts";
import { connect } from "../../../lib/commands/connect.ts";
import { UserError } from "../../../lib/errors.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { withAggregation } from "../../../lib/rbac/decide/aggregation.ts";
import { stockRbac } from "../../../lib/rbac/write/stock.ts";
import { fakeWorld } from "../../cli/fake-world.ts";
import { clusterRole, clusterRoleBinding, rule } from "../../rbac/objects.ts";
import { exampleFolder, runGrant } from "../grant-world.ts";
import { fakeCluster, type FakeOptions } from "../../preview/fake-cluster.ts";
import { allRights, deployment, namespace, operator, operatorRoles, policy, user } from "../../preview/objects.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const schema: object = JSON.parse(readFileSync(join(root, "docs", "schema", "audit-diff.json"), "utf8"));
const matches = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);

/** Folders are read as they are; without one it is a cluster in memory. */
async function run(command: typeof audit | typeof canI, words: readonly string[], cluster: FakeOptions = {}) {
  const screen = fakeWorld({ cluster: fakeCluster({ objects, ...cluster }) });
  const { connect: live } = screen;
  screen.connect = async (options) =>
    (options.manifests ?? []).length === 0
      ? await live(options)
      : await connect(options, { env: {}, signal: screen.signal, warn: (text) => screen.warn(text) });
  try {
    const code = await execute(command, words, screen);
    return { code, stdout: screen.stdout, stderr: screen.stderr };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { code: error.exitCode, stdout: screen.stdout, stderr: `${error.message}\n${error.hint ?? ""}` };
  }
}
const diff = (words: readonly string[], cluster?: FakeOptions) => run(audit, ["diff", ...words], cluster);

const objects: KubernetesObject[] = [namespace(), operator(), ...operatorRoles, deployment("web")];
const json = (...items: readonly KubernetesObject[]) => JSON.stringify({ apiVersion: "v1", kind: "List", items });
const granted = allRights(user("jim"));

const folders = {
  main: { "all.json": json(...objects) },
  branch: { "all.json": json(...objects), "grant.json": json(...granted) },
  change: { "grant.json": json(...granted) },
  strict: { "policy.json": json(policy("no-steal", { block: ["steal"] })) },
};

t.test("two folders: who gains which action and which right, and exit code 1", async (t) => {
  const path = t.testdir(folders);
  const { code, stdout } = await diff([join(path, "main"), join(path, "branch")]);
  t.equal(code, 1);
  t.match(stdout, /^SUBJECT +CHANGE +ACTIONS +NAMESPACES +TARGETS\njim +gains +mirror and steal, copy.* +dev +/);
  t.match(stdout, /\n\nSUBJECT +CHANGE +RIGHTS +NAMESPACES\n/);
  t.match((await diff([join(path, "branch"), join(path, "main")])).stdout, /^jim +loses /m);
});

t.test("the same on both sides is exit code 0 and a sentence", async (t) => {
  const path = t.testdir(folders);
  const main = join(path, "main");
  t.same(await diff([main, main]), { code: 0, stdout: "", stderr: "Nobody gains or loses anything.\n" });
  t.match(await diff([main, main, "-o", "markdown"]), {
    code: 0,
    stdout: "### mirrord access\n\nNobody gains or loses anything.\n",
  });
});

t.test("the JSON form fits its schema", async (t) => {
  const path = t.testdir(folders);
  const { stdout } = await diff([join(path, "main"), join(path, "branch"), "-o", "json"]);
  const value: object = JSON.parse(stdout);
  t.ok(matches(value), JSON.stringify(matches.errors));
  t.match(value, { complete: true, sessions: [{ subject: "jim", change: "gains" }] });
});

t.test("CSV is all tables in one, and it and -o wide have every rule of a large role", async (t) => {
  const rules = Array.from({ length: 25 }, (_, at) => rule("", `things${at}`, "get"));
  const path = t.testdir({
    ...folders,
    branch: {
      "all.json": json(
        ...objects,
        clusterRole("big", rules),
        clusterRoleBinding("big", "big", [user("jim")]),
        policy("no-steal", { block: ["steal"] }),
      ),
    },
  });
  const sides = [join(path, "main"), join(path, "branch")];
  const csv = await diff([...sides, "-o", "csv"]);
  t.equal(csv.code, 1);
  const [head, right, added, ...more] = csv.stdout.split("\r\n");
  t.equal(head, "ABOUT,WHO,CHANGE,WHAT,NAMESPACES,TARGETS,WHEN");
  t.match(right, /^right,jim,gains,get things0;.*things24;.*,<all>,,at once$/);
  t.match(added, /^policy,MirrordPolicy .*no-steal,added,,,,at once$/);
  t.same(more, [""]);
  t.match((await diff(sides)).stdout, /5 more \(-o json\)/);
  const wide = await diff([...sides, "-o", "wide"]);
  t.match(wide.stdout, /things24/);
  t.notMatch(wide.stdout, /more \(/);
  t.same(await diff([sides[0] ?? "", sides[0] ?? "", "-o", "csv"]), {
    code: 0,
    stdout: "ABOUT,WHO,CHANGE,WHAT,NAMESPACES,TARGETS,WHEN\r\n",
    stderr: "",
  });
});

t.test("Markdown for a comment: the actions, and the rights folded away", async (t) => {
  const path = t.testdir(folders);
  const { stdout } = await diff([join(path, "main"), join(path, "branch"), "-o", "markdown"]);
  t.match(stdout, /^### mirrord access\n\n1 subject gains or loses access\.\n\n\| SUBJECT \| CHANGE \|/);
  t.match(stdout, /^\| jim \| gains \| mirror and steal, copy/m);
  t.match(stdout, /<details><summary>Every right<\/summary>\n\n\| SUBJECT \|[^]*<\/details>\n$/);
});

t.test("the cluster and what applying a folder would change, policies too", async (t) => {
  const path = t.testdir(folders);
  t.match(await diff(["--overlay", join(path, "change")]), { code: 1, stdout: /^jim +gains /m });
  const policies = await diff(["--overlay", join(path, "strict"), "-o", "markdown"]);
  t.match(policies, { code: 1, stdout: /^\| MirrordPolicy dev\/no-steal \| added \|$/m });
  t.match((await diff(["--overlay", join(path, "strict")])).stdout, /^MirrordPolicy dev\/no-steal +added$/m);
});

t.test("what may not be read is said, and the answer is not complete", async (t) => {
  const path = t.testdir(folders);
  const words = ["--overlay", join(path, "strict"), "-o", "markdown"];
  const { code, stdout, stderr } = await diff(words, { forbidden: ["rolebindings"] });
  t.equal(code, 3);
  t.match(stdout, /^Not complete: could not read rolebindings\.$/m);
  t.match(stderr, /you may not list rolebindings: more may change/);
});

/** A folder with a company in it, as commands make it; what a pull request makes of it. */
async function company(
  t: Test,
  change: (folder: string) => Promise<void> | void,
): Promise<[base: string, head: string]> {
  const [base, head] = [exampleFolder(t), exampleFolder(t)];
  const lines = [
    ["org", "create", "acme"],
    ["team", "create", "acme/web"],
    ["team", "add", "acme/web", "ann", "max"],
    ["collection", "create", "prod"],
    ["collection", "assign", "prod", "--ns", "dev"],
    ["team:acme/web", "--collection", "prod"],
    ["role", "create", "dba", "--allow", "get,list:secrets"],
    ["eve", "--role", "dba", "--ns", "dev"],
  ];
  for (const folder of [base, head])
    for (const line of lines) {
      const { code, stderr } = await runGrant([...line, "--manifests", folder]);
      if (code !== 0) throw new Error(stderr);
    }
  await change(head);
  return [base, head];
}

const replace = (file: string, old: string, made: string) => (folder: string) => {
  const path = join(folder, "mirrord-access", file);
  const text = readFileSync(path, "utf8");
  if (!text.includes(old)) throw new Error(`${file}: ${text}`);
  writeFileSync(path, text.replace(old, made));
};
const member = replace("acme.yaml", "- max", "- bob");
const sync = async (folder: string) => void (await runGrant(["sync", "-y", "--manifests", folder]));

interface Found {
  members: { member: string; change: string; of: string }[];
  sessions: { subject: string; change: string; actions: string[]; namespaces: string[]; when?: string }[];
  rights: { subject: string; change: string; when?: string }[];
}

async function found(t: Test, change: (folder: string) => Promise<void> | void) {
  const { code, stdout, stderr } = await diff([...(await company(t, change)), "-o", "json"]);
  const value = JSON.parse(stdout) as Found;
  t.ok(matches(value), JSON.stringify(matches.errors));
  const sessions = value.sessions.filter(({ actions }) => actions.includes("mirror and steal"));
  return {
    code,
    stderr,
    members: value.members.map(({ member: who, change: what, of }) => `${who} ${what} ${of}`),
    sessions: sessions.map((each) => `${each.subject} ${each.change} ${each.namespaces.join()} ${each.when ?? "now"}`),
    rights: value.rights.map((each) => `${each.subject} ${each.change} ${each.when ?? "now"}`),
  };
}

const pulls: {
  name: string;
  change(folder: string): Promise<void> | void;
  members?: string[];
  sessions?: string[];
  rights?: RegExp;
}[] = [
  { name: "nothing", change: () => undefined },
  {
    name: "another member in the file of an organization",
    change: member,
    members: ["bob joins team:acme/web", "max leaves team:acme/web"],
    sessions: ["bob gains dev sync", "max loses dev sync"],
  },
  {
    name: "the same with the bindings that follow",
    change: async (folder) => {
      member(folder);
      await sync(folder);
    },
    members: ["bob joins team:acme/web", "max leaves team:acme/web"],
    sessions: ["bob gains dev now", "max loses dev now"],
  },
  {
    name: "somebody slipped into a binding, whom sync will take out again",
    change: (folder) => {
      const file = readdirSync(join(folder, "mirrord-access")).find((each) => each.startsWith("acme-web-")) ?? "";
      const path = join(folder, "mirrord-access", file);
      const added = "name: max\n- kind: User\n  apiGroup: rbac.authorization.k8s.io\n  name: mallory\n";
      writeFileSync(path, readFileSync(path, "utf8").replaceAll(/name: max\n/g, added));
    },
    sessions: ["mallory gains dev now", "mallory loses dev sync"],
  },
  {
    name: "an organization's file is deleted",
    change: (folder) => rmSync(join(folder, "mirrord-access", "acme.yaml")),
    members: ["ann leaves team:acme/web", "max leaves team:acme/web"],
    sessions: ["ann loses dev sync", "max loses dev sync"],
  },
  {
    name: "a namespace is labelled into a collection",
    change: (folder) => {
      const path = join(folder, "qa.yaml");
      const text = readFileSync(path, "utf8");
      writeFileSync(path, text.replace("name: qa\n", "name: qa\n  labels:\n    kubectl-mirrord.io/collection: prod\n"));
    },
    sessions: ["ann gains qa sync", "max gains qa sync"],
  },
  {
    name: "a role allows more, to whoever holds it",
    change: replace("role-dba.yaml", "- list", "- list\n  - delete"),
    rights: /^eve gains now$/,
  },
];
for (const { name, change, members = [], sessions = [], rights } of pulls)
  t.test(`a pull request: ${name}`, async (t) => {
    const result = await found(t, change);
    t.same(result.members, members);
    t.same(result.sessions, sessions);
    if (rights !== undefined) t.match(result.rights, [rights]);
    t.equal(result.code, members.length + sessions.length + result.rights.length === 0 ? 0 : 1);
  });

const wrong: { words: string[]; says: RegExp }[] = [
  { words: [], says: /nothing to compare\nName two folders/ },
  { words: ["a"], says: /nothing to compare BASE with/ },
  { words: ["a", "b", "--overlay", "c"], says: /--overlay compares with the cluster/ },
  { words: ["-", "-"], says: /only one of BASE and HEAD can be standard input/ },
];
for (const { words, says } of wrong)
  t.test(`diff ${words.join(" ")} is refused`, async (t) => {
    const { code, stdout, stderr } = await diff(words);
    t.same({ code, stdout }, { code: 2, stdout: "" });
    t.match(stderr, says);
  });

t.test("can-i --overlay asks as if the change were made; kinds that nobody knows are named", async (t) => {
  const path = t.testdir({
    ...folders,
    odd: { "x.json": json({ apiVersion: "x.example/v1", kind: "Odd", metadata: { name: "x" } }) },
  });
  const words = ["steal", "deploy/web", "-n", "dev", "--as", "jim"];
  t.match(await run(canI, words), { code: 1 });
  t.match(await run(canI, [...words, "--overlay", join(path, "change"), "--overlay", join(path, "odd")]), {
    code: 0,
    stdout: /^yes\n/,
    stderr: /of the overlay, kinds that are not known are left out: Odd/,
  });
  t.match(await run(canI, [...words, "--overlay", join(path, "strict")]), { code: 1 });
  t.match(await run(canI, [...words, "--overlay", "x", "--via", "sar"]), {
    code: 2,
    stderr: /worked out here, and --via asks/,
  });
});

t.test(
  "a snapshot of a cluster and a folder: what Kubernetes itself installs is no loss, and this is said",
  async (t) => {
    const controller = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "system:controller:job-controller" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:controller:job-controller" },
      subjects: [{ kind: "ServiceAccount", namespace: "kube-system", name: "job-controller" }],
    };
    const stock = withAggregation([...stockRbac(), controller]).objects;
    const path = t.testdir({ ...folders, cluster: { "all.json": json(...objects, ...granted, ...stock) } });
    const words = [join(path, "cluster"), join(path, "branch")];
    const { code, stdout, stderr } = await diff(words);
    t.match({ code, stdout }, { code: 0, stdout: "" });
    t.match(stderr, /^Nobody gains or loses anything\.\nNot compared: only BASE has what Kubernetes itself installs/);
    const value: object = JSON.parse((await diff([...words, "-o", "json"])).stdout);
    t.ok(matches(value), JSON.stringify(matches.errors));
    t.match(value, { notCompared: [/^only BASE/] });
    t.match((await diff([...words, "-o", "markdown"])).stdout, /\n\nNot compared: only BASE has/);
    const lost = await diff([join(path, "cluster"), join(path, "main")]);
    t.match(lost, { code: 1, stdout: /^jim +loses /m });
    t.notMatch(lost.stdout, /system:/);
  },
);
