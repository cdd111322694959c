import t from "tap";
import { deployment, namespace, operator, operatorRoles, user } from "../../preview/objects.ts";
import { clusterRole, clusterRoleBinding, clusterRoleRef, roleBinding, rule } from "../../rbac/objects.ts";
import { allRights } from "../../preview/objects.ts";
import { fakeCluster } from "../../preview/fake-cluster.ts";
import { kubeconfig, runOnSeveral, unreachable } from "./clusters/several.ts";
import { runAudit } from "./run.ts";

const objects = [
  namespace(),
  operator(),
  ...operatorRoles,
  deployment("web"),
  ...allRights(user("jim")),
  clusterRole("everything", [rule("*", "*", "*")]),
  clusterRole("impersonator", [rule("", "users", "impersonate")]),
  clusterRoleBinding("root", "everything", [user("root")]),
  clusterRoleBinding("actor", "impersonator", [user("<b>eve</b>")]),
  roleBinding("dev", "gone", clusterRoleRef("gone"), [user("ana")]),
];

t.test("a page of the whole audit has summary, findings and matrix", async (t) => {
  const { code, stdout } = await runAudit({ objects }, "-o", "html");
  t.equal(code, 1, "the exit code is that of every format");
  t.match(stdout, /^<!doctype html>[^]*<h1>mirrord access audit<\/h1>/);
  t.match(stdout, /<dt>Subjects that may start sessions<\/dt><dd>\d+ in \d+ namespaces?<\/dd>/);
  t.match(stdout, /<span class="title">user:&lt;b&gt;eve&lt;\/b&gt; can become root by impersonating/);
  t.match(
    stdout,
    /<title id="picture-1">subject user:&lt;b&gt;eve&lt;\/b&gt;, then binding ClusterRoleBinding actor, then role/,
  );
  t.match(stdout, /id="matrix-data">\{"columns":\["subject","mirror"/);
  t.notMatch(stdout, /<b>eve/);
});

t.test("a page of the findings has no matrix", async (t) => {
  const { stdout } = await runAudit({ objects }, "findings", "-o", "html", "--fail-on", "never");
  t.match(stdout, /id="finding-list"/);
  t.notMatch(stdout, /id="matrix"|Looked at/);
});

t.test("a page of the matrix is about the targets and groups that were asked for", async (t) => {
  const all = await runAudit({ objects }, "matrix", "-o", "html");
  t.match(all, { code: 0, stdout: /<h1>mirrord access matrix<\/h1>[^]*"columns":\["subject","mirror"/ });
  t.match(all.stdout, /"&lt;all|\\u003call\\u003e/);
  const target = await runAudit({ objects }, "matrix", "deploy/web", "--group-by", "namespace", "-o", "html");
  t.match(target.stdout, /"columns":\["namespace","target","mirror"[^]*"deployment\/web"/);
  t.match(target.stdout, /A line for each namespace; a cell says who may do so/);
  t.match(await runAudit({ objects: [] }, "matrix", "-o", "html"), { code: 0, stdout: /Nobody may do anything/ });
});

t.test("what could not be read is said on the page", async (t) => {
  const matrix = await runAudit({ objects, forbidden: ["rolebindings"] }, "matrix", "-o", "html");
  t.match(matrix, { code: 3, stdout: /This is not complete:[^]*you may not list rolebindings/ });
  const audit = await runAudit({ objects, forbidden: ["rolebindings"] }, "--fail-on", "never", "-o", "html");
  t.match(audit, { code: 3, stdout: /This is not complete:[^]*you may not list rolebindings/ });
});

t.test("a page of the rules explains every rule", async (t) => {
  const { code, stdout } = await runAudit({ objects }, "findings", "--rules", "-o", "html");
  t.equal(code, 0);
  t.match(stdout, /<code>administrator<\/code>[^]*<code>cluster-wide-sessions<\/code>/);
});

t.test(
  "a page about several clusters names the cluster of each finding and line, and those that were not read",
  async (t) => {
    const clusters = {
      east: fakeCluster({ objects }),
      west: fakeCluster({ objects, forbidden: ["rolebindings"] }),
      down: unreachable,
    };
    const which = ["--context", "east,west,down", "--kubeconfig", kubeconfig(t, ["east", "west", "down"])];
    const audit = await runOnSeveral(clusters, "-o", "html", "--fail-on", "never", ...which);
    t.match(audit, { code: 3, stdout: /<p>contexts east, west and down, <time/ });
    t.match(audit.stdout, /<dt>east<\/dt><dd>\d+ high, \d+ medium, \d+ low<\/dd>[^]*<dt>down<\/dt><dd>not read<\/dd>/);
    t.match(audit.stdout, /ClusterRoleBinding actor, in west<[^]*"columns":\["subject","cluster","mirror"/);
    t.match(audit.stdout, /down: nothing of this cluster was read/);
    const matrix = await runOnSeveral(clusters, "matrix", "-o", "html", ...which);
    t.match(matrix, { code: 3, stdout: /contexts east, west and down[^]*west: you may not list rolebindings/ });
    t.match(matrix.stdout, /"columns":\["subject","cluster","mirror"[^]*"east"[^]*"west"/);
    t.match(
      matrix.stderr,
      /Warning: down: nothing of this cluster was read[^]*west: you may not list rolebindings: others may/,
    );
  },
);
