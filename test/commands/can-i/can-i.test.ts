import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { execute } from "../../../lib/cli/execute.ts";
import { canI } from "../../../lib/commands/can-i/index.ts";
import { UserError } from "../../../lib/errors.ts";
import { apiError } from "../../../lib/kubernetes/api-error.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { parseDocuments } from "../../../lib/yaml.ts";
import { fakeWorld } from "../../cli/fake-world.ts";
import { fakeCluster, type FakeOptions } from "../../preview/fake-cluster.ts";
import {
  allRights,
  basicRules,
  bound,
  deployment,
  group,
  namespace,
  object,
  operator,
  operatorRoles,
  pod,
  podSpec,
  policy,
  rule,
  targets,
  user,
} from "../../preview/objects.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
const schemas = Object.fromEntries(
  ["session-preview", "session-matrix"].map((name) => [
    name,
    ajv.compile(JSON.parse(readFileSync(join(root, "docs", "schema", `${name}.json`), "utf8")) as object),
  ]),
);

const secretive = deployment("web", {
  spec: {
    template: {
      spec: podSpec({
        containers: [{ name: "main", env: [{ name: "KEY", valueFrom: { secretKeyRef: { name: "key", key: "k" } } }] }],
      }),
    },
  },
});
const world = [
  namespace(),
  operator(),
  ...operatorRoles,
  ...targets.filter(({ metadata }) => metadata.name !== "web"),
  secretive,
];
const granted: KubernetesObject[] = [...world, ...allRights(user("jim"))];

async function run(cluster: FakeOptions, ...words: string[]) {
  const fake = fakeCluster(cluster);
  const screen = fakeWorld({ cluster: fake });
  const code = await execute(canI, words, screen);
  return { code, stdout: screen.stdout, stderr: screen.stderr, fake, connectedWith: screen.connectedWith };
}

t.test("a yes is the word alone on stdout; what else there is to know is on stderr", async (t) => {
  const { code, stdout, stderr } = await run({ objects: granted }, "steal", "deploy/web", "-n", "dev", "--as", "jim");
  t.equal(code, 0);
  t.equal(stdout, "yes\n");
  t.match(stderr, "note: the session shows Secret key, which jim cannot read directly");
  t.notMatch(stderr, "assuming", "more groups would only allow more");
  const explained = await run({ objects: granted }, "deploy/web", "-n", "dev", "--as", "jim", "--explain");
  t.match(explained.stderr, "assuming: jim is in no group but system:authenticated (name others by --as-group)");
});

const ended = (name: string, space?: string): KubernetesObject[] => {
  const base = "mirrord:grant:jim-dev-aaaaaaaaaaaaaaaaaaaa";
  const labels = {
    "kubectl-mirrord.io/grant": "aaaaaaaaaaaaaaaaaaaa",
    "app.kubernetes.io/managed-by": "kubectl-mirrord",
  };
  const annotations = {
    "kubectl-mirrord.io/intent": '{"version":1}',
    "kubectl-mirrord.io/expires-at": "2026-01-02T03:04:05Z",
  };
  const [role, binding] = bound(name, user("jim"), [rule("*", ["*"], ["*"])], space);
  return [role, binding].flatMap((each) =>
    each === undefined
      ? []
      : each.kind.endsWith("Binding")
        ? [{ ...each, metadata: { ...each.metadata, name: base, labels, annotations } }]
        : [each],
  );
};

t.test("a yes that stands only on a grant that is over says so", async (t) => {
  const asking = ["steal", "deploy/web", "-n", "dev", "--as", "jim"];
  const over = await run({ objects: [...world, ...ended("over")] }, ...asking);
  t.equal(over.code, 0);
  t.equal(over.stdout, "yes\nEXPIRED, still bound: grant aaaaaaaaaaaaaaaaaaaa ended at 2026-01-02T03:04:05Z\n");
  const plain = await run({ objects: [...world, ...ended("over")] }, "list", "pods", "-n", "dev", "--as", "jim");
  t.match(plain.stdout, /^yes\nEXPIRED, still bound/);
  const json = await run({ objects: [...world, ...ended("over")] }, ...asking, "-o", "json");
  t.match(json.stdout, /"expired": true/);
  const other = await run({ objects: [...granted, ...ended("over")] }, ...asking);
  t.equal(other.stdout, "yes\n", "another binding gives it, too");
  const hidden = await run({ objects: [...world, ...ended("over")], forbidden: ["clusterrolebindings"] }, ...asking);
  t.equal(hidden.stdout, "yes\n", "nobody can say");
  t.equal((await run({ objects: [...world, ...ended("over")] }, ...asking, "-q")).stdout, "");
});

t.test("a cluster that does not say who one is answers questions about oneself all the same", async (t) => {
  const own = async (objects: KubernetesObject[], ...words: string[]) => {
    const fake = fakeCluster({ objects, caller: { name: "jim", groups: ["system:authenticated"] } });
    const cause = apiError("POST", 404, JSON.stringify({ kind: "Status", reason: "NotFound", code: 404 }));
    fake.identity = () =>
      Promise.reject(new UserError("undetermined", "the selfsubjectreviews API is not enabled", undefined, { cause }));
    const screen = fakeWorld({ cluster: fake });
    const code = await execute(canI, ["deploy/web", "-n", "dev", ...words], screen);
    return { code, stdout: screen.stdout };
  };
  t.equal((await own(granted, "-q")).code, 0);
  t.equal((await own(granted)).stdout, "yes\n");
  const { code, stdout } = await own(world);
  t.equal(code, 1);
  t.match(stdout, /^no - you cannot /);
  t.notMatch(stdout, /mirrord grant|jim/, "nobody knows for whom");
  const json = JSON.parse((await own(world, "-o", "json")).stdout) as { identity: object; fixes: object[] };
  t.ok(schemas["session-preview"]?.(json));
  t.notOk("name" in json.identity);
  t.equal((await own(granted, "--explain")).code, 0);
  const fake = fakeCluster({ objects: granted, caller: { name: "jim", groups: ["system:authenticated"] } });
  fake.identity = () => Promise.reject(new UserError("undetermined", "it is down"));
  await t.rejects(execute(canI, ["deploy/web", "-n", "dev"], fakeWorld({ cluster: fake })), /it is down/);
});

t.test("--no-headers leaves the headers out, in a table and in CSV", async (t) => {
  const asking = ["steal", "deploy/web", "-n", "dev", "--as", "jim", "--explain", "--no-headers"];
  for (const format of ["table", "csv"]) {
    const { stdout } = await run({ objects: world }, ...asking, "-o", format);
    t.match(stdout, /find the operator/);
    t.notMatch(stdout, /ANSWER/);
  }
});

t.test("CSV has what decides besides access: policies, and what stands in the way", async (t) => {
  const asking = ["steal", "deploy/web", "-n", "dev", "--as", "jim", "-o", "csv", "--no-headers"];
  const rows = async (given: FakeOptions) => {
    const { code, stdout } = await run(given, ...asking);
    return { code, others: stdout.split("\r\n").filter((line) => !/^(yes,|no \(optional\),|$)/.test(line)) };
  };
  t.same(await rows({ objects: granted }), { code: 0, others: [] });
  const blocked = await rows({ objects: [...granted, policy("no-steal", { block: ["steal"] })] });
  t.match(blocked, { code: 1, others: [/^no,policy,,"?.*forbidden by the mirrord policy/] });
  t.match(await rows({ objects: granted, forbidden: ["mirrordpolicies"] }), {
    code: 3,
    others: [/^unknown,policy,,"?you may not list mirrordpolicies/],
  });
  const gone = await rows({ objects: granted.filter((one) => one !== secretive) });
  t.match(gone, { code: 1, others: [/^no,obstacle,,/] });
});

t.test("a no is its reason, the steps in order, and the command", async (t) => {
  const { code, stdout } = await run({ objects: world }, "steal", "deploy/web", "-n", "dev", "--as", "jim");
  t.equal(code, 1);
  t.same(stdout.split("\n"), [
    "no - jim cannot steal from deployment/web in dev",
    "",
    "  no   find the operator   get mirrordoperators",
    "  no   get a certificate   create mirrordclusteroperatorusercredentials",
    "  no   read the target     get deployments in dev",
    "  no   2 more steps        --explain shows all",
    "",
    "To let jim use mirrord on deployment/web only, an administrator can run:",
    "  kubectl mirrord grant jim --ns dev --target deployment/web",
    "To let jim use mirrord on every target in dev:",
    "  kubectl mirrord grant jim --ns dev",
    "A session would show 1 Secret that jim cannot read (key).",
    "",
  ]);
});

t.test("--explain has the whole table of a no, and what the session would show", async (t) => {
  const asking = ["steal", "deploy/web", "-n", "dev", "--as", "jim", "--explain"];
  const { stdout } = await run({ objects: world }, ...asking);
  const [, , header = "", ...rest] = stdout.split("\n");
  t.match(header, /^ANSWER +STEP +REQUEST +WHY$/);
  const order = ["find the operator", "certificate", "read the target", "find its pods", "connect", "operator's check"];
  const at = order.map((step) => rest.findIndex((line) => line.includes(step)));
  t.same(
    at,
    at.toSorted((a, b) => a - b),
  );
  t.match(stdout, /SHOWN BY THE SESSION +DIRECTLY +HOW\nSecret key +no +env KEY of container main/);
  t.match(stdout, "\n  kubectl mirrord grant jim --ns dev --target deployment/web\n");
});

t.test("--explain shows binding, role, rule, subject, grant and policies of a yes", async (t) => {
  const objects = [
    ...granted,
    policy("quiet", { env: { exclude: ["A_*"] } }),
    policy("elsewhere", { block: ["steal"], targetPath: "statefulset/*" }),
  ];
  const { code, stdout } = await run({ objects }, "steal", "deploy/web", "-n", "dev", "--as", "jim", "--explain");
  t.equal(code, 0);
  t.match(stdout, /^yes\n\nANSWER/);
  t.match(
    stdout,
    /clusterrolebinding\/all-basic gives clusterrole\/all-basic \(get\S* mirrordoperators\S*\) to user jim/,
  );
  t.match(stdout, /MirrordPolicy dev\/quiet +changes silently .*spec.env.exclude: A_\*/);
  t.match(stdout, /MirrordPolicy dev\/elsewhere +does not apply/);
});

t.test("an unknown exits with 3 and names the groups", async (t) => {
  const objects = [
    ...granted.filter(({ metadata }) => metadata.name !== "all-basic"),
    ...bound("web", group("oidc:web"), basicRules),
  ];
  const { code, stdout } = await run({ objects }, "deploy/web", "-n", "dev", "--as", "jim");
  t.equal(code, 3);
  const [first, , asked, again = ""] = stdout.split("\n");
  t.equal(first, "unknown - group oidc:web can, and whether jim is in it is not known");
  t.equal(asked, "If jim is in that group, ask again with it:");
  t.equal(again, "  kubectl mirrord can-i deploy/web -n dev --as jim --as-group oidc:web");
  const given = await run({ objects }, ...again.trim().split(" ").slice(3));
  t.equal(given.code, 0);
  const piped = await run({ objects }, "deploy/web", "-n", "dev", "--as", "jim", "--manifests", "-");
  t.match(piped.stdout, "If jim is in that group, ask again with the same input and --as-group oidc:web.");
  t.notMatch(piped.stdout, "--manifests", "what came by standard input is gone");
});

t.test("-q prints nothing and reads no more than the verdict needs", async (t) => {
  for (const [objects, code] of [
    [granted, 0],
    [world, 1],
  ] as const) {
    const quiet = await run({ objects }, "deploy/web", "-n", "dev", "--as", "jim", "--as-group", "x", "-q");
    t.same([quiet.code, quiet.stdout, quiet.stderr], [code, "", ""]);
    t.notOk(quiet.fake.reads.includes("list clusterroles"));
    t.notOk(quiet.fake.reviewed.some((question) => "resource" in question && question.resource === "secrets"));
  }
});

t.test("everything is read as the caller: --as is only asked about", async (t) => {
  const { connectedWith } = await run({ objects: granted }, "deploy/web", "-n", "dev", "--as", "jim", "--context", "c");
  t.match(connectedWith, [{ context: "c" }]);
  t.notOk("as" in (connectedWith[0] ?? {}));
});

t.test("text from a cluster cannot steer the terminal", async (t) => {
  const hostile = policy("p", { block: ["steal"], targetPath: "deploy/web" });
  const objects = [...granted, { ...hostile, metadata: { ...hostile.metadata, name: "a\u001b[2Jb\nyes" } }];
  const { stdout, stderr } = await run({ objects }, "steal", "deploy/web", "-n", "dev", "--as", "jim");
  t.notMatch(stdout + stderr, "\u001b");
  t.match(stdout, /^no - /);
  t.notOk(stdout.split("\n").includes("yes"));
});

const previews: { name: string; objects: KubernetesObject[]; words: string[]; more?: FakeOptions }[] = [
  { name: "yes", objects: granted, words: ["steal", "deploy/web", "--as", "jim"] },
  { name: "no", objects: world, words: ["steal", "deploy/web", "--as", "jim", "--as-group", "x"] },
  { name: "unknown", objects: [...world, ...bound("g", group("g"), basicRules)], words: ["deploy/web", "--as", "jim"] },
  {
    name: "policies",
    objects: [
      ...granted,
      policy("p", { block: ["steal"], requireProfile: true, fs: { local: [".*"] } }),
      policy("odd", { block: ["fly"], selector: { matchExpressions: [{ key: "a", operator: "Near" }] } }),
    ],
    words: ["steal", "deploy/web", "--as", "jim"],
  },
  {
    name: "policies through pods",
    objects: [...granted, policy("p", { block: ["mirror"], targetPath: "pod/*" })],
    words: ["deploy/web", "--as", "jim", "--explain"],
  },
  {
    name: "policies that may not be read",
    objects: granted,
    words: ["deploy/web"],
    more: { forbidden: ["mirrordpolicies"], caller: { name: "jim", groups: [] } },
  },
  {
    name: "no operator",
    objects: world,
    words: ["deploy/web", "--as", "jim"],
    more: { notServed: ["operator.metalbear.co"] },
  },
  { name: "a role change", objects: world, words: ["kill-sessions", "--as", "jim"] },
  { name: "a plain question", objects: world, words: ["get", "pods/web", "--as", "jim"] },
  { name: "a path", objects: world, words: ["get", "/version", "--as", "jim"] },
  {
    name: "near misses",
    objects: [
      ...world,
      ...bound(
        "near",
        user("jim"),
        [rule("apps", ["deployments"], ["get"], ["other"]), rule("", ["pods"], ["watch"])],
        "dev",
      ),
    ],
    words: ["deploy/web", "--as", "jim", "--client-version", "3.118.0"],
  },
];
for (const { name, objects, words, more } of previews) {
  t.test(`-o json and yaml of ${name} are as the schema says`, async (t) => {
    const json = await run({ objects, ...more }, ...words, "-n", "dev", "-o", "json");
    const value: unknown = JSON.parse(json.stdout);
    t.ok(schemas["session-preview"]?.(value), ajv.errorsText(schemas["session-preview"]?.errors));
    const yaml = await run({ objects, ...more }, ...words, "-n", "dev", "-o", "yaml");
    t.same(parseDocuments(yaml.stdout, { source: "stdout", dialect: "strict" }), [value]);
    t.equal(json.code, yaml.code);
  });
}

t.test("--list is a matrix of targets and actions with all four answers", async (t) => {
  const { code, stdout } = await run({ objects: granted }, "--list", "-n", "dev", "--as", "jim", "--as-group", "x");
  t.equal(code, 0);
  const rows = stdout.split("\n").map((line) => line.split(/ {2,}/));
  t.same(rows[0], ["TARGET", "MIRROR", "STEAL", "COPY", "COPY-SCALE-DOWN"]);
  const row = (target: string) => rows.find(([first]) => first === target)?.slice(1);
  t.same(row("deployment/web"), ["yes", "yes", "yes", "yes"]);
  t.same(row("service/svc"), ["yes", "yes", "n/a", "n/a"]);
  t.match(stdout.split("\n").slice(-6), [
    "",
    /^ {2}yes {7}targetless$/,
    /^ {2}no {8}preview, on every target$/,
    /^ {2}no {8}preview on 11 targets: jim cannot list previewsessions/,
    /^ {2}no {8}preview on deployment\/idle: /,
    "",
  ]);
  t.equal(rows.length, targets.length + 7, "all targets, a header, and what is said once below");
});

t.test("where nothing is allowed --list has targets, and says once what is refused", async (t) => {
  const { stdout } = await run({ objects: world }, "--list", "-n", "dev", "--as", "jim", "--as-group", "x");
  const [header, ...rest] = stdout.trimEnd().split("\n");
  t.equal(header, "TARGET");
  t.match(rest.slice(-5), [
    "",
    "  no        targetless",
    /^ {2}no {8}mirror, steal.*, on every target: jim cannot get mirrordoperators/,
    "  no        preview, on every target",
    /^ {2}no {8}preview on deployment\/idle: /,
  ]);
});

t.test("a Job that ends a grant is no target, and any other is", async (t) => {
  const job = (name: string, more: object, labels: Record<string, string>) => ({
    ...object("batch/v1", "Job", name, { spec: { template: { spec: podSpec() }, ...more } }, "dev"),
    metadata: { name, namespace: "dev", labels },
  });
  const grantLabel = { "kubectl-mirrord.io/grant": "abc" };
  const anchor = job("mirrord-expiry-jim-x", { completions: 0, parallelism: 0 }, grantLabel);
  const objects = [
    ...granted,
    anchor,
    job("hidden", {}, grantLabel),
    job("empty", { completions: 0, parallelism: 0 }, {}),
  ];
  const { stdout } = await run({ objects }, "--list", "-n", "dev", "--as", "jim", "--as-group", "x");
  t.notMatch(stdout, "mirrord-expiry");
  const ask = async (target: string) => await run({ objects }, target, "-n", "dev", "--as", "jim", "--as-group", "x");
  t.match(await ask("job/mirrord-expiry-jim-x"), {
    code: 1,
    stdout: 'no - job "mirrord-expiry-jim-x" ends a grant: it runs no pod, and is no target\n',
  });
  t.equal((await ask("job/empty")).code, 0);
  t.match(stdout, /job\/empty.*job\/hidden/s);
});

t.test("--list asks nothing twice, and what it shows is what each session is told by itself", async (t) => {
  const objects = [
    ...granted,
    policy("p", { block: ["steal"], targetPath: "deploy/*" }),
    policy("q", { block: ["mirror"], selector: { matchLabels: { app: "db" } } }),
  ];
  const listed = await run({ objects }, "--list", "-n", "dev", "--as", "jim", "--as-group", "x", "-o", "json");
  const keys = listed.fake.reviewed.map((question) => JSON.stringify(question));
  t.equal(keys.length, new Set(keys).size);
  const matrix = JSON.parse(listed.stdout) as {
    items: { target: string; answers: Record<string, { answer: string; reason: string }> }[];
  };
  for (const { target, answers } of matrix.items) {
    for (const [action, { answer, reason }] of Object.entries(answers)) {
      if (answer === "n/a") continue;
      const single = await run(
        { objects },
        action,
        target,
        "-n",
        "dev",
        "--as",
        "jim",
        "--as-group",
        "x",
        "-o",
        "json",
      );
      const verdict = JSON.parse(single.stdout) as { answer: string; reason?: string };
      t.same([verdict.answer, verdict.reason ?? ""], [answer, reason], `${action} ${target}`);
    }
  }
});

t.test("--list in every format", async (t) => {
  const words = ["--list", "-n", "dev", "--as", "jim", "--as-group", "x"];
  const json = await run({ objects: granted }, ...words, "-o", "json");
  t.ok(schemas["session-matrix"]?.(JSON.parse(json.stdout)), ajv.errorsText(schemas["session-matrix"]?.errors));
  const wide = await run({ objects: world }, ...words, "-o", "wide");
  t.match(wide.stdout, /WHY\n.*jim cannot get mirrordoperators/s);
  const csv = await run({ objects: granted }, ...words, "steal", "-o", "csv");
  t.match(csv.stdout, "TARGET,STEAL,WHY\r\n");
  t.match(csv.stdout, "deployment/web,yes,\r\n");
  const name = await run(
    { objects: [...granted, policy("p", { block: ["steal"], targetPath: "deploy/web" })] },
    ...words,
    "steal",
    "-o",
    "name",
  );
  t.match(name.stdout, "statefulset/db\n");
  t.notMatch(name.stdout, "deployment/web\n", "what cannot be stolen from");
  const bare = await run({ objects: granted }, ...words, "--no-headers");
  t.notMatch(bare.stdout, "TARGET");
  const all = await run({ objects: granted }, "--list", "-A", "--as", "jim", "--as-group", "x");
  t.match(all.stdout, /^NAMESPACE +TARGET/);
  t.match(all.stdout, /\n {2}yes {7}targetless\n/);
  await t.rejects(run({ objects: granted }, ...words, "-q"), { kind: "usage", message: /--list has many/ });
});

t.test("a list that may be incomplete says so and exits with 3", async (t) => {
  const { code, stdout, stderr } = await run(
    { objects: granted, forbidden: ["cronjobs", "jobs"] },
    "--list",
    "-n",
    "dev",
    "--as",
    "jim",
    "--as-group",
    "x",
  );
  t.equal(code, 3);
  t.match(stderr, "Warning: you may not list cronjobs, jobs: there may be more targets");
  t.match(stdout, "deployment/web");
});

t.test("where argo is not installed there are no rollouts, and nothing is missing", async (t) => {
  const { code, stdout } = await run(
    { objects: granted, notServed: ["argoproj.io"] },
    "--list",
    "-n",
    "dev",
    "--as",
    "jim",
    "--as-group",
    "x",
  );
  t.equal(code, 0);
  t.notMatch(stdout, "rollout/");
});

t.test("a namespace without targets is a sentence on stderr", async (t) => {
  const { stdout, stderr } = await run(
    { objects: [...granted, { apiVersion: "v1", kind: "Namespace", metadata: { name: "empty" } }] },
    "mirror",
    "--list",
    "-n",
    "empty",
    "--as",
    "jim",
    "--as-group",
    "x",
  );
  t.same([stdout, stderr.split("\n")[0]], ["", "No targets found"]);
  await t.rejects(run({ objects: granted }, "--list", "-n", "nope", "--as", "jim"), {
    kind: "usage",
    message: 'namespace "nope" was not found',
  });
});

t.test("a name without its kind is looked up", async (t) => {
  const found = await run({ objects: granted }, "steal", "db", "-n", "dev", "--as", "jim");
  t.equal(found.stdout, "yes\n");
  const twins = [...granted, object("v1", "Service", "db", { spec: {} }, "dev")];
  await t.rejects(run({ objects: twins }, "db", "-n", "dev", "--as", "jim"), {
    message: '"db" is statefulset/db and service/db in namespace "dev"',
    hint: "Write which one: statefulset/db or service/db.",
  });
  await t.rejects(run({ objects: granted }, "nope", "-n", "dev", "--as", "jim"), {
    message: /nothing in namespace "dev".*called "nope"/,
  });
  await t.rejects(run({ objects: granted, forbidden: ["rollouts"] }, "nope", "-n", "dev", "--as", "jim"), {
    message: /you may not read every kind of target to find "nope" \(rollout\)/,
  });
});

t.test("a targetless session goes to default unless a namespace is named", async (t) => {
  const objects = [...granted, namespace("default")];
  const { stdout } = await run({ objects }, "targetless", "--as", "jim", "-o", "json");
  t.match(JSON.parse(stdout), { namespace: "default", action: "targetless" });
});

t.test("a grant that has ended and is still bound says so", async (t) => {
  const annotations = { "kubectl-mirrord.io/intent": "{}", "kubectl-mirrord.io/expires-at": "2026-11-21T00:00:00Z" };
  const metadata = { labels: { "kubectl-mirrord.io/grant": "abc" }, annotations };
  const objects = [
    ...world,
    ...bound("gone", user("jim"), basicRules, undefined, { metadata: { name: "gone", ...metadata } }),
  ];
  const { stdout } = await run({ objects }, "deploy/web", "-n", "dev", "--as", "jim");
  t.match(stdout, /yes +2 steps +by grant abc, EXPIRED, still bound/);
});

t.test("a binding in a namespace gives nothing that is cluster-scoped, but the namespace itself", async (t) => {
  const rules = [...basicRules, rule("", ["namespaces"], ["get"])];
  const objects = [...world, ...bound("here", user("ann"), rules, "dev")];
  const asked = async (...words: string[]) => (await run({ objects }, ...words, "--as", "ann", "--as-group", "x")).code;
  t.equal(await asked("get", "mirrordoperators.operator.metalbear.co/operator", "-n", "dev"), 1);
  t.equal(await asked("create", "mirrordclusteroperatorusercredentials.operator.metalbear.co", "-n", "dev"), 1);
  t.equal(await asked("get", "ns/dev"), 0);
  t.equal(await asked("get", "ns/dev", "-n", "qa"), 0);
  t.equal(await asked("list", "ns", "-n", "dev"), 1);
});

const refused: { words: string[]; message: RegExp }[] = [
  { words: [], message: /nothing to ask about/ },
  { words: ["steal"], message: /steal needs a target/ },
  { words: ["steel", "deploy/web"], message: /unknown action "steel"/ },
  { words: ["stael"], message: /unknown action "stael"/ },
  { words: ["get", "pods", "more"], message: /too many words: "more"/ },
  { words: ["intercept", "deploy/web"], message: /unknown action "intercept"/ },
  { words: ["stealing", "deployment/web/container/c"], message: /unknown action "stealing"/ },
  { words: ["scale-down", "label/app=web"], message: /unknown action "scale-down"/ },
  { words: ["deploy/web", "steal"], message: /the action comes first: "steal"/ },
  { words: ["deploy/web", "get"], message: /is no question/ },
  { words: ["", "pods"], message: /is no question/ },
  { words: ["get", ""], message: /is no question/ },
  { words: ["--list", "--explain"], message: /--explain is for one answer/ },
  { words: ["steal", "label/app!=web"], message: /"app!=web" in target .* is no label/ },
  { words: ["steal", "daemonset/web"], message: /cannot target a DaemonSet/ },
  { words: ["steal", "deploy/"], message: /cannot be the name/ },
  { words: ["deploy/web", "--as-group", "g"], message: /need --as/ },
  { words: ["deploy/web", "--as", ""], message: /--as needs a name/ },
  { words: ["deploy/web", "--as", "a", "--as-user-extra", "x"], message: /is not KEY=VALUE/ },
  { words: ["deploy/web", "-n", ".."], message: /cannot be the name of a namespace/ },
  { words: ["deploy/web", "-n", "dev,qa"], message: /cannot be the name of a namespace/ },
  { words: ["deploy/web", "-A"], message: /a session is in one/ },
  { words: ["deploy/web", "--client-version", "new"], message: /not a version of mirrord/ },
  { words: ["deploy/web", "-o", "name"], message: /-o name is for --list/ },
  { words: ["deploy/web", "--via", "guessing"], message: /must be one of/ },
  { words: ["deploy/web", "--manifests", "x"], message: /manifests have no caller/ },
  { words: ["--list", "deploy/web"], message: /is none/ },
  { words: ["--list", "ci"], message: /not about a target/ },
  { words: ["--list", "-f", "x.json"], message: /Leave one of them out|--list is about every target/ },
  { words: ["-f", "/nonexistent/mirrord.json"], message: /there is no such file/ },
  { words: ["-f"], message: /cannot read the configuration ".mirrord\/mirrord.json"/ },
];
for (const { words, message } of refused) {
  t.test(`refused: can-i ${words.join(" ")}`, async (t) => {
    const outcome = await run({ objects: granted }, ...words).catch((error: unknown) => error);
    t.match(outcome, { name: "UserError", kind: "usage" });
    t.match((outcome as Error).message, message);
  });
}

t.test("-f takes what comes next, as mirrord's does, unless that is a flag", async (t) => {
  const file = join(root, "test", "commands", "can-i", "mirrord.yaml");
  for (const words of [["-f", file], ["-f", file, "steal"], ["--config", file], [`--config=${file}`], [`-f=${file}`]]) {
    const { stdout } = await run({ objects: granted }, ...words, "--as", "jim", "-o", "json");
    const wanted = { namespace: "dev", target: "statefulset/db", action: words.includes("steal") ? "steal" : "mirror" };
    t.match(JSON.parse(stdout), wanted, words.join(" "));
  }
  await t.rejects(run({ objects: granted }, "-f", "--as", "jim"), { message: /".mirrord\/mirrord.json"/ });
});

t.test("what was typed stands above the configuration", async (t) => {
  const file = join(root, "test", "commands", "can-i", "mirrord.yaml");
  const { stdout } = await run(
    { objects: granted },
    "deploy/web",
    "-f",
    file,
    "-n",
    "default",
    "--as",
    "jim",
    "-o",
    "json",
  );
  t.match(JSON.parse(stdout), { namespace: "default", target: "deployment/web" });
});

t.test("a pod of the service is what its session shows", async (t) => {
  const shown = pod(
    "behind",
    { app: "web" },
    { spec: { containers: [{ name: "main", envFrom: [{ configMapRef: { name: "settings" } }] }] } },
  );
  const { stdout } = await run(
    { objects: [...granted, shown] },
    "service/svc",
    "-n",
    "dev",
    "--as",
    "jim",
    "-o",
    "json",
  );
  t.match(JSON.parse(stdout), {
    exposure: [{ kind: "ConfigMap", name: "settings", directly: "no", through: ["envFrom of container main"] }],
  });
  const left = await run(
    { objects: [...granted, shown] },
    "service/svc",
    "-n",
    "dev",
    "--as",
    "jim",
    "-o",
    "json",
    "--no-exposure",
  );
  t.notOk("exposure" in (JSON.parse(left.stdout) as object));
});

t.test("a command for an administrator trusts the server as the one that asked did", async (t) => {
  const words = ["--certificate-authority", "ca.pem", "--tls-server-name", "k8s", "--insecure-skip-tls-verify"];
  const { stdout } = await run(
    { objects: world },
    "deploy/web",
    "-n",
    "dev",
    "--as",
    "jim",
    "--as-group",
    "g",
    ...words,
  );
  t.match(stdout, /grant jim .* --tls-server-name k8s --certificate-authority ca\.pem --insecure-skip-tls-verify\n/);
});

t.test("a name of several lines is one line on stderr, too", async (t) => {
  const { stderr } = await run({ objects: granted }, "deploy/web", "-n", "dev", "--as", "two\nlines", "--explain");
  t.match(stderr, /two\\nlines is in no group/);
});
