import t from "tap";
import { UserError } from "../../../lib/errors.ts";
import { apply, dryRun } from "../../../lib/kube/apply/apply.ts";
import type { Change, Plan } from "../../../lib/kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../../../lib/kubernetes/object.ts";
import { ApiError } from "../../../lib/kubernetes/api-error.ts";
import { nativeResources } from "../../../lib/kubernetes/resources.ts";
import { apiFailure, memoryCluster } from "../memory-cluster.ts";

const type = (kind: string, namespaced = true): ResourceType => ({
  group: "rbac.authorization.k8s.io",
  version: "v1",
  resource: `${kind.toLowerCase()}s`,
  kind,
  namespaced,
});

const object = (kind: string, name: string, namespace?: string): KubernetesObject => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});

const main: Change = {
  action: "create",
  type: type("ClusterRoleBinding", false),
  object: object("ClusterRoleBinding", "main"),
  stage: 1,
};
const child = (namespace: string, name = "child"): Change => ({
  action: "create",
  type: type("RoleBinding"),
  object: object("RoleBinding", name, namespace),
  owner: { type: main.type, name: "main" },
  stage: 2,
});
const { signal } = new AbortController();

t.test("children get the uid of their owner, which is written first", async (t) => {
  const cluster = memoryCluster();
  await apply([main, child("a"), child("b")], cluster, { signal });
  t.equal(cluster.writes[0], "create ClusterRoleBinding main");
  const [owner, ...children] = cluster.objects();
  t.ok(
    children.every(
      ({ metadata }) =>
        metadata.ownerReferences?.length === 1 && metadata.ownerReferences[0]?.uid === owner?.metadata.uid,
    ),
  );
  t.notOk(JSON.stringify(children).includes("blockOwnerDeletion"));
});

t.test("steps of one stage go together, at most 16 at once; stages follow each other", async (t) => {
  const cluster = memoryCluster();
  const many = Array.from({ length: 60 }, (_, index) => child(`n${index}`));
  await apply([main, ...many], cluster, { signal });
  t.equal(cluster.peak(), 16);
});

t.test("an unchanged step is no write, and can be an owner", async (t) => {
  const cluster = memoryCluster(main.object);
  const [current] = cluster.objects();
  const plan: Plan = [{ ...main, action: "unchanged", ...(current === undefined ? {} : { current }) }, child("a")];
  t.same(
    (await apply(plan, cluster, { signal })).map(({ written }) => written),
    [false, true],
  );
});

t.test("a plan without writes asks for nothing, but waits for a step that is not what can be built upon", async (t) => {
  const cluster = memoryCluster(main.object);
  const [current] = cluster.objects();
  if (current === undefined) throw new Error("the object is there");
  const plan: Plan = [{ ...main, action: "unchanged", current }];
  const looks: string[] = [];
  const watched: typeof cluster = {
    ...cluster,
    get: async (...what) => {
      looks.push("get");
      return await cluster.get(...what);
    },
  };
  const done = [{ change: plan[0], written: false, stored: current }];
  t.same(await apply(plan, watched, { signal }), done);
  t.same(await apply(plan, watched, { signal, settled: () => "ready" }), done);
  t.same(looks, []);
  const states = ["wait", "wait", "ready"] as const;
  let asked = 0;
  await apply(plan, watched, { signal, settled: () => states[asked++] ?? "ready" });
  t.same(looks, ["get"]);
  await t.rejects(apply(plan, watched, { signal, settled: () => ({ fault: "is not right" }) }), {
    message: /is not right/,
  });
  t.same(cluster.writes, []);
});

t.test("a deletion is for one uid: a namesake made since is left alone", async (t) => {
  const cluster = memoryCluster(main.object);
  const [read] = cluster.objects();
  cluster.put(main.object);
  const gone: Change = { action: "delete", type: main.type, object: read ?? main.object };
  t.same(
    (await apply([gone], cluster, { signal })).map(({ written }) => written),
    [false],
  );
  t.equal(cluster.objects().length, 1, "the object that was made anew stays");
});

t.test("keepGoing leaves out only what needs the failed object", async (t) => {
  const cluster = memoryCluster();
  const other = { ...main, object: object("ClusterRoleBinding", "other") };
  const orphan = { ...child("a", "orphan"), owner: { type: main.type, name: "other" } };
  cluster.beforeWrite = (_count, what) => {
    if (what.includes("other")) throw apiFailure(403, "Forbidden", "not this one");
  };
  const plan = [main, other, orphan, child("a")];
  await t.rejects(apply(plan, cluster, { signal, keepGoing: true }), {
    kind: "refused",
    message: /not this one; only part/,
  });
  t.same(cluster.writes, ["create ClusterRoleBinding main", "create RoleBinding a/child"]);
  const strict = memoryCluster();
  strict.beforeWrite = cluster.beforeWrite;
  await t.rejects(apply(plan, strict, { signal }));
  t.notOk(strict.writes.includes("create RoleBinding a/child"));
});

t.test("nothing is built upon an object that does not settle, and it does not stay", async (t) => {
  const cluster = memoryCluster();
  const states: Record<string, RegExp> = { wait: /was not completed within 0.05 seconds/, fault: /is not right/ };
  for (const [state, says] of Object.entries(states)) {
    const settled = (change: Change) =>
      change.stage === 2 ? ("ready" as const) : state === "wait" ? ("wait" as const) : { fault: "is not right" };
    await t.rejects(apply([main, child("a")], cluster, { signal, settled, settleMilliseconds: 50 }), { message: says });
    t.equal(cluster.objects().length, 0, "what was written before is taken back");
  }
});

t.test("what is read back must be what was written", async (t) => {
  const cluster = memoryCluster();
  const settled = () => {
    cluster.put(main.object);
    return "wait" as const;
  };
  await t.rejects(apply([main], cluster, { signal, settled }), { message: /is gone or another one/ });
});

t.test("a bug stays a bug", async (t) => {
  const cluster = memoryCluster();
  cluster.beforeWrite = () => {
    throw new TypeError("oh");
  };
  await t.rejects(apply([main], cluster, { signal }), { name: "TypeError" });
});

t.test("an interrupt keeps its exit code and lists what was not done", async (t) => {
  const abort = new AbortController();
  const cluster = memoryCluster();
  cluster.beforeWrite = () => abort.abort(new UserError("interrupted", "interrupted"));
  await t.rejects(apply([main, child("a")], cluster, { signal: abort.signal }), {
    kind: "interrupted",
    message: /interrupted; only part was done/,
    hint: /Done:\n.*main\nNot done:\n.*child in namespace a/,
  });
});

t.test("a dry run stores nothing, and names the bindings that it could not judge", async (t) => {
  const cluster = memoryCluster();
  const role: Change = { action: "create", type: type("ClusterRole", false), object: object("ClusterRole", "new") };
  const bound: Change = { ...main, object: { ...main.object, roleRef: { kind: "ClusterRole", name: "new" } } };
  const { apply: write } = cluster;
  cluster.apply = async (of, given, options) => {
    if (given["roleRef"] !== undefined) throw apiFailure(404, "NotFound", "clusterrole not found");
    return await write(of, given, options);
  };
  t.same((await dryRun([role, bound, child("a")], cluster, { signal })).unjudged, [bound]);
  t.same(cluster.writes, []);
  await t.rejects(
    dryRun([bound], cluster, { signal }),
    { kind: "refused", message: /not found/, hint: /Nothing was written/ },
    "a role that nobody makes",
  );
});

t.test("somebody else's field is a conflict only where it would change", async (t) => {
  const cluster = memoryCluster(main.object);
  const [current] = cluster.objects();
  t.ok(current);
  if (current === undefined) return;
  const details = {
    causes: [{ reason: "FieldManagerConflict", message: 'conflict with "kubectl" using v1', field: ".spec" }],
  };
  const refused = new ApiError(
    "refused",
    409,
    JSON.stringify({ kind: "Status", reason: "Conflict", details, code: 409 }),
  );
  const update: Change = { ...main, action: "update", current };
  const judged = async (answer: KubernetesObject) => {
    cluster.apply = async (_type, _object, options) => {
      if (options?.force !== true) throw refused;
      return answer;
    };
    return (await dryRun([update], cluster, { signal, marksConflicts: true })).plan[0];
  };
  t.match(await judged(current), { action: "unchanged", conflict: undefined });
  t.match(await judged({ ...current, subjects: [] }), { action: "update", conflict: [".spec is managed by kubectl"] });
  await t.rejects(dryRun([update], cluster, { signal }), { message: /Conflict/ });
  t.match(await dryRun([{ ...update, adopts: { managers: ["kubectl"], managedFields: [] } }], cluster, { signal }), {
    plan: [{ action: "update", conflict: undefined }],
  });
});

t.test("what needs what the plan makes, and what a webhook does not judge, is named", async (t) => {
  const cluster = memoryCluster();
  const namespace: Change = { action: "create", type: nativeResources.namespaces, object: object("Namespace", "a") };
  const inside = child("a");
  const { apply: write } = cluster;
  cluster.apply = async (of, given, options) => {
    if (given.metadata.namespace === "a") throw apiFailure(404, "NotFound", 'namespaces "a" not found');
    if (given.metadata.name === "main") throw apiFailure(400, "BadRequest", "webhook x does not support dry run");
    return await write(of, given, options);
  };
  t.same((await dryRun([namespace, inside, main], cluster, { signal })).unjudged, [inside, main]);
});

t.test(
  "what somebody else set is made ours before the object is written, for the version that this makes",
  async (t) => {
    const cluster = memoryCluster(main.object);
    const [current] = cluster.objects();
    t.ok(current);
    if (current === undefined) return;
    const sent: (string | undefined)[] = [];
    const { apply: write } = cluster;
    cluster.apply = async (of, given, options) => {
      sent.push(given.metadata.resourceVersion);
      return await write(of, given, options);
    };
    const managedFields = [{ manager: "kubectl-mirrord", operation: "Apply" }];
    const update: Change = { ...main, action: "update", current, adopts: { managers: ["helm"], managedFields } };
    await apply([update], cluster, { signal });
    t.same(cluster.writes, ["patch ClusterRoleBinding main", "update ClusterRoleBinding main"]);
    t.not(sent[0], current.metadata.resourceVersion);
  },
);

const held = (name: string, uid: string): KubernetesObject => ({
  ...object("ClusterRoleBinding", name),
  metadata: { name, uid, resourceVersion: "1" },
});

const lostAnswers: [name: string, stored: (sent: KubernetesObject) => KubernetesObject | undefined, isDone: boolean][] =
  [
    ["is done when it is stored as it was sent", (sent) => sent, true],
    [
      "is a conflict when somebody else's write is there",
      (sent) => ({ ...sent, subjects: [{ kind: "User", name: "eve" }] }),
      false,
    ],
    ["is a conflict when the object is gone", () => undefined, false],
    [
      "is a conflict when another object has the name",
      (sent) => ({ ...sent, metadata: { ...sent.metadata, uid: "other" } }),
      false,
    ],
  ];
for (const [name, stored, isDone] of lostAnswers) {
  for (const [kind, patch] of [
    ["an update", undefined],
    ["a patch", { subjects: [], metadata: { resourceVersion: "1" } }],
  ] as const) {
    t.test(
      `${kind} whose answer was lost, and that finds another version when it is sent again, ${name}`,
      async (t) => {
        const cluster = memoryCluster();
        const current = held("main", "uid-main");
        const sent = { ...main.object, subjects: [] };
        const update: Change = { ...main, action: "update", object: sent, current, ...(patch && { patch }) };
        let tries = 0;
        const fail = async (): Promise<never> => {
          tries += 1;
          throw await Promise.resolve(
            tries === 1
              ? apiFailure(500, "InternalError", "no answer")
              : apiFailure(409, "Conflict", "has been modified"),
          );
        };
        cluster.apply = fail;
        cluster.patch = fail;
        cluster.get = async () =>
          await Promise.resolve(stored({ ...update.object, metadata: { ...current.metadata, resourceVersion: "2" } }));
        const seen: Change[] = [];
        const run = apply([update], cluster, { signal, written: (change) => seen.push(change) });
        if (isDone) t.match(await run, [{ written: true, stored: { metadata: { resourceVersion: "2" } } }]);
        else await t.rejects(run, { message: /has been modified/ });
        t.same(seen, isDone ? [update] : []);
        t.equal(tries, 2);
      },
    );
  }
}

t.test("an update that was answered at once with a conflict is one, whatever is stored", async (t) => {
  const cluster = memoryCluster();
  const current = held("main", "uid-main");
  cluster.apply = () => Promise.reject(apiFailure(409, "Conflict", "has been modified"));
  cluster.get = () => Promise.reject(new Error("it is not read again"));
  await t.rejects(apply([{ ...main, action: "update", current }], cluster, { signal }), {
    message: /has been modified/,
  });
});

t.test("an update does not make anew what somebody has deleted since it was read", async (t) => {
  const cluster = memoryCluster();
  cluster.put(main.object);
  const [current] = cluster.objects();
  await cluster.delete(main.type, "main", undefined);
  const update: Change = { ...main, action: "update", ...(current === undefined ? {} : { current }) };
  await t.rejects(apply([update], cluster, { signal }), { message: /uid mismatch/ });
  t.same(cluster.objects(), []);
});
