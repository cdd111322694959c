// What every command of the audit says when lists are refused, come in pages, expire between pages, or change meanwhile:
// the same as if they had come at once, or that it does not know.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { execute } from "../../../lib/cli/execute.ts";
import { audit } from "../../../lib/commands/audit/index.ts";
import { connect } from "../../../lib/commands/connect.ts";
import { UserError } from "../../../lib/errors.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { fakeWorld } from "../../cli/fake-world.ts";
import { clusterRole, clusterRoleBinding, clusterRoleRef, roleBinding, rule, user } from "../../rbac/objects.ts";
import { exampleMemory, runGrant } from "../grant-world.ts";
import { pagedServer, type Fault, type PagedServer } from "./paged-server.ts";

const connector = [
  rule("operator.metalbear.co", "targets", "proxy"),
  rule("operator.metalbear.co", "mirrordoperators", "get"),
];
/** Everybody's name is different, so that one that is lost or comes twice is seen. */
const people = Array.from({ length: 7 }, (_, at) => `person${at}`);
const extra: KubernetesObject[] = [
  clusterRole("connector", connector),
  ...people.flatMap((name) => [
    clusterRole(`make-${name}`, [rule("", "pods", "create")]),
    clusterRoleBinding(`connect-${name}`, "connector", [user(name)]),
    roleBinding("dev", `make-${name}`, clusterRoleRef(`make-${name}`), [user(name)]),
  ]),
  ...people.map((name): KubernetesObject => ({
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace: "dev" },
    spec: { template: { spec: { hostNetwork: true, containers: [{ name: "x", image: "x" }] } } },
  })),
  ...["web", "cart"].map((name): KubernetesObject => ({
    apiVersion: "access.kubectl-mirrord.io/v1alpha1",
    kind: "Organization",
    metadata: { name },
    spec: { members: [{ kind: "User", name: "jim" }] },
  })),
];

async function storedObjects(): Promise<KubernetesObject[]> {
  const cluster = exampleMemory();
  t.match(await runGrant(["jim", "--ns", "dev", "--ns", "qa", "--yes"], { cluster }), { code: 0 });
  cluster.put(...extra);
  return cluster.objects();
}

const objects = await storedObjects();
const folder = t.testdir({
  "change.yaml": JSON.stringify(clusterRoleBinding("newcomer", "connector", [user("newcomer")])),
});
const log = join(folder, "operator.log");
writeFileSync(log, "");

/** A command, what it cannot do without, and by which exit code it ends where all can be read. */
const commands: Record<string, { words: string[]; code: number; decides: string }> = {
  "who-can in terms of sessions": {
    words: ["who-can", "mirror", "deploy/web", "-A", "-o", "json"],
    code: 0,
    decides: "rolebindings",
  },
  "who-can in terms of Kubernetes": {
    words: ["who-can", "create", "pods", "-n", "dev", "-o", "json"],
    code: 0,
    decides: "roles",
  },
  matrix: { words: ["matrix", "-o", "json"], code: 0, decides: "clusterroles" },
  "matrix by team": { words: ["matrix", "--group-by", "team", "-o", "json"], code: 0, decides: "organizations" },
  summary: { words: ["-o", "json", "--fail-on", "never"], code: 0, decides: "serviceaccounts" },
  findings: { words: ["findings", "-o", "json", "--fail-on", "never"], code: 0, decides: "pods" },
  drift: { words: ["drift", "-o", "json"], code: 1, decides: "clusterrolebindings" },
  unused: { words: ["unused", "--log", log, "-o", "json"], code: 3, decides: "rolebindings" },
  privileged: { words: ["privileged", "-o", "json"], code: 1, decides: "pods" },
  diff: { words: ["diff", "--overlay", join(folder, "change.yaml"), "-o", "json"], code: 1, decides: "rolebindings" },
  snapshot: { words: ["snapshot", "-o", "-"], code: 0, decides: "roles" },
};

type Given = Omit<PagedServer, "objects">;

/** Most lists that decide have more objects than this. */
const PAGE = 6;

async function run(t: Parameters<typeof pagedServer>[0], words: readonly string[], given: Given) {
  const server = await pagedServer(t, { objects, ...given });
  const world = fakeWorld({ env: { KUBECONFIG: join(folder, "none") } });
  world.connect = (options) =>
    connect(
      { ...options, ...((options.manifests ?? []).length === 0 ? { server } : {}) },
      { env: {}, signal: world.signal, warn: (text) => world.warn(text) },
    );
  try {
    const code = await execute(audit, [...words], world);
    return { code, stdout: world.stdout, stderr: world.stderr };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { code: error.exitCode, stdout: world.stdout, stderr: `${world.stderr}${error.lines.join("\n")}` };
  }
}

const AT_ONCE: Given = { pageSize: 500 };
/** The second page of a list has expired once. */
const expiredOnce =
  (more?: object): Fault =>
  ({ continues, before }) =>
    continues === PAGE && before === 0
      ? { status: 410, reason: "Expired", ...(more === undefined ? {} : { more }) }
      : undefined;

/** After the first page of each list its first object is deleted and made anew: another uid. */
const remade: NonNullable<Given["change"]> = ({ resource, continues, before }, stored) => {
  if (continues !== undefined || before > 0) return stored;
  // A namespace that is made anew is another one, and that is said.
  const first = stored.find(({ kind }) => kind !== "Namespace" && `${kind.toLowerCase()}s` === resource);
  return stored.map((object) =>
    object === first ? { ...object, metadata: { ...object.metadata, uid: `${object.metadata.uid}-anew` } } : object,
  );
};

/** What changes nothing of the answer. */
const harmless: Record<string, Given> = {
  "several pages": { pageSize: PAGE },
  "the second page has expired, and the list starts over": { pageSize: PAGE, fault: expiredOnce() },
  "the second page has expired, and the server goes on with newer data": {
    pageSize: PAGE,
    fault: expiredOnce({ metadata: { continue: String(PAGE) } }),
  },
  "objects are deleted and made anew while an expired list starts over": {
    pageSize: PAGE,
    fault: expiredOnce(),
    change: remade,
  },
  "the server asks to wait, and is fine then": {
    pageSize: 500,
    fault: ({ before }) =>
      before === 0 ? { status: 503, reason: "ServiceUnavailable", headers: { "retry-after": "0" } } : undefined,
  },
};

/** What leaves it unknown: nothing is said that could be taken for an answer. */
const fatal: Record<string, Given> = {
  "the second page expires each time": {
    pageSize: PAGE,
    fault: ({ continues }) => (continues === PAGE ? { status: 410, reason: "Expired" } : undefined),
  },
  "the server fails": { pageSize: 500, fault: () => ({ status: 500, reason: "InternalError" }) },
};

for (const [name, { words, code, decides }] of Object.entries(commands))
  t.test(name, async (t) => {
    const want = await run(t, words, AT_ONCE);
    t.equal(want.code, code, want.stderr);
    t.ok(want.stdout.length > 50, "it says something");
    t.notMatch(want.stderr, /given more than once/);

    for (const [what, given] of Object.entries(harmless))
      t.test(what, async (t) => {
        const got = await run(t, words, given);
        t.same({ ...got, stdout: undated(got.stdout) }, { ...want, stdout: undated(want.stdout) });
      });

    t.test("what it decides by may not be listed", async (t) => {
      const refused = ({ resource }: { resource: string }) =>
        resource === decides ? { status: 403, reason: "Forbidden" } : undefined;
      const got = await run(t, words, { pageSize: PAGE, fault: refused });
      t.equal(got.code, name === "privileged" ? 1 : 3, got.stderr);
      t.match(got.stderr, new RegExp(`you may not list .*${decides}`));
      if (got.stdout !== "" && name !== "snapshot") t.match(JSON.parse(got.stdout), { complete: false });
    });

    t.test("no list may be read", async (t) => {
      const got = await run(t, words, { pageSize: PAGE, fault: () => ({ status: 403, reason: "Forbidden" }) });
      t.equal(got.code, 3, got.stderr);
      t.match(got.stderr, /you may not list /);
      if (got.stdout !== "" && name !== "snapshot") t.match(JSON.parse(got.stdout), { complete: false });
    });

    t.test("the second page may not be read: the list is refused, not shorter", async (t) => {
      const got = await run(t, words, {
        pageSize: PAGE,
        fault: ({ continues }) => (continues === PAGE ? { status: 403, reason: "Forbidden" } : undefined),
      });
      t.equal(got.code, 3, got.stderr);
      t.match(got.stderr, /you may not list /);
    });

    for (const [what, given] of Object.entries(fatal))
      t.test(what, async (t) => {
        const got = await run(t, words, given);
        t.match(got, { code: 3, stdout: "" }, JSON.stringify(got));
      });

    t.test("kinds of mirrord and of organizations are not served", async (t) => {
      const notServed = ["policies.mirrord.metalbear.co", "profiles.mirrord.metalbear.co", "access.kubectl-mirrord.io"];
      const whole = await run(t, words, { pageSize: 500, notServed });
      t.equal(whole.code, code, whole.stderr);
      t.notMatch(whole.stderr, /you may not list/);
    });
  });

/** Without what differs from object to object that is made anew, and without the time, which goes on while lists are read. */
const undated = (text: string): string =>
  text.replaceAll(/"(uid|resourceVersion)": "[^"]*",?/g, "").replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME");
