import t from "tap";
import { ApiError } from "../../lib/kubernetes/api-error.ts";
import type { Cluster } from "../../lib/kube/cluster.ts";
import { operatorKinds } from "../../lib/commands/operator-kinds.ts";
import { manifestsCluster } from "../../lib/kube/manifests/manifests-cluster.ts";
import { clusterPolicy, policy } from "../mirrord/policy-fixtures.ts";
import { exampleFolder, runPolicy, type Folder } from "./policy-world.ts";

const inDev = (spec: Record<string, unknown>, name: string) => policy(spec, { name, namespace: "dev" });

const limits = [
  inDev({ block: ["steal"], targetPath: "deploy/web*", appliesToCopyTargets: true }, "no-steal-web"),
  inDev(
    { block: [], targetPath: "deploy/cart", network: { incoming: { httpFilter: { headerFilter: "^x-user: .+" } } } },
    "cart-filter",
  ),
  inDev({ block: ["steal"], targetPath: "deployment/cart" }, "trap"),
  clusterPolicy(
    { block: ["copy-target-scale-down"], fs: { local: ["^/etc/secrets/"] }, env: { exclude: ["AWS_*"] } },
    "everywhere",
  ),
  clusterPolicy(
    {
      block: [],
      targetPath: "statefulset/db",
      requireProfile: true,
      network: { outgoing: { block: [{ ports: [{ protocol: "TCP", port: 22 }] }] } },
    },
    "db",
  ),
];

async function withLimits(t: { teardown(cleanUp: () => unknown): void }): Promise<Folder> {
  const folder = exampleFolder(t);
  folder.file("cluster/policies.yaml", limits);
  return folder;
}

interface Shown {
  kind: string;
  outcomes: { action: string; result: string; reason?: string; by?: { name: string }[] }[];
  policies: {
    policy: { name: string };
    asGiven: string;
    failures: { selector: string; wanted: string; found: string }[];
    local: boolean;
  }[];
  merged: { block: { feature: string }[] };
}

const shown = (stdout: string) => JSON.parse(stdout) as Shown;

t.test("one target: who matches, who does not and why, what it comes to, and the merged result", async (t) => {
  const { run } = await withLimits(t);
  const { code, stdout } = await run(
    "test",
    "deploy/web",
    "-n",
    "dev",
    "-o",
    "json",
    "--env",
    "AWS_KEY",
    "--read",
    "/etc/secrets/x",
    "--outgoing",
    "db:22",
  );
  t.equal(code, 0);
  const { kind, outcomes, policies, merged } = shown(stdout);
  t.equal(kind, "PolicyTest");
  t.same(
    outcomes.map(({ action, result, by = [] }) => [action, result, by.map(({ name }) => name).join()]),
    [
      ["mirror", "yes", ""],
      ["steal", "no", "no-steal-web"],
      ["steal-with-filter", "no", "no-steal-web"],
      ["copy", "yes", ""],
      ["copy-scale-down", "no", "everywhere"],
      ["outgoing db:22", "yes", ""],
      ["read /etc/secrets/x", "local", "everywhere"],
      ["env AWS_KEY", "no", "everywhere"],
    ],
  );
  t.match(
    outcomes[1]?.reason,
    /Stealing traffic from port <port> is forbidden by the mirrord policy "no-steal-web" for this target \(your organization does not allow/,
  );
  const trap = policies.find((one) => one.policy.name === "trap");
  t.match(trap, {
    asGiven: "no",
    failures: [{ selector: "targetPath", wanted: "deployment/cart", found: "deploy/web" }],
  });
  t.same(
    merged.block.map(({ feature }) => feature),
    ["steal", "copy-target-scale-down"],
  );
  const table = await run("test", "deploy/web", "-n", "dev");
  t.match(table.stdout, /steal +no +MirrordPolicy dev\/no-steal-web +Stealing/);
  t.match(table.stdout, /MirrordPolicy dev\/trap +no +targetPath deployment\/cart is not deploy\/web/);
  t.match(table.stdout, /MERGED +VALUE +BY\nblock +steal +MirrordPolicy dev\/no-steal-web/);
  t.match(table.stderr, /Operator 3\.187\.0 compares policies with the target as it was given/);
});

t.test("a policy about header filters is a condition until a filter is given", async (t) => {
  const { run } = await withLimits(t);
  const result = async (...more: string[]) =>
    shown((await run("test", "deploy/cart", "-n", "dev", "-o", "json", ...more)).stdout).outcomes;
  const open = (await result()).find(({ action }) => action === "steal-with-filter");
  t.match(open, { result: "unknown", reason: 'the header filter must match "^x-user: .+"' });
  const action = ["--action", "steal-with-filter"];
  t.match(await result(...action, "--filter", "x-user: jim"), [{ result: "yes" }]);
  t.match(await result(...action, "--filter", "x-team: a"), [{ result: "no" }]);
  t.equal((await run("test", "deploy/cart", "-n", "dev", ...action, "--filter", "x-user: jim")).code, 0);
  t.equal((await run("test", "deploy/cart", "-n", "dev", ...action, "--filter", "x-team: a")).code, 1);
  t.equal((await run("test", "deploy/cart", "-n", "dev", ...action)).code, 3);
});

t.test("what-if: policies of a file stand in for their namesakes, and are marked", async (t) => {
  const { run, file } = await withLimits(t);
  const softer = file("new.yaml", [{ ...inDev({ block: [] }, "no-steal-web") }, inDev({ block: ["mirror"] }, "new")]);
  const { stdout } = await run("test", "deploy/web", "-n", "dev", "-f", softer, "-o", "json");
  const { outcomes, policies } = shown(stdout);
  t.match(outcomes.slice(0, 2), [
    { action: "mirror", result: "no" },
    { action: "steal", result: "yes" },
  ]);
  t.same(
    policies.filter(({ local }) => local).map(({ policy: { name } }) => name),
    ["no-steal-web", "new"],
  );
  t.match((await run("test", "deploy/web", "-n", "dev", "-f", softer)).stdout, /MirrordPolicy dev\/new \(file\)/);
});

t.test("newer operators reach a workload through its pods: both readings are weighed", async (t) => {
  const { run, file } = exampleFolder(t);
  const onPods = file("pods.yaml", [inDev({ block: ["steal"], targetPath: "pod/web*" }, "pods")]);
  const steal = async (...version: string[]) =>
    shown(
      (await run("test", "deploy/web", "-n", "dev", "-f", onPods, "-o", "json", "--action", "steal", ...version))
        .stdout,
    ).outcomes[0];
  t.match(await steal(), { result: "yes" });
  t.match(await steal("--operator-version", "3.192.4"), { result: "yes" });
  t.match(await steal("--operator-version", "3.193.0"), {
    result: "unknown",
    reason: /depends on whether the operator lets policies reach/,
  });
});

t.test("every target with everything", async (t) => {
  const { run } = await withLimits(t);
  const { code, stdout } = await run("test", "--all", "-n", "dev", "--outgoing", "x:22", "--profile", "any");
  t.equal(code, 0);
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/));
  t.same(lines, [
    ["NAMESPACE", "TARGET", "MIRROR", "STEAL", "STEAL-WITH-FILTER", "COPY", "COPY-SCALE-DOWN", "outgoing x:22"],
    ["dev", "cronjob/nightly", "yes", "yes", "yes", "yes", "no", "yes"],
    ["dev", "deployment/cart", "yes", "no", "unknown", "yes", "no", "yes"],
    ["dev", "deployment/web", "yes", "no", "no", "yes", "no", "yes"],
    ["dev", "service/web", "yes", "yes", "yes", "n/a", "n/a", "yes"],
    ["dev", "statefulset/db", "yes", "yes", "yes", "yes", "no", "no"],
    ["dev", "targetless", "n/a", "n/a", "n/a", "n/a", "n/a", "yes"],
  ]);
  const noProfile = await run("test", "--all", "-n", "dev", "-o", "csv");
  t.match(
    noProfile.stdout,
    /dev,statefulset\/db,no,no,no,yes,no,MirrordClusterPolicy db, MirrordClusterPolicy everywhere|dev,statefulset\/db,no/,
  );
  const everywhere = JSON.parse((await run("test", "--all", "-A", "-o", "json")).stdout) as {
    items: { namespace: string }[];
  };
  t.ok(everywhere.items.some(({ namespace }) => namespace === "qa"));
});

t.test(
  "a service reaches what it selects, so a policy on that may reach the service with newer operators",
  async (t) => {
    const { run } = await withLimits(t);
    const answer = async (...words: string[]) => {
      const { stdout } = await run("test", "-n", "dev", "--action", "steal", "-o", "json", ...words);
      const { items = [], outcomes = [] } = JSON.parse(stdout) as {
        items?: { target: string; outcomes: { result: string }[] }[];
        outcomes?: { result: string }[];
      };
      return (items.find(({ target }) => target === "service/web")?.outcomes ?? outcomes)[0]?.result;
    };
    for (const words of [["--all"], ["service/web"]]) {
      t.equal(await answer(...words, "--operator-version", "3.193.0"), "unknown", words.join(" "));
      t.equal(await answer(...words, "--operator-version", "3.192.0"), "yes", words.join(" "));
    }
  },
);

t.test("an empty target path matches nothing, and is not shown as everything", async (t) => {
  const { run, file } = exampleFolder(t);
  const nothing = file("n.yaml", [inDev({ block: ["steal"], targetPath: "" }, "nothing")]);
  const { stdout } = await run("test", "deploy/web", "-n", "dev", "-f", nothing);
  t.match(stdout, 'targetPath "" is not deploy/web');
});

t.test("the session of a configuration", async (t) => {
  const { run, file } = await withLimits(t);
  const config = (mode: string) =>
    file(
      "mirrord.json",
      JSON.stringify({ target: { path: "deploy/web", namespace: "dev" }, feature: { network: { incoming: mode } } }),
    );
  t.match(await run("test", "--config", config("steal")), {
    code: 1,
    stdout: /steal +no +MirrordPolicy dev\/no-steal-web/,
  });
  t.match(await run("test", "--config", config("mirror")), { code: 0, stdout: /mirror +yes/ });
});

t.test("a profile can change what the session of a configuration does", async (t) => {
  const { run, file } = await withLimits(t);
  file("cluster/profile.yaml", [
    {
      apiVersion: "profiles.mirrord.metalbear.co/v1alpha",
      kind: "MirrordClusterProfile",
      metadata: { name: "calm" },
      spec: { featureAdjustments: [{ change: "incoming-mirror" }] },
    },
  ]);
  const config = file(
    "mirrord.json",
    JSON.stringify({ target: "deploy/web", profile: "calm", feature: { network: { incoming: "steal" } } }),
  );
  t.match(await run("test", "-n", "dev", "--config", config), {
    code: 0,
    stdout: /mirror +yes/,
    stderr: /the profile "calm" makes it mirror incoming traffic, not steal it/,
  });
});

const ignored: { name: string; words: string[]; message: RegExp }[] = [
  {
    name: "a filter without an action that filters",
    words: ["deploy/web", "--action", "steal", "--filter", "x: y"],
    message: /--filter is for steal-with-filter/,
  },
  {
    name: "an action beside a configuration",
    words: ["--config", "m.json", "--action", "steal"],
    message: /--action is not for --config/,
  },
  {
    name: "a connection beside a configuration",
    words: ["--config", "m.json", "--outgoing", "db:5432"],
    message: /--outgoing is not for --config/,
  },
  {
    name: "a profile beside cases",
    words: ["--expect", "cases.yaml", "--profile", "safe"],
    message: /--profile is not for --expect/,
  },
  { name: "a profile without a name", words: ["deploy/web", "--profile", "dev/"], message: /"dev\/" is no profile/ },
];
for (const { name, words, message } of ignored) {
  t.test(`${name} is refused, not ignored`, async (t) => {
    const { run } = await withLimits(t);
    t.match(await run("test", ...words), { code: 2, stdout: "", stderr: message });
  });
}

t.test("a case that tests something else than it says is refused, and one about nothing is warned of", async (t) => {
  const { run, file } = await withLimits(t);
  const cases = (one: string) => file("odd.yaml", `${head}- ${one}\n`);
  const filtered = cases("{target: deploy/web, action: steal, filter: 'x: y', expected: no}");
  t.match(await run("test", "-n", "dev", "--expect", filtered), {
    code: 2,
    stderr: /case 1: filter is for steal-with-filter/,
  });
  const missing = cases("{target: deploy/wbe, action: steal, expected: yes}");
  t.match(await run("test", "-n", "dev", "--expect", missing), {
    code: 0,
    stderr: /case 1: there is no deployment "wbe" in dev/,
  });
  const planned = cases("{target: deploy/new, labels: {}, action: steal, expected: yes}");
  t.notMatch((await run("test", "-n", "dev", "--expect", planned)).stderr, /was not found/);
});

const head = "apiVersion: kubectl-mirrord.io/v1alpha1\nkind: PolicyTestCases\ncases:\n";

t.test("cases: all as expected, and a difference for each that is not", async (t) => {
  const { run, file } = await withLimits(t);
  const good = file(
    "good.yaml",
    `${head}- {target: deploy/web, action: steal, expected: no, by: [no-steal-web]}
- {target: deploy/cart, action: steal-with-filter, filter: 'x-user: jim', expected: yes}
- {target: statefulset/db, action: mirror, expected: no}
- {target: statefulset/db, action: mirror, profile: any, expected: yes}
- {target: statefulset/db, action: outgoing db:22, profile: any, expected: no}
- {target: deploy/web, action: read /etc/secrets/x, expected: local}
- {target: deploy/web, action: env AWS_KEY, expected: no}
- {target: deploy/web, namespace: qa, action: steal, expected: yes}
- {target: targetless, action: copy, expected: n/a}
- {target: deploy/not-there, labels: {app: x}, action: steal, expected: yes}
`,
  );
  t.same(await run("test", "--expect", good, "-n", "dev"), { code: 0, stdout: "10 of 10 cases passed\n", stderr: "" });
  const bad = file(
    "bad.yaml",
    `${head}- {target: deploy/web, action: steal, expected: yes}\n- {target: deploy/web, action: mirror, expected: yes}\n- {target: deploy/web, action: steal, expected: no, by: [other]}\n`,
  );
  const { code, stdout } = await run("test", "--expect", bad, "-n", "dev");
  t.equal(code, 1);
  t.match(
    stdout,
    /bad\.yaml case 1: steal deployment\/web in namespace dev\n- expected: yes\n\+ actual: {3}no by MirrordPolicy dev\/no-steal-web: Stealing/,
  );
  t.match(stdout, /case 3: .*\n- expected: no by other\n\+ actual: {3}no by MirrordPolicy dev\/no-steal-web/);
  t.notMatch(stdout, "case 2:");
  t.match(stdout, /1 of 3 cases passed\n$/);
  t.match(JSON.parse((await run("test", "--expect", bad, "-n", "dev", "-o", "json")).stdout), {
    kind: "PolicyTestResult",
    passed: 1,
    failed: 2,
  });
});

const badCases: { name: string; text: string; says: RegExp }[] = [
  {
    name: "an unknown field",
    text: `${head}- {target: deploy/web, action: steal, expect: no}`,
    says: /case 1: unknown field "expect"/,
  },
  {
    name: "a boolean for an answer",
    text: `${head}- {target: deploy/web, action: steal, expected: true}`,
    says: /expected is not one of yes, no/,
  },
  {
    name: "a target of no kind",
    text: `${head}- {target: web, action: steal, expected: no}`,
    says: /case 1: unknown target kind/,
  },
  {
    name: "an action that is none",
    text: `${head}- {target: deploy/web, action: stael, expected: no}`,
    says: /case 1: cannot read the action "stael"/,
  },
  { name: "no cases", text: head.replace("cases:\n", "cases: []"), says: /there are no cases/ },
  { name: "another kind", text: "apiVersion: v1\nkind: List\nitems: []", says: /not a list of cases/ },
  {
    name: "a repeated key",
    text: `${head}- {target: deploy/web, target: deploy/cart, action: steal, expected: no}`,
    says: /duplicated mapping key/,
  },
  { name: "a list", text: "- 1", says: /not a list of cases/ },
];

for (const { name, text, says } of badCases)
  t.test(`cases with ${name} are refused`, async (t) => {
    const { run, file } = exampleFolder(t);
    const ran = await run("test", "--expect", file("cases.yaml", text), "-n", "dev");
    t.equal(ran.code, 2, ran.stdout);
    t.match(ran.stderr, says);
  });

for (const words of [
  [],
  ["deploy/web", "--all"],
  ["--all", "--expect", "x"],
  ["web"],
  ["deploy/web", "--outgoing", "db"],
  ["deploy/web", "--action", "x"],
  ["deploy/web", "--operator-version", "new"],
  ["deploy/web", "-o", "csv"],
])
  t.test(`test ${words.join(" ")} is refused`, async (t) => {
    t.match(await exampleFolder(t).run("test", ...words, "-n", "dev"), { code: 2, stdout: "" });
  });

t.test("policies that may not be read: no yes is promised", async (t) => {
  const { path } = await withLimits(t);
  const files = manifestsCluster({ paths: [path], warn: () => {}, custom: operatorKinds });
  const cluster: Cluster = {
    ...files,
    async *list(type, options) {
      if (type.resource === "mirrordclusterpolicies")
        throw new ApiError("undetermined", 403, '{"kind":"Status","reason":"Forbidden"}');
      yield* files.list(type, options);
    },
    discover: async () => [],
  };
  const { code, stdout } = await runPolicy(["test", "deploy/web", "-n", "dev", "-o", "json"], cluster);
  t.equal(code, 3);
  t.match(shown(stdout).outcomes.slice(0, 2), [
    { action: "mirror", result: "unknown", reason: /you may not list mirrordclusterpolicies/ },
    { action: "steal", result: "no" },
  ]);
  t.match(await runPolicy(["test", "--all", "-n", "dev"], cluster), {
    code: 3,
    stdout: /deployment\/web +unknown +no/,
  });
  t.match(await runPolicy(["list", "-n", "dev"], cluster), { code: 3, stderr: /there may be more/ });
});

t.test("a Job that ends a grant is no target, neither named nor in a case", async (t) => {
  const { file, run } = await withLimits(t);
  file("cluster/end.yaml", [
    {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "mirrord-expiry-jim-x", namespace: "dev", labels: { "kubectl-mirrord.io/grant": "abc" } },
      spec: { completions: 0, parallelism: 0, template: { spec: { containers: [] } } },
    },
  ]);
  const cases = file("cases.yaml", `${head}- {target: job/mirrord-expiry-jim-x, action: mirror, expected: yes}\n`);
  for (const words of [
    ["job/mirrord-expiry-jim-x", "-n", "dev"],
    ["--expect", cases, "-n", "dev"],
  ]) {
    const refused = await run("test", ...words);
    t.equal(refused.code, 2);
    t.match(refused.stderr, /^error: job "mirrord-expiry-jim-x" ends a grant: it runs no pod, and is no target$/m);
    t.equal(refused.stdout, "");
  }
});

t.test("a reason is said once, and whole with -o wide", async (t) => {
  const { run } = await withLimits(t);
  const { stdout } = await run("test", "deploy/web", "-n", "dev");
  t.match(stdout, /^steal +no .* by the mirrord policy "no-steal-web" for this target$/m);
  t.match(stdout, /^steal-with-filter +no .* as for steal$/m);
  const wide = await run("test", "deploy/web", "-n", "dev", "-o", "wide");
  t.match(wide.stdout, /^steal-with-filter +no .* by the mirrord policy "no-steal-web" .*your organization/m);
});
