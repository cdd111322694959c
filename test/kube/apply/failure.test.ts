import t from "tap";
import { UserError } from "../../../lib/errors.ts";
import { apply } from "../../../lib/kube/apply/apply.ts";
import { changeTexts, failure, mayBeDone } from "../../../lib/kube/apply/failure.ts";
import type { Change } from "../../../lib/kube/cluster.ts";
import { UnreadableAnswer } from "../../../lib/kubernetes/api-error.ts";
import { nativeResources } from "../../../lib/kubernetes/resources.ts";
import { apiFailure, memoryCluster } from "../memory-cluster.ts";

const role = (name: string): Change => ({
  action: "create",
  type: nativeResources.clusterRoles,
  object: { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name } },
});
const named = (name: string) => `  create clusterrole.rbac.authorization.k8s.io/${name}`;
const [one, two, three] = [role("one"), role("two"), role("three")];
const outcomes = [{ change: one, written: true }];

t.test("what was sent without an answer is neither done nor not done", async (t) => {
  const lost = new UserError("undetermined", ["Unable to connect to the server: EOF"], "Look");
  t.match(failure([one, two, three], { outcomes, unclear: [two] }, lost), {
    kind: "refused",
    message: "Unable to connect to the server: EOF; only part was done",
    hints: [
      "Look",
      "Done:",
      named("one"),
      "Sent, and not confirmed (it may be done):",
      named("two"),
      "Not done:",
      named("three"),
      "Run the same command again to finish.",
    ],
  });
  t.match(failure([two], { outcomes: [], unclear: [two] }, lost), {
    message: "Unable to connect to the server: EOF; part of it may be done",
    hints: ["Look", /^Sent/, named("two"), /^Run/],
  });
  t.match(failure([two], { outcomes: [], unclear: [] }, lost), { hints: ["Look", "Nothing was written."] });
});

t.test("only an answer that refuses says that a write was not done", async (t) => {
  for (const status of [400, 403, 404, 409, 422, 429]) t.notOk(mayBeDone(apiFailure(status, "", "no")), String(status));
  for (const status of [500, 503, 504]) t.ok(mayBeDone(apiFailure(status, "", "oh")), String(status));
  t.ok(mayBeDone(new UserError("undetermined", "EOF")));
  t.ok(mayBeDone(new UnreadableAnswer("not JSON")));
  t.ok(mayBeDone(new UserError("interrupted", "interrupted")));
});

t.test("a bug is no failure; a pause that is cut short has the reason of the signal", async (t) => {
  const bug = new TypeError("oh");
  t.equal(failure([one], { outcomes: [], unclear: [] }, bug), bug);
  const reason = new UserError("interrupted", "interrupted");
  const cut = Object.assign(new Error("aborted", { cause: reason }), { name: "AbortError" });
  t.match(failure([one], { outcomes: [], unclear: [] }, cut), { kind: "interrupted", message: "interrupted" });
});

t.test("only what was written counts as changed", async (t) => {
  t.same(changeTexts([...outcomes, { change: two, written: false }]), [named("one").trim()]);
});

t.test("a write on its way when Ctrl-C comes may be done; one that was not sent is not", async (t) => {
  const cluster = memoryCluster();
  const abort = new AbortController();
  const { apply: write } = cluster;
  cluster.apply = async (...given) => {
    const stored = await write(...given);
    abort.abort(new UserError("interrupted", "interrupted"));
    if (given[1].metadata.name === "two") abort.signal.throwIfAborted();
    return stored;
  };
  await t.rejects(apply([two, three], cluster, { signal: abort.signal }), {
    kind: "interrupted",
    message: "interrupted; part of it may be done",
    hint: /^Sent, [^\n]*\n.*two\nNot done:\n.*three\nRun/,
  });
  t.match(cluster.objects(), [{ metadata: { name: "two" } }]);
});
