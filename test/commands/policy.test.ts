import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { parseDocuments, toYaml } from "../../lib/yaml.ts";
import { clusterPolicy, policy, shopPolicies } from "../mirrord/policy-fixtures.ts";
import { exampleFolder } from "./policy-world.ts";

const inDev = (spec: Record<string, unknown>, name = "p") => policy(spec, { name, namespace: "dev" });

const everyFlag = [
  ["--block", "steal,mirror", "--block", "copy-target-scale-down"],
  ["--target-path", "deploy/web*"],
  ["-l", "app=web,tier in (a,b),zone notin (x,y),env!=prod,!legacy,team"],
  ["--copy-targets"],
  ["--header-filter", "^x-user: .+$"],
  ["--outgoing-allow", "cidr=10.0.0.0/16,except=10.0.5.0/24,port=443,port=53/UDP"],
  ["--outgoing-allow", String.raw`host=^(a|b,c)\.example$`],
  ["--outgoing-block", "port=22/tcp"],
  ["--require-profile", "--profile", "safe,dev/safe"],
  ["--env-exclude", "AWS_*,*_PASSWORD"],
  ["--fs-read-only", String.raw`.+\.json$`, "--fs-local", "^/etc/", "--fs-not-found", "^/var/run/"],
].flat();

const everySpec = {
  targetPath: "deploy/web*",
  selector: {
    matchLabels: { app: "web" },
    matchExpressions: [
      { key: "legacy", operator: "DoesNotExist" },
      { key: "env", operator: "NotIn", values: ["prod"] },
      { key: "team", operator: "Exists" },
      { key: "tier", operator: "In", values: ["a", "b"] },
      { key: "zone", operator: "NotIn", values: ["x", "y"] },
    ],
  },
  block: ["steal", "mirror", "copy-target-scale-down"],
  appliesToCopyTargets: true,
  env: { exclude: ["AWS_*", "*_PASSWORD"] },
  fs: { readOnly: [String.raw`.+\.json$`], local: ["^/etc/"], notFound: ["^/var/run/"] },
  network: {
    incoming: { httpFilter: { headerFilter: "^x-user: .+$" } },
    outgoing: {
      allow: [
        {
          ipBlock: { cidr: "10.0.0.0/16", except: ["10.0.5.0/24"] },
          ports: [
            { protocol: "TCP", port: 443 },
            { protocol: "UDP", port: 53 },
          ],
        },
        { hostname: String.raw`^(a|b,c)\.example$` },
      ],
      block: [{ ports: [{ protocol: "TCP", port: 22 }] }],
    },
  },
  requireProfile: true,
  profileAllowlist: ["safe", "dev/safe"],
};

t.test("create has a flag for every field, and get gives back what it wrote", async (t) => {
  const { run } = exampleFolder(t);
  const created = await run("create", "all", "-n", "dev", ...everyFlag);
  t.same(
    { code: created.code, stdout: created.stdout },
    { code: 0, stdout: "mirrordpolicy.policies.mirrord.metalbear.co/all in namespace dev created\n" },
    created.stderr,
  );
  const [stored] = parseDocuments((await run("get", "all", "-n", "dev", "-o", "yaml")).stdout, { source: "stdout" });
  t.same(stored, {
    apiVersion: "policies.mirrord.metalbear.co/v1alpha",
    kind: "MirrordPolicy",
    metadata: { name: "all", namespace: "dev" },
    spec: everySpec,
  });
  const json: unknown = JSON.parse((await run("get", "mirrordpolicy/all", "-n", "dev", "-o", "json")).stdout);
  t.same(json, stored);
  t.match(await run("create", "all", "-n", "dev", "--block", "steal"), { code: 4, stderr: /is there already/ });
});

t.test("a cluster policy, and dry runs that write nothing", async (t) => {
  const { run } = exampleFolder(t);
  const words = ["create", "need-filter", "--cluster-policy", "--block", "steal-without-filter"];
  for (const mode of ["client", "server"])
    t.match(await run(...words, `--dry-run=${mode}`), {
      code: 0,
      stdout: `need-filter created (${mode === "client" ? "" : "server "}dry run)`,
    });
  t.match(await run(...words, "--diff"), { code: 1, stdout: /\+ {3}block:|\+ {3}- steal-without-filter/ });
  t.match(await run("list", "-A"), { stdout: "", stderr: /No policies found/ });
  t.match(await run(...words, "--dry-run", "-o", "name"), {
    stdout: "mirrordclusterpolicy.policies.mirrord.metalbear.co/need-filter\n",
  });
  t.match(await run(...words), { code: 0 });
  t.match(await run("get", "need-filter", "-n", "dev"), { code: 2, stderr: /NotFound.*\n.*add --cluster-policy/s });
  t.match(await run("list", "-n", "dev"), {
    code: 0,
    stdout: /^NAMESPACE .*\n\* +need-filter +\* +<none> +steal-without-filter +no/,
  });
});

const refusedFlags: { words: string[]; says: RegExp }[] = [
  { words: ["p"], says: /would limit nothing/ },
  { words: ["p", "--target-path", "deploy/x"], says: /would limit nothing/ },
  { words: ["p", "--block", "stael"], says: /spec\.block\[0\]: is "stael".*"steal"/ },
  { words: ["P", "--block", "steal"], says: /metadata\.name/ },
  { words: ["p", "--header-filter", "(?=x)"], says: /look-around/ },
  { words: ["p", "--block", "steal", "-l", ""], says: /would match everything/ },
  { words: ["p", "--block", "steal", "-l", "a b"], says: /unable to parse label selector/ },
  { words: ["p", "--outgoing-block", "cidr=10.0.0.0/64"], says: /is not an address range/ },
  { words: ["p", "--outgoing-block", "port=70000"], says: /more than 65535/ },
  { words: ["p", "--outgoing-block", "port=http"], says: /cannot read the outgoing rule/ },
  { words: ["p", "--outgoing-block", "except=10.0.0.0/8"], says: /cannot read the outgoing rule/ },
  { words: ["p", "--outgoing-block", ""], says: /cannot read the outgoing rule/ },
  { words: ["p", "--outgoing-allow", "cidr=10.0.0.0/8,prot=1"], says: /cannot read the outgoing rule/ },
];

for (const { words, says } of refusedFlags)
  t.test(`create ${words.join(" ")} is refused`, async (t) => {
    const ran = await exampleFolder(t).run("create", ...words, "-n", "dev");
    t.equal(ran.code, 2, ran.stderr);
    t.match(ran.stderr, says);
    t.equal(ran.stdout, "");
  });

t.test("apply, diff, apply again, change, delete", async (t) => {
  const { run, file } = exampleFolder(t);
  const first = file("p.yaml", [
    inDev({ block: ["steal"], targetPath: "deploy/web" }, "a"),
    clusterPolicy({ block: ["mirror"] }, "b"),
  ]);
  t.match(await run("diff", "-f", first), {
    code: 1,
    stdout: /mirrordpolicy.*\/a in namespace dev\n\+ .*mirrordclusterpolicy/s,
  });
  t.match(await run("apply", "-f", first), { code: 0, stdout: /a in namespace dev created\n.*b created\n/ });
  t.match(await run("apply", "-f", first), { code: 0, stdout: /a in namespace dev unchanged\n.*b unchanged\n/ });
  t.same(await run("diff", "-f", first), { code: 0, stdout: "", stderr: "" });
  const second = file("p.yaml", [inDev({ block: ["steal"] }, "a"), clusterPolicy({ block: ["mirror"] }, "b")]);
  t.match(await run("diff", "-f", second), { code: 1, stdout: /- {3}targetPath: deploy\/web/ });
  t.match(await run("apply", "-f", second, "--dry-run=server"), {
    code: 0,
    stdout: /a in namespace dev configured \(server dry run\)/,
  });
  t.match(await run("apply", "-f", second, "--diff"), { code: 1 });
  t.match(await run("apply", "-f", second, "-o", "json"), { code: 0 });
  t.notMatch((await run("get", "a", "-n", "dev", "-o", "yaml")).stdout, "targetPath");
  t.match(await run("delete", "a", "-n", "dev", "--dry-run=client"), { code: 0, stdout: "deleted (dry run)" });
  t.match(await run("delete", "-f", second), { code: 0, stdout: /a in namespace dev deleted\n.*b deleted\n/ });
  t.match(await run("delete", "a", "-n", "dev"), { code: 2, stderr: /NotFound/ });
  t.match(await run("delete", "-f", second, "--ignore-not-found"), { code: 0, stdout: "" });
  t.match(await run("delete", "a", "-n", "dev", "--ignore-not-found"), { code: 0, stdout: "" });
  const nameless = file("nameless.yaml", [{ ...inDev({ block: ["steal"] }), metadata: { namespace: "dev" } }]);
  for (const more of [[], ["--ignore-not-found"]])
    t.match(await run("delete", "-f", nameless, ...more), { code: 2, stdout: "", stderr: /without metadata\.name/ });
  t.match(await run("delete"), { code: 2, stderr: /name the policies/ });
});

t.test("a definition in the folder decides: fields and features of newer operators survive a round trip", async (t) => {
  const { run, file, path } = exampleFolder(t);
  const definition = readFileSync(join(import.meta.dirname, "../mirrord/newer-policy-definition.yaml"), "utf8");
  const newer = inDev({ block: ["record"], window: { from: "08:00" } });
  const wanted = file("p.yaml", [newer]);
  t.match(await run("apply", "-f", wanted), {
    code: 2,
    stderr: /spec\.block\[0\].*\n.*spec\.window: is not in the installed definition/,
  });
  file("cluster/definition.yaml", definition);
  t.match(await run("apply", "-f", wanted), { code: 0, stderr: /Warning: .*"record" is newer than this program/ });
  const got = await run("get", "p", "-n", "dev", "-o", "yaml");
  t.same(parseDocuments(got.stdout, { source: path }), [newer]);
  t.match(await run("apply", "-f", file("again.yaml", got.stdout)), { stdout: /unchanged/ });
});

t.test("describe shows what a policy is on and what is wrong with it", async (t) => {
  const { run, file } = exampleFolder(t);
  await run("apply", "-f", file("p.yaml", [inDev({ block: ["steal"], targetPath: "deploy/web" }, "a")]));
  const { code, stdout } = await run("describe", "a", "-n", "dev");
  t.equal(code, 0);
  t.match(stdout, /Limits:\n {2}blocks steal\n/);
  t.match(stdout, /Targets now:\n {2}dev\/deployment\/web\n/);
  t.match(stdout, /Findings:\n {2}warning target-path-container/);
  t.match(JSON.parse((await run("describe", "a", "-n", "dev", "-o", "json")).stdout), {
    kind: "PolicyDescription",
    targets: ["dev/deployment/web"],
  });
});

t.test("describe knows which profiles there are, as lint does", async (t) => {
  const { run, file, path } = exampleFolder(t);
  const profile = { apiVersion: "profiles.mirrord.metalbear.co/v1alpha", kind: "MirrordClusterProfile" };
  writeFileSync(join(path, "profile.yaml"), toYaml({ ...profile, metadata: { name: "safe" }, spec: {} }));
  await run("apply", "-f", file("p.yaml", [inDev({ block: [], profileAllowlist: ["safe", "sage"] }, "a")]));
  t.match((await run("describe", "a", "-n", "dev")).stdout, /unknown-profile: there is no profile "sage"\. /);
});

t.test("list in every format", async (t) => {
  const { run, file } = exampleFolder(t);
  await run("apply", "-f", file("p.yaml", shopPolicies));
  t.match(await run("list", "-n", "shop", "-o", "name"), {
    stdout: /^mirrordclusterpolicy\.policies\.mirrord\.metalbear\.co\/need-filter\nmirrordpolicy/,
  });
  t.equal(
    (await run("list", "-n", "dev", "-o", "name")).stdout.trim().split("\n").length,
    1,
    "only the cluster's in another namespace",
  );
  t.match(JSON.parse((await run("list", "-A", "-o", "json")).stdout), { kind: "PolicyList", items: { length: 4 } });
  t.match((await run("list", "-A", "-o", "csv")).stdout, /^NAMESPACE,NAME,/);
});
