import t from "tap";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { PolicyRule } from "../../lib/rbac/types.ts";
import { bound, clusterRole } from "../access/rbac-objects.ts";
import type { MemoryCluster } from "../kube/memory-cluster.ts";
import { exampleMemory, grantObjectsIn, runGrant, type Ran } from "./grant-world.ts";

const OPERATOR = "operator.metalbear.co";
const rule = (apiGroup: string, resource: string, verbs: string[], ...resourceNames: string[]): PolicyRule => ({
  apiGroups: [apiGroup],
  resources: [resource],
  verbs,
  ...(resourceNames.length === 0 ? {} : { resourceNames }),
});

async function granted(grants: readonly (readonly string[])[], ...more: KubernetesObject[]): Promise<MemoryCluster> {
  const cluster = exampleMemory(...more);
  for (const words of grants) {
    const { code, stderr } = await runGrant(words, { cluster });
    if (code !== 0) throw new Error(stderr);
  }
  return cluster;
}

async function firstId(cluster: MemoryCluster, subject: string): Promise<string> {
  const { stdout } = await runGrant(["list", subject, "-o", "json"], { cluster });
  const { items } = JSON.parse(stdout) as { items: { id: string | null }[] };
  return items.find(({ id }) => id !== null)?.id ?? "";
}

const inDev = ["jim", "--ns", "dev"];
const basic = bound("base", "mirrord-operator-user-basic", "jim");
const reads = [
  clusterRole("reads", rule("apps", "deployments", ["get"]), rule("", "pods", ["list", "get"])),
  bound("reads", "reads", "jim", "dev"),
];
const outcomes: {
  name: string;
  made: KubernetesObject[];
  grants?: string[][];
  words?: string[];
  code: number;
  says: RegExp[];
}[] = [
  { name: "nothing else", made: [], code: 0, says: [/^In namespace dev jim can no longer use mirrord\.$/m] },
  {
    name: "a Role that names one deployment",
    made: [
      basic,
      ...reads,
      clusterRole("made", rule(OPERATOR, "targets", ["proxy"], "deployment.web")),
      bound("old", "made", "jim", "dev"),
    ],
    code: 1,
    says: [
      /^In namespace dev jim can still connect to deployment\/web, through rolebinding\/old\.$/m,
      /^ {2}Rights that stand: connect to deployment\/web \(rolebinding\/old\); get a client certificate \(clusterrolebinding\/base\)\.$/m,
    ],
  },
  {
    name: "the connection alone",
    made: [bound("old", "mirrord-operator-user", "jim", "dev")],
    code: 1,
    says: [
      /^In namespace dev jim still has the right to connect to any target and copy targets, through rolebinding\/old\. A session needs besides: get mirrordoperators/m,
    ],
  },
  {
    name: "the client certificate alone",
    made: [basic],
    code: 0,
    says: [
      /^In namespace dev jim can no longer use mirrord\.$/m,
      /^jim can still get a client certificate \(clusterrolebinding\/base\), which starts no session by itself\.$/m,
    ],
  },
  {
    name: "copies of jobs alone",
    made: [
      basic,
      clusterRole("made", rule(OPERATOR, "copytargets", ["list", "create", "proxy"]), rule("batch", "jobs", ["get"])),
      bound("old", "made", "jim", "dev"),
    ],
    code: 1,
    says: [/^In namespace dev jim can still copy any job, through rolebinding\/old\.$/m],
  },
  {
    name: "another namespace, when everything was to go",
    made: [basic, bound("old", "mirrord-operator-user", "jim", "qa")],
    code: 1,
    says: [
      /^In namespace dev jim can no longer use mirrord\.$/m,
      /^In namespace qa jim still has the right to connect to any target/m,
      /^To take that away too:\n {2}kubectl delete clusterrolebinding base\n {2}kubectl delete rolebinding old -n qa$/m,
    ],
  },
  {
    name: "another namespace, when one was to go",
    made: [basic, bound("old", "mirrord-operator-user", "jim", "qa")],
    words: ["jim", "--ns", "dev"],
    code: 0,
    says: [/^In namespace dev jim can no longer use mirrord\.$/m],
  },
  {
    name: "a binding for everywhere",
    made: [bound("old", "cluster-admin", "jim")],
    code: 1,
    says: [
      /^In namespace dev jim can still use mirrord, through clusterrolebinding\/old\.$/m,
      /^In all namespaces jim can still use mirrord, through clusterrolebinding\/old\.$/m,
    ],
  },
  {
    name: "one namespace of all",
    grants: [["jim", "-A", "--allow-system", "-y"]],
    made: [bound("old", "cluster-admin", "jim", "qa")],
    code: 1,
    says: [/^In all other namespaces jim can no longer use mirrord\.$/m, /^In namespace qa jim .*rolebinding\/old/m],
  },
  {
    name: "a second grant with a target, when one was revoked by its id",
    grants: [inDev, ["jim", "--ns", "dev", "--target", "deploy/web"]],
    made: [],
    words: ["ID"],
    code: 1,
    says: [
      /^In namespace dev jim can still connect to deployment\/web, through rolebinding\/mirrord:grant:jim-dev-/m,
      /^To take that away too:\n {2}kubectl mirrord grant revoke [a-z2-7]{20}$/m,
    ],
  },
  {
    name: "a group",
    made: [bound("team", "mirrord-operator-user", { group: "web" }, "dev")],
    code: 0,
    says: [
      /^In namespace dev jim has no access of their own any more, but access may remain through group web \(rolebinding\/team\)\.$/m,
    ],
  },
];
const wholeId = async (cluster: MemoryCluster) => {
  const { stdout } = await runGrant(["list", "jim", "-o", "json"], { cluster });
  const { items } = JSON.parse(stdout) as { items: { id: string; targets: string[] }[] };
  return items.find(({ targets }) => targets.length === 0)?.id ?? "";
};
const ajv = new Ajv2020({ allErrors: true, strict: true });
const schema = join(import.meta.dirname, "../../docs/schema/grant-revocation.json");
const validate = ajv.compile(JSON.parse(readFileSync(schema, "utf8")) as object);

for (const { name, made, grants = [inDev], words = ["jim"], code, says } of outcomes)
  t.test(`what stands after a revocation is named with its binding: ${name}`, async (t) => {
    const revoke = async (...more: string[]): Promise<Ran> => {
      const cluster = await granted(grants, ...made);
      const id = await wholeId(cluster);
      return await runGrant(["revoke", ...words.map((word) => (word === "ID" ? id : word)), ...more], { cluster });
    };
    const run = await revoke();
    t.equal(run.code, code, run.stdout + run.stderr);
    for (const text of says) t.match(run.stdout, text);
    if (says.every((text) => !/no longer/.test(text.source))) t.notMatch(run.stdout, /no longer/);
    t.ok(validate(JSON.parse((await revoke("-o", "json")).stdout)), ajv.errorsText(validate.errors));
  });

t.test("what nobody answers is no proof: exit code 3, and the sentence says so", async (t) => {
  const cluster = await granted([inDev]);
  cluster.review = async (questions) => questions.map(() => ({ answer: "unknown", reason: "you may not ask" }));
  const run = await runGrant(["revoke", "jim"], { cluster });
  t.equal(run.code, 3);
  t.match(
    run.stdout,
    /In namespace dev it could not be found out whether jim can still use mirrord: you may not ask\./,
  );
});

t.test("another authorizer's yes is seen, whatever the RBAC objects say", async (t) => {
  const cluster = await granted([inDev]);
  cluster.review = async (questions) => questions.map(() => ({ answer: "yes", reason: "by a webhook" }));
  const run = await runGrant(["revoke", "jim"], { cluster });
  t.match(run, {
    code: 1,
    stdout:
      /^In namespace dev jim can still (use mirrord|connect to targetless, label targets, any deployment, .*)\.$/m,
  });
});

/** The labels of grants are taken off whatever matches. */
function unlabel(cluster: MemoryCluster, matches: (object: KubernetesObject) => boolean): void {
  for (const object of cluster.objects().filter(matches)) {
    const { labels: _labels, ...metadata } = object.metadata;
    cluster.put({ ...object, metadata });
  }
}
const isOfGrant = ({ metadata }: KubernetesObject) => metadata.name?.startsWith("mirrord:grant:") === true;
const left = (cluster: MemoryCluster) =>
  cluster
    .objects()
    .filter(isOfGrant)
    .map(({ kind }) => kind);

t.test("what lost its label is found by its name, and goes with its grant", async (t) => {
  const cluster = await granted([inDev, ["jimmy", "--ns", "dev"]]);
  unlabel(cluster, ({ kind, metadata }) => kind === "RoleBinding" && /:jim-dev/.test(metadata.name ?? ""));
  const run = await runGrant(["revoke", await firstId(cluster, "jim")], { cluster });
  t.equal(run.code, 0, run.stdout + run.stderr);
  t.same(left(cluster).toSorted(), ["ClusterRoleBinding", "RoleBinding", "RoleBinding"], "of jimmy");
  t.ok(grantObjectsIn(cluster).every((object) => object.includes(":jimmy-")));
});

t.test("what is left of a grant without its intent is found by the subject that its bindings name", async (t) => {
  for (const words of [["jim"], ["jim", "--ns", "dev"]]) {
    const cluster = await granted([["jim", "--ns", "dev", "--ns", "qa"]]);
    for (const { metadata } of cluster
      .objects()
      .filter(({ kind }) => kind === "ClusterRoleBinding")
      .filter(isOfGrant)) {
      await cluster.delete(
        {
          group: "rbac.authorization.k8s.io",
          version: "v1",
          resource: "clusterrolebindings",
          kind: "ClusterRoleBinding",
          namespaced: false,
        },
        metadata.name ?? "",
        undefined,
      );
    }
    unlabel(cluster, isOfGrant);
    const run = await runGrant(["revoke", ...words], { cluster });
    t.equal(run.code, 0, run.stdout + run.stderr);
    t.match(run.stdout, /In namespace dev jim can no longer use mirrord/);
    const spaces = cluster
      .objects()
      .filter(isOfGrant)
      .map(({ metadata }) => metadata.namespace);
    t.same(spaces, words.length === 1 ? [] : ["qa", "qa"]);
  }
});

t.test("bindings that name somebody else, too, are not taken for what is left of one's grant", async (t) => {
  const cluster = await granted([inDev]);
  for (const object of cluster.objects().filter(isOfGrant)) {
    const { annotations: _intent, ...metadata } = object.metadata;
    cluster.put({
      ...object,
      metadata,
      subjects: [...(object["subjects"] as object[]), { kind: "User", name: "ana" }],
    });
  }
  t.match(await runGrant(["revoke", "jim"], { cluster }), { code: 1, stderr: /no grant of jim was found/ });
  t.equal(left(cluster).length, 3);
});

t.test(
  "what was never granted is not taken for granted: a slip, and a group that may give it, are no success",
  async (t) => {
    const grouped = bound("team", "mirrord-operator-user", { group: "web" }, "dev");
    const revoke = async (...words: string[]) =>
      await runGrant(["revoke", ...words], { cluster: exampleMemory(grouped) });
    t.match(await revoke("ana"), {
      code: 3,
      stdout:
        /^In namespace dev ana has no access of their own, but may have some through group web \(rolebinding\/team\)\.$/m,
      stderr:
        /See the grants: kubectl mirrord grant list\nWhere there may be none to revoke, add --ignore-not-found\.\n/,
    });
    const without = await revoke("ana", "--ns", "qa");
    t.match(without, { code: 0, stdout: "In namespace qa ana cannot use mirrord.\n" });
    t.notMatch(without.stderr, "See the grants");
    t.match(await revoke("ana", "--ns", "nope"), { code: 2, error: { message: 'namespace "nope" was not found' } });
    t.match(await revoke("ana", "--ns", "nope", "--ignore-not-found"), { code: 0 });
    for (const id of ["k3q7v2", "k3q7v2abcdefghijklmn"]) {
      t.match(await revoke(id), { code: 3, stdout: "", error: { message: /whose access it was is not known/ } });
      t.match(await revoke(id, "--ignore-not-found"), { code: 0 });
      t.match(await revoke(`user:${id}`, "--ns", "qa"), { code: 0 });
    }
  },
);

t.test("a binding that names others as well is edited, not deleted", async (t) => {
  const shared = {
    ...bound("old", "mirrord-operator-user", "jim", "dev"),
    subjects: ["jim", "ana"].map((name) => ({ kind: "User", apiGroup: "rbac.authorization.k8s.io", name })),
  };
  const run = await runGrant(["revoke", "jim"], { cluster: exampleMemory(shared) });
  t.match(run, { code: 1, stdout: /^What names others as well is edited:\n {2}kubectl edit rolebinding old -n dev$/m });
  t.notMatch(run.stdout, /kubectl delete/);
});

const absent: {
  name: string;
  made: KubernetesObject[];
  words?: string[];
  unasked?: true;
  code: number;
  says: RegExp;
}[] = [
  { name: "no access", made: [], code: 0, says: /^In all namespaces jim cannot use mirrord\.$/m },
  {
    name: "no access in a namespace",
    made: [],
    words: ["--ns", "dev"],
    code: 0,
    says: /^In namespace dev jim cannot/m,
  },
  {
    name: "access by hand",
    made: [basic, bound("old", "mirrord-operator-user", "jim", "dev")],
    code: 1,
    says: /^In namespace dev jim still has the right to connect to any target and copy targets, through rolebinding\/old[^]*^In all other namespaces jim/m,
  },
  {
    name: "access by hand, and the flag",
    made: [bound("old", "cluster-admin", "jim")],
    words: ["--ignore-not-found"],
    code: 0,
    says: /^In all namespaces jim can still use mirrord, through clusterrolebinding\/old\.$/m,
  },
  {
    name: "access by hand, before it is done",
    made: [bound("old", "cluster-admin", "jim")],
    words: ["--dry-run"],
    code: 1,
    says: /still use mirrord/,
  },
  { name: "nobody answers", made: [], unasked: true, code: 3, says: /could not be found out/ },
];
for (const { name, made, words = [], unasked = false, code, says } of absent)
  t.test(`revoke of what is not there exits with ${code}: ${name}`, async (t) => {
    const cluster = await granted([], ...made);
    if (unasked) cluster.review = async (questions) => questions.map(() => ({ answer: "unknown", reason: "no" }));
    const run = await runGrant(["revoke", "jim", ...words], { cluster });
    t.equal(run.code, code, run.stdout + run.stderr);
    t.match(run.stdout, says);
    t.match(run.stderr, /no grant of jim was found/);
    t.same(cluster.writes, []);
  });

t.test("what is left of a narrowed grant is another grant, and this is said with both ids", async (t) => {
  const cluster = await granted([["jim", "--ns", "dev", "--ns", "qa", "--ns", "prod"]]);
  const before = await firstId(cluster, "jim");
  const { stderr } = await runGrant(["revoke", "jim", "--ns", "qa"], { cluster });
  const after = await firstId(cluster, "jim");
  t.not(after, before);
  t.match(stderr, `Grant ${before} goes on as grant ${after}, in dev and prod.\n`);
  t.notMatch((await runGrant(["revoke", "jim"], { cluster })).stderr, /goes on as/);
});

t.test("each object is named once, also the binding that is marked before it is deleted", async (t) => {
  const clusterOfJim = async () => {
    const cluster = exampleMemory();
    await runGrant(["jim", "--ns", "dev"], { cluster });
    return cluster;
  };
  const binding = /^clusterrolebinding\S*mirrord:grant:\S*/;
  for (const words of [["-o", "name"], ["-o", "wide"], ["--dry-run"], ["--dry-run", "-o", "name"]]) {
    const { stdout } = await runGrant(["revoke", "jim", ...words], { cluster: await clusterOfJim() });
    const lines = stdout.split("\n").flatMap((line) => binding.exec(line.trim()) ?? []);
    t.equal(lines.length, 1, `${words.join(" ")}\n${stdout}`);
  }
  const { stdout } = await runGrant(["revoke", "jim", "-o", "json"], { cluster: await clusterOfJim() });
  const { changes }: { changes: { action: string; kind: string }[] } = JSON.parse(stdout);
  t.same(
    changes.filter(({ kind }) => kind === "ClusterRoleBinding").map(({ action }) => action),
    ["delete"],
  );
});
