import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import t, { type Test } from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { runGrant } from "../commands/grant-world.ts";
import { root, startExampleCluster } from "./example-cluster.ts";
import { until } from "../until.ts";
import { grantProbe } from "./grants.ts";

// The process is killed at each of its writes, by whoever stands between it and the API server: before the write gets
// there, and after it was stored but before the answer. The same command again finishes; nothing that was not asked for is
// granted, nothing is lost.
const cluster = await startExampleCluster();
t.teardown(() => cluster.stop());
const { plane } = cluster;
const { api, labelled, settled } = grantProbe(cluster);

const variants = ["before it is stored", "after it is stored"] as const;

/** What the proxy does to the process that it stands in front of. */
interface Plan {
  /** The number of the write, from 1; 0 for none. */
  point: number;
  variant: (typeof variants)[number];
  child: ChildProcess | undefined;
}

let plan: Plan = { point: 0, variant: variants[0], child: undefined };
let writes = 0;
let stored = 0;
let forwarding = 0;

const proxy = createServer(await plane.issueServingCertificate("localhost"), (incoming, outgoing) => {
  text(incoming).then(
    (body) => pass(incoming, body, outgoing),
    () => incoming.socket.destroy(),
  );
});
proxy.listen(0, "127.0.0.1");
await once(proxy, "listening");
t.teardown(() => {
  proxy.close();
  proxy.closeAllConnections();
});
const { port } = proxy.address() as AddressInfo;

function pass(incoming: IncomingMessage, body: string, outgoing: ServerResponse): void {
  const write = isWrite(incoming, body);
  if (write) writes += 1;
  const dying = plan.point > 0 && writes >= plan.point;
  if (!write || !dying) {
    forward(incoming, body, (answer, content) => {
      if (write) stored += 1;
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      outgoing.end(content);
    });
  } else if (writes === plan.point && plan.variant === "after it is stored") {
    forward(incoming, body, () => {
      stored += 1;
      plan.child?.kill("SIGKILL");
    });
  } else if (writes === plan.point) plan.child?.kill("SIGKILL");
  // Later ones get no answer: they are those of a process that is as good as dead.
}

/** A dry run stores nothing; neither does a question. */
function isWrite({ method, url = "" }: IncomingMessage, body: string): boolean {
  if (method === "GET" || /reviews(\?|$)/.test(url) || url.includes("dryRun=All")) return false;
  return !(method === "DELETE" && body.includes("dryRun"));
}

function forward(
  incoming: IncomingMessage,
  body: string,
  answered: (answer: IncomingMessage, content: string) => void,
): void {
  const { host: _host, "accept-encoding": _encoding, ...headers } = incoming.headers;
  const target = new URL(incoming.url ?? "/", plane.server);
  forwarding += 1;
  const sent = request(target, { method: incoming.method, headers, ca: plane.ca, agent: false }, (answer) => {
    text(answer)
      .then((content) => answered(answer, content))
      .finally(() => (forwarding -= 1))
      .catch(() => incoming.socket.destroy());
  });
  sent.on("error", (error) => {
    throw error;
  });
  sent.end(body);
}

/** A process of its own through the proxy, killed at a write. Resolves to how it ended. */
async function killed(
  words: readonly string[],
  at: Omit<Plan, "child">,
): Promise<{ signal: string | null; said: string }> {
  [writes, stored] = [0, 0];
  const through = ["--server", `https://localhost:${port}`, "--certificate-authority", plane.caFile];
  const child = spawn(process.execPath, [join(root, "plugins/kubectl-mirrord.ts"), "grant", ...words, ...through], {
    env: { ...process.env, KUBECONFIG: plane.kubeconfig },
    stdio: ["ignore", "pipe", "pipe"],
  });
  plan = { ...at, child };
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const [, signal] = (await once(child, "close")) as [number | null, string | null];
  await until("what was forwarded is answered", async () => forwarding === 0);
  return { signal, said: (await said).join("") };
}

/** The same command, straight to the API server. */
const grant = (...words: string[]) => runGrant([...words, "--kubeconfig", plane.kubeconfig], { now: Date.now });

const places = ["dev", "qa"];
const where = places.flatMap((namespace) => ["--ns", namespace]);

/** Everything that carries a grant's label and names the subject, by kind; the jobs by what owns them. */
async function grantObjects(subject: string): Promise<Record<"main" | "jobs" | "bindings", KubernetesObject[]>> {
  const [all, bindings, jobs] = await Promise.all([
    labelled("clusterrolebindings"),
    labelled("rolebindings"),
    labelled("jobs"),
  ]);
  const own = ({ metadata }: KubernetesObject) => metadata.name?.includes(`:${subject}-`) ?? false;
  const ids = new Set([...all, ...bindings].filter(own).map(grantId));
  return {
    main: all.filter(own),
    bindings: bindings.filter(own),
    jobs: jobs.filter((job) => ids.has(grantId(job)) || job.metadata.name?.includes(`${subject}-`) === true),
  };
}

const grantId = ({ metadata }: KubernetesObject) => metadata.labels?.["kubectl-mirrord.io/grant"] ?? "";
const jobSpec = (object: KubernetesObject) => object["spec"] as { ttlSecondsAfterFinished?: number };

/** Each binding without what differs from one subject and moment to another. */
function shapes(objects: readonly KubernetesObject[], subject: string): string[] {
  return objects
    .map(({ kind, metadata: { name = "", namespace, annotations = {} }, roleRef, subjects }) =>
      JSON.stringify([kind, namespace, name, annotations["kubectl-mirrord.io/intent"], roleRef, subjects])
        .replaceAll(subject, "SUBJECT")
        .replaceAll(/-[a-z2-7]{20}/g, "-ID"),
    )
    .toSorted();
}

/** A run that comes later on a busy machine asks for a later end, and the anchor counts from its completion. */
function endsInTime(anchor: KubernetesObject, main: KubernetesObject | undefined): boolean {
  const { conditions = [] } = (anchor["status"] ?? {}) as { conditions?: { lastTransitionTime: string }[] };
  const from = Date.parse(conditions[0]?.lastTransitionTime ?? anchor.metadata.creationTimestamp ?? "");
  const end = Date.parse(main?.metadata.annotations?.["kubectl-mirrord.io/expires-at"] ?? "");
  const ttl = jobSpec(anchor).ttlSecondsAfterFinished ?? Infinity;
  return from + ttl * 1000 <= end + 15_000;
}

/** What must be true of a temporary grant at any moment: who may get in will be shut out, and revoke can find it. */
async function checkAnyMoment(t: Test, subject: string, whole: readonly string[]): Promise<void> {
  const { main, jobs, bindings } = await grantObjects(subject);
  const standing = new Map(jobs.map((job) => [job.metadata.uid, job]));
  for (const binding of bindings) {
    const owners = binding.metadata.ownerReferences ?? [];
    t.match(owners, [{ kind: "Job" }], "nothing keeps a binding but its anchor");
    t.equal(owners.length, 1, "and by nothing else");
    const anchor = standing.get(owners[0]?.uid);
    // What a job owned is collected a moment after it is gone.
    if (anchor === undefined) continue;
    t.ok(endsInTime(anchor, main[0]), "and that ends in time");
  }
  t.ok(bindings.length + jobs.length === 0 || main.length === 1, "as long as anything is left, the intent is");
  // A revocation has begun: from then on the binding that carries the intent gives nothing.
  const giving = main.filter(
    ({ metadata: { annotations = {} } }) => annotations["kubectl-mirrord.io/revoked-at"] === undefined,
  );
  for (const { subjects = [] } of main.filter((binding) => !giving.includes(binding))) t.same(subjects, []);
  const shape = shapes([...giving, ...bindings], subject);
  t.same(
    shape.filter((each) => !whole.includes(each)),
    [],
    "nothing that was not asked for",
  );
}

const grantWords = (subject: string) => [subject, ...where, "--for", "1h"];
const sharedRole = "/apis/rbac.authorization.k8s.io/v1/clusterroles/mirrord:role:reads";
/** A shared role, the intent, two anchors, four bindings. */
const grantWrites = 8;
const revokeWrites = 8;

const bystander = "bystander";
const others = async () => {
  const { main, jobs, bindings } = await grantObjects(bystander);
  return [...main, ...jobs, ...bindings].map(({ metadata: { uid, resourceVersion } }) => [uid, resourceVersion]);
};
let untouched: unknown[] = [];
let whole: string[] = [];

t.test("left alone, the process makes so many writes, and this is the grant", async (t) => {
  t.equal((await grant(bystander, ...where, "--for", "2h")).code, 0);
  untouched = await others();
  t.equal(untouched.length, 7, "the intent, two anchors and four bindings");
  await api("DELETE", sharedRole);
  const nobody = { point: 0, variant: variants[0] };
  t.match(await killed(grantWords("undisturbed"), nobody), { signal: null, said: /can now mirror and steal/ });
  t.equal(writes, grantWrites);
  const { main, bindings } = await grantObjects("undisturbed");
  whole = shapes([...main, ...bindings], "undisturbed");
  t.equal(whole.length, 5, "the intent and four bindings");
  t.match(await killed(["revoke", "undisturbed"], nobody), { signal: null, said: /can no longer/ });
  t.equal(writes, revokeWrites);
});

for (const variant of variants) {
  for (let point = 1; point <= grantWrites; point += 1) {
    t.test(`a grant killed at write ${point}, ${variant}`, async (t) => {
      const subject = `g${point}${variant.slice(0, 1)}`;
      await api("DELETE", sharedRole);
      const { signal, said } = await killed(grantWords(subject), { point, variant });
      t.equal(signal, "SIGKILL", said);
      t.ok(stored < grantWrites || variant === "after it is stored", `${stored} of ${grantWrites} were stored`);
      await checkAnyMoment(t, subject, whole);

      const again = await grant(...grantWords(subject));
      t.equal(again.code, 0, again.stderr);
      const { main, jobs, bindings } = await grantObjects(subject);
      t.same(shapes([...main, ...bindings], subject), whole, "as if it had never been killed");
      t.same(new Set(jobs.map(({ metadata }) => metadata.namespace)), new Set(places));
      t.equal(jobs.length, places.length, "one anchor in each namespace");
      for (const binding of bindings)
        t.ok(
          jobs.some(({ metadata }) => metadata.uid === binding.metadata.ownerReferences?.[0]?.uid),
          "and each binding hangs on one",
        );
      await checkAnyMoment(t, subject, whole);
      for (const namespace of places) await settled("yes", subject, namespace);
      const drift = await grant("sync", "--check");
      t.equal(drift.code, 0, drift.stdout);
      t.same(await others(), untouched, "nobody else's grant is touched");
      t.equal((await grant("revoke", subject)).code, 0);
    });
  }
}

for (const variant of variants) {
  for (let point = 1; point <= revokeWrites; point += 1) {
    t.test(`a revocation killed at write ${point}, ${variant}`, async (t) => {
      const subject = `r${point}${variant.slice(0, 1)}`;
      t.equal((await grant(...grantWords(subject))).code, 0);
      const { signal, said } = await killed(["revoke", subject], { point, variant });
      t.equal(signal, "SIGKILL", said);
      await checkAnyMoment(t, subject, whole);

      const again = await grant("revoke", subject);
      const isFinished = point === revokeWrites && variant === "after it is stored";
      // Without a grant nothing is done, and a group of the example may still give the access.
      t.equal(again.code, isFinished ? 3 : 0, again.stderr);
      if (isFinished) t.match(again.stderr, /no grant of .* was found/);
      const left = async () => Object.values(await grantObjects(subject)).flat().length;
      await until("everything is gone", async () => (await left()) === 0);
      for (const namespace of places) await settled("no", subject, namespace);
      t.equal((await grant("sync", "--check")).code, 0);
      t.same(await others(), untouched, "nobody else's grant is touched");
    });
  }
}
