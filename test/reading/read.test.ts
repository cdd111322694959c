import t from "tap";
import { UserError } from "../../lib/errors.ts";
import { mirrordResources } from "../../lib/mirrord/resources.ts";
import { readPolicies } from "../../lib/reading/policies.ts";
import { attempt, isServed, readList, readObject, unlessForbidden } from "../../lib/reading/read.ts";
import { fakeCluster } from "../preview/fake-cluster.ts";
import { deployment, NAMESPACE } from "../preview/objects.ts";
import { apiFailure } from "../kube/memory-cluster.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";

const { policies, rollouts } = mirrordResources;
const { deployments } = nativeResources;
const bug = new TypeError("undefined is not a function");
const interrupted = new UserError("interrupted", "interrupted");
const refusedBy = (error: unknown) => () => Promise.reject(error);

t.test("a failure of the read is an answer, a bug and Ctrl-C are none", async (t) => {
  const failure = apiFailure(500, "InternalError", "down");
  t.same(await attempt(async () => 1), { failed: false, value: 1 });
  t.same(await attempt(refusedBy(failure)), { failed: true, error: failure, status: 500 });
  await t.rejects(attempt(refusedBy(bug)), bug);
  await t.rejects(attempt(refusedBy(interrupted)), interrupted);
});

t.test("only a 403 is an answer where rights are asked about", async (t) => {
  const forbidden = apiFailure(403, "Forbidden", "no");
  const down = apiFailure(500, "InternalError", "down");
  t.same(await unlessForbidden(refusedBy(forbidden)), { failed: true, error: forbidden, status: 403 });
  await t.rejects(unlessForbidden(refusedBy(down)), down);
  await t.rejects(unlessForbidden(refusedBy(bug)), bug);
});

t.test("an object or a list that may not be read is there or not, as its type is served", async (t) => {
  const web = deployment("web");
  const cluster = fakeCluster({ objects: [web] });
  t.same(await readObject(cluster, deployments, "web", NAMESPACE), { failed: false, value: web });
  t.same(await readObject(cluster, deployments, "cart", NAMESPACE), { failed: false, value: undefined });
  t.same(await readList(cluster, deployments, { namespace: NAMESPACE }), { failed: false, value: [web] });

  const forbidden = fakeCluster({ forbidden: ["deployments", "rollouts"] });
  t.match(await readObject(forbidden, deployments, "web", NAMESPACE), { failed: true, error: { status: 403 } });
  t.match(await readList(forbidden, rollouts), { failed: true });

  const unserved = fakeCluster({ forbidden: ["rollouts"], notServed: ["argoproj.io"] });
  t.same(await readObject(unserved, rollouts, "web", NAMESPACE), { failed: false, value: undefined });
  t.same(await readList(unserved, rollouts), { failed: false, value: [] });
  t.same(await readList(fakeCluster({ notServed: ["argoproj.io"] }), rollouts), { failed: false, value: [] });

  await t.rejects(readList(fakeCluster({ failing: { rollouts: 503 } }), rollouts), { name: "ApiError" });
});

t.test("discovery that fails leaves the type served, a bug in it comes through", async (t) => {
  t.equal(await isServed(fakeCluster({ failing: { "argoproj.io": 503 } }), rollouts), true);
  const broken = fakeCluster();
  broken.discover = refusedBy(bug);
  await t.rejects(isServed(broken, rollouts), bug);
});

t.test("discovery is asked once of those who may not list policies", async (t) => {
  const cluster = fakeCluster({ forbidden: ["mirrordpolicies", "mirrordclusterpolicies"] });
  t.same(await readPolicies(cluster, NAMESPACE), {
    policies: [],
    unreadable: ["mirrordpolicies", "mirrordclusterpolicies"],
  });
  t.same(
    cluster.reads.filter((read) => read.startsWith("discover")),
    [`discover ${policies.group}`],
  );
});
