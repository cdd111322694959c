import t from "tap";
import { until } from "../until.ts";
import { startExampleCluster } from "./example-cluster.ts";
import { grantProbe } from "./grants.ts";

// The set-ups that mirrord's own page on access control describes, made by hand: can-i answers what connecting then gets.
const cluster = await startExampleCluster();
t.teardown(() => cluster.stop());
const { grant, api, may } = grantProbe(cluster);
const rbac = "/apis/rbac.authorization.k8s.io/v1";
const group = "operator.metalbear.co";
const apiGroup = "rbac.authorization.k8s.io";

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
  resourceNames?: string[];
}

const rule = (apiGroups: string, resources: string[], verbs: string[], resourceNames?: string[]): Rule => ({
  apiGroups: [apiGroups],
  resources,
  verbs,
  ...(resourceNames === undefined ? {} : { resourceNames }),
});
const place = (namespace?: string) => (namespace === undefined ? rbac : `${rbac}/namespaces/${namespace}`);

/** A Role, or a ClusterRole. */
async function define(name: string, rules: Rule[], namespace?: string): Promise<void> {
  await api("POST", `${place(namespace)}/${namespace === undefined ? "clusterroles" : "roles"}`, {
    metadata: { name },
    rules,
  });
}

/** A RoleBinding, or a ClusterRoleBinding. */
async function bind(
  name: string,
  [kind, role]: ["Role" | "ClusterRole", string],
  user: string,
  namespace?: string,
): Promise<void> {
  await api("POST", `${place(namespace)}/${namespace === undefined ? "clusterrolebindings" : "rolebindings"}`, {
    metadata: { name },
    roleRef: { apiGroup, kind, name: role },
    subjects: [{ kind: "User", name: user, apiGroup }],
  });
}

/** What can-i says of mirroring, as the user themselves. */
const canI = (user: string, target: string, namespace: string) =>
  cluster.kubectl(
    "admin",
    "mirrord",
    "can-i",
    target,
    "-n",
    namespace,
    "--as",
    user,
    "--as-group",
    "system:authenticated",
  );
const settledTo = (answer: "yes" | "no", user: string, target: string, namespace: string) =>
  until(`can-i says ${answer} to ${user} for ${target} in ${namespace}`, async () =>
    (await canI(user, target, namespace)).stdout.startsWith(answer),
  );
/** Whether a client gets in. */
async function connects(user: string, target: string, namespace: string): Promise<boolean> {
  const connection = await cluster.connect({ user, groups: ["system:authenticated"] }, namespace, target);
  if (connection.ok) await connection.close();
  return connection.ok;
}

const reads = [rule("", ["pods"], ["get", "list"]), rule("apps", ["deployments"], ["get"])];

t.test("MIR-7: rights in a namespace alone do not find the operator", async (t) => {
  await define("reads", reads);
  await bind("only-there", ["ClusterRole", "mirrord-operator-user"], "rick", "dev");
  await bind("only-there-reads", ["ClusterRole", "reads"], "rick", "dev");
  await until("the authorizer has followed", () => may("rick", "dev"));
  const said = await canI("rick", "deploy/web", "dev");
  t.match(said, { code: 1, stdout: /^no[^]*find the operator +get mirrordoperators/ });
});

t.test(
  "MIR-8, MIR-11, MIR-13: the role for the whole cluster, and workloads that may be read in one namespace",
  async (t) => {
    await bind("everywhere", ["ClusterRole", "mirrord-operator-user"], "mia");
    await bind("reads-dev", ["ClusterRole", "reads"], "mia", "dev");
    await settledTo("yes", "mia", "deploy/web", "dev");
    t.ok(await connects("mia", "deployment.web", "dev"));
    const there = await canI("mia", "deploy/web", "qa");
    t.match(there, { code: 1, stdout: /^no[^]*read the target +get deployments[^]*find its pods +list pods/ });
    t.notOk(await connects("mia", "deployment.web", "qa"), "the operator asks for it as well");
  },
);

/** Resolves once it is that one step, and no other, that can-i finds missing. */
const lacksOnly = (user: string, step: RegExp) =>
  until(`can-i finds one thing missing for ${user}`, async () => {
    const { code, stdout } = await canI(user, "deploy/web", "dev");
    const [first = "", steps = ""] = stdout.split("\n\n");
    return code === 1 && first.startsWith("no") && !steps.includes("\n") && step.test(steps);
  });

t.test("MIR-11, MIR-13: with get alone, as the page prints it, a session does not find its pods", async (t) => {
  await define("page-get", [rule("", ["pods"], ["get"]), rule("apps", ["deployments"], ["get"])]);
  await bind("page-everywhere", ["ClusterRole", "mirrord-operator-user"], "pam");
  await bind("page-get-dev", ["ClusterRole", "page-get"], "pam", "dev");
  await lacksOnly("pam", /find its pods +list pods in dev/);
  await define("page-list", [rule("", ["pods"], ["list"])]);
  await bind("page-list-dev", ["ClusterRole", "page-list"], "pam", "dev");
  await settledTo("yes", "pam", "deploy/web", "dev");
  t.ok(await connects("pam", "deployment.web", "dev"));
});

t.test("MIR-14: the split roles as the page prints them lack what newer clients ask for", async (t) => {
  const certificate = rule(group, ["mirrordoperators/certificate"], ["create"]);
  await define("page-operator-cr", [rule(group, ["mirrordoperators"], ["get", "list"]), certificate]);
  const targets = rule(group, ["targets", "targets/port-locks"], ["get", "list", "proxy"]);
  await define("page-operator", [targets, ...reads], "dev");
  await bind("page-split", ["ClusterRole", "page-operator-cr"], "uma");
  await bind("page-split", ["Role", "page-operator"], "uma", "dev");
  await lacksOnly("uma", /create mirrordclusteroperatorusercredentials/);
  await define("page-credentials", [rule(group, ["mirrordclusteroperatorusercredentials"], ["create"])]);
  await bind("page-credentials", ["ClusterRole", "page-credentials"], "uma");
  await settledTo("yes", "uma", "deploy/web", "dev");
  t.ok(await connects("uma", "deployment.web", "dev"));
});

t.test("MIR-14: the role split in two, one for the whole cluster and one for a namespace", async (t) => {
  await define("mirrord-operator-user-cr", [
    rule(group, ["mirrordoperators"], ["get", "list"]),
    rule(group, ["mirrordoperators/certificate", "mirrordclusteroperatorusercredentials"], ["create"]),
  ]);
  await define(
    "mirrord-operator-user",
    [rule(group, ["targets", "targets/port-locks"], ["get", "list", "proxy"]), ...reads],
    "dev",
  );
  await bind("split", ["ClusterRole", "mirrord-operator-user-cr"], "sue");
  await bind("split", ["Role", "mirrord-operator-user"], "sue", "dev");
  await settledTo("yes", "sue", "deploy/web", "dev");
  t.ok(await connects("sue", "deployment.web", "dev"));
  await settledTo("no", "sue", "deploy/web", "qa");
  t.notOk(await connects("sue", "deployment.web", "qa"));
});

t.test("MIR-15: connecting to single targets by their names, and a wider binding makes that void", async (t) => {
  await define(
    "cart-only",
    [
      rule(group, ["targets", "targets/port-locks"], ["get", "list"]),
      rule(group, ["targets"], ["proxy"], ["deployment.cart"]),
      ...reads,
    ],
    "dev",
  );
  await bind("single", ["ClusterRole", "mirrord-operator-user-cr"], "tom");
  await bind("single", ["Role", "cart-only"], "tom", "dev");
  await settledTo("yes", "tom", "deploy/cart", "dev");
  t.ok(await connects("tom", "deployment.cart", "dev"));
  t.match(await canI("tom", "deploy/web", "dev"), { code: 1, stdout: /^no[^]*connect to it +proxy targets/ });
  t.notOk(await connects("tom", "deployment.web", "dev"));
  await bind("wider", ["ClusterRole", "mirrord-operator-user"], "tom", "dev");
  await settledTo("yes", "tom", "deploy/web", "dev");
  const limited = await grant("tom", "--ns", "dev", "--target", "deploy/cart", "--dry-run=client");
  t.match(
    limited,
    { code: 0, stderr: /the limit is void: rolebinding wider lets/ },
    "a limit that another binding makes void is said",
  );
});

t.test("MIR-10: a grant everywhere is the page's ClusterRoleBinding", async (t) => {
  t.match(await grant("kim", "-A", "--no-reads", "-y"), { code: 0 });
  const { items } = (await api("GET", `${rbac}/clusterrolebindings?labelSelector=kubectl-mirrord.io/grant`)) as {
    items: { roleRef: unknown; subjects: { name: string }[] }[];
  };
  const own = items.filter(({ subjects }) => subjects[0]?.name === "kim");
  t.match(own, [
    {
      roleRef: { apiGroup, kind: "ClusterRole", name: "mirrord-operator-user" },
      subjects: [{ kind: "User", name: "kim", apiGroup }],
    },
  ]);
  t.equal(own.length, 1);
});
