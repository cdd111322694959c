// Questions about access that tools were seen to answer wrongly, each with the right answer: docs/comparison.md names where.
import t from "tap";
import { execute } from "../../../lib/cli/execute.ts";
import { canI } from "../../../lib/commands/can-i/index.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { UserError } from "../../../lib/errors.ts";
import { fakeWorld } from "../../cli/fake-world.ts";
import { fakeCluster, type FakeOptions } from "../../preview/fake-cluster.ts";
import { allRights, namespace, operator, operatorRoles } from "../../preview/objects.ts";
import {
  clusterRole,
  clusterRoleBinding,
  clusterRoleRef,
  group,
  role,
  roleBinding,
  roleRef,
  rule,
  serviceAccount,
  user,
} from "../../rbac/objects.ts";
import { runAudit } from "./run.ts";

const RBAC = "rbac.authorization.k8s.io";
const everything = clusterRole("cluster-admin", [
  { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
  { nonResourceURLs: ["*"], verbs: ["*"] },
]);
const boss = clusterRoleBinding("boss", "cluster-admin", [user("boss")]);
/** Somebody bound in dev to a role of these rules. */
const bound = (who: string, ...rules: Parameters<typeof role>[2]): KubernetesObject[] => [
  role("dev", who, rules),
  roleBinding("dev", who, roleRef(who), [user(who)]),
];
/** The same in the whole cluster. */
const wide = (who: string, ...rules: Parameters<typeof role>[2]): KubernetesObject[] => [
  clusterRole(who, rules),
  clusterRoleBinding(who, who, [user(who)]),
];

/** Who is listed beside system:masters, as `jim@dev`; `-` is what has no namespace. */
async function listed(objects: readonly KubernetesObject[], words: readonly string[], more: FakeOptions = {}) {
  const { code, stdout, stderr } = await runAudit({ objects, ...more }, "who-can", ...words, "-o", "json");
  if (code === 2) return stderr;
  const { items }: { items: { subject: string; namespaces: string[] }[] } = JSON.parse(stdout);
  return items
    .filter(({ subject }) => subject !== "group:system:masters")
    .map(({ subject, namespaces }) => `${subject}@${namespaces.join("+") || "-"}`);
}

const whoCan: { mistake: string; given: KubernetesObject[]; words: string[]; want: string[] }[] = [
  {
    mistake: "RoleBindings are left out with -A",
    given: [...bound("jim", rule("", "secrets", "get")), ...wide("ana", rule("", "secrets", "get"))],
    words: ["get", "secrets", "-A"],
    want: ["ana@*", "jim@dev"],
  },
  {
    mistake: "system:masters is never reported, or groups are not",
    given: [clusterRole("r", [rule("", "secrets", "get")]), clusterRoleBinding("r", "r", [group("oidc:web")])],
    words: ["get", "secrets", "-n", "dev"],
    want: ["group:oidc:web@*"],
  },
  {
    mistake: "a ClusterRole through a RoleBinding is missed, or counts in the whole cluster",
    given: [
      clusterRole("r", [rule("", "secrets", "get")]),
      roleBinding("dev", "r", clusterRoleRef("r"), [user("jim")]),
    ],
    words: ["get", "secrets", "-A"],
    want: ["jim@dev"],
  },
  {
    mistake: "the namespace shown is that of the subject, not that of the grant",
    given: [
      clusterRole("r", [rule("", "secrets", "get")]),
      roleBinding("qa", "r", clusterRoleRef("r"), [serviceAccount("ci", "tools")]),
    ],
    words: ["get", "secrets", "-A"],
    want: ["sa:tools/ci@qa"],
  },
  {
    mistake: "a path is compared letter by letter, so that * and /logs/* never fit",
    given: [
      everything,
      boss,
      ...wide("jim", { nonResourceURLs: ["/logs/*"], verbs: ["get"] }),
      ...wide("ana", { nonResourceURLs: ["/log*"], verbs: ["get"] }),
      ...wide("eve", { nonResourceURLs: ["/logs"], verbs: ["get"] }),
    ],
    words: ["get", "/logs/kubelet"],
    want: ["ana@-", "boss@-", "jim@-"],
  },
  {
    mistake: "/logs/* gives no /logs",
    given: [everything, boss, ...wide("jim", { nonResourceURLs: ["/logs/*"], verbs: ["get"] })],
    words: ["get", "/logs"],
    want: ["boss@-"],
  },
  ...["pods/log", "deployments.apps/scale", "pods/portforward"].map((what) => ({
    mistake: "*/scale never fits, and pods/* is taken for a wildcard",
    given: [
      ...bound("jim", { apiGroups: ["*"], resources: [`*/${what.split("/")[1]}`], verbs: ["get"] }),
      ...bound("eve", { apiGroups: ["*"], resources: ["pods/*", "deployments/*", "*/*"], verbs: ["get"] }),
    ],
    words: ["get", what, "-n", "dev"],
    want: ["jim@dev"],
  })),
  {
    mistake: "RoleBindings count for what has no namespace",
    given: [
      clusterRole("r", [rule("", "nodes", "get"), { nonResourceURLs: ["/logs"], verbs: ["get"] }]),
      roleBinding("dev", "r", clusterRoleRef("r"), [user("eve")]),
      ...wide("jim", rule("", "nodes", "get")),
    ],
    words: ["get", "nodes", "-n", "dev"],
    want: ["jim@-"],
  },
  {
    mistake: "RoleBindings count for a path",
    given: [
      clusterRole("r", [{ nonResourceURLs: ["/logs"], verbs: ["get"] }]),
      roleBinding("dev", "r", clusterRoleRef("r"), [user("eve")]),
    ],
    words: ["get", "/logs", "-n", "dev"],
    want: [],
  },
  {
    mistake: "a rule limited to names counts as access to all",
    given: [...bound("eve", rule("", "secrets", "get", "one")), ...bound("jim", rule("", "secrets", "get"))],
    words: ["get", "secrets", "-n", "dev"],
    want: ["jim@dev"],
  },
  {
    mistake: "a rule limited to a name is not found for that name",
    given: [...bound("ana", rule("", "secrets", "get", "one")), ...bound("eve", rule("", "secrets", "get", "two"))],
    words: ["get", "secrets/one", "-n", "dev"],
    want: ["ana@dev"],
  },
  {
    mistake: "a later rule about the same resource takes the place of the first",
    given: bound("jim", rule("", "secrets", "get", "one"), rule("", "secrets", "get", "two")),
    words: ["get", "secrets/one", "-n", "dev"],
    want: ["jim@dev"],
  },
  {
    mistake: "pods/exec is a pod called exec",
    given: [...bound("eve", rule("", "pods", "create")), ...bound("jim", rule("", "pods/exec", "create"))],
    words: ["create", "pods/exec", "-n", "dev"],
    want: ["jim@dev"],
  },
  {
    mistake: "pods/web/exec is a pod called web/exec",
    given: [
      ...bound("eve", rule("", "pods/exec", "create", "other")),
      ...bound("jim", rule("", "pods/exec", "create", "web")),
    ],
    words: ["create", "pods/web/exec", "-n", "dev"],
    want: ["jim@dev"],
  },
  {
    mistake: "a pod called exec cannot be asked about",
    given: [...bound("jim", rule("", "pods", "delete")), ...bound("eve", rule("", "pods/exec", "delete"))],
    words: ["delete", "pod/exec", "-n", "dev"],
    want: ["jim@dev"],
  },
  {
    mistake: "the API group is not compared",
    given: [
      ...bound("eve", rule("example.com", "deployments", "get")),
      ...bound("jim", rule("apps", "deployments", "get")),
    ],
    words: ["get", "deployments.apps", "-n", "dev"],
    want: ["jim@dev"],
  },
  {
    mistake: "* in a role does not fit a verb, a resource or a group",
    given: [
      ...bound("jim", rule("", "secrets", "*")),
      ...bound("ana", rule("", "*", "get")),
      ...bound("ann", rule("*", "secrets", "get")),
    ],
    words: ["get", "secrets", "-n", "dev"],
    want: ["ana@dev", "ann@dev", "jim@dev"],
  },
  {
    mistake: "* is asked of the core group alone",
    given: [
      ...bound("eve", rule("", "*", "list")),
      ...bound("jim", { apiGroups: ["*"], resources: ["*"], verbs: ["list"] }),
    ],
    words: ["list", "*", "-n", "dev"],
    want: ["jim@dev"],
  },
  {
    mistake: "verbs are compared without regard to case",
    given: [...bound("eve", rule("", "secrets", "GET")), ...bound("jim", rule("", "secrets", "get"))],
    words: ["get", "secrets", "-n", "dev"],
    want: ["jim@dev"],
  },
  {
    mistake: "a user and a group of one name are one",
    given: [
      role("dev", "r", [rule("", "secrets", "get")]),
      roleBinding("dev", "r", roleRef("r"), [group("web")]),
      roleBinding("dev", "s", roleRef("none"), [user("web")]),
    ],
    words: ["get", "secrets", "-n", "dev"],
    want: ["group:web@dev"],
  },
  {
    mistake: "a subject is split in two where its apiGroup is spelled another way",
    given: [
      role("dev", "r", [rule("", "secrets", "get")]),
      roleBinding("dev", "r", roleRef("r"), [user("jim")]),
      roleBinding("dev", "s", roleRef("r"), [{ kind: "User", name: "jim" }]),
    ],
    words: ["get", "secrets", "-n", "dev"],
    want: ["jim@dev"],
  },
  {
    mistake: "one binding to a role that is not there ends the whole answer",
    given: [roleBinding("dev", "gone", roleRef("gone"), [user("eve")]), ...bound("jim", rule("", "secrets", "get"))],
    words: ["get", "secrets", "-n", "dev"],
    want: ["jim@dev"],
  },
  {
    mistake: "a role without rules (`rules: null`) ends the program",
    given: [
      { apiVersion: `${RBAC}/v1`, kind: "Role", metadata: { name: "null", namespace: "dev" }, rules: null },
      roleBinding("dev", "null", roleRef("null"), [user("eve")]),
      ...bound("jim", rule("", "secrets", "get")),
    ],
    words: ["get", "secrets", "-n", "dev"],
    want: ["jim@dev"],
  },
  {
    mistake: "what accounts get by the groups that they are always in is not seen",
    given: [
      role("dev", "r", [rule("", "secrets", "get")]),
      roleBinding("dev", "r", roleRef("r"), [group("system:serviceaccounts:tools")]),
      role("dev", "other", [rule("", "secrets", "list")]),
      roleBinding("dev", "other", roleRef("other"), [serviceAccount("ci", "tools")]),
    ],
    words: ["get", "secrets", "-n", "dev"],
    want: ["group:system:serviceaccounts:tools@dev"],
  },
  {
    mistake: "the rule of an aggregated role counts by its selector, not by what it holds",
    given: [
      clusterRole("all", [], { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] } }),
      roleBinding("dev", "all", clusterRoleRef("all"), [user("eve")]),
      ...bound("jim", rule("", "secrets", "get")),
    ],
    words: ["get", "secrets", "-n", "dev"],
    want: ["jim@dev"],
  },
];
for (const { mistake, given, words, want } of whoCan)
  t.test(`who-can ${words.join(" ")}: ${mistake}`, async (t) =>
    t.same(await listed([namespace(), ...given], words), want),
  );

t.test("who-can: system:masters, which no object names, is never reported", async (t) => {
  const { stdout } = await runAudit({ objects: [namespace()] }, "who-can", "get", "secrets", "-n", "dev");
  t.match(stdout, /^group:system:masters +<all> +the API server itself$/m);
});

t.test("who-can -o json: the namespace of the binding is dropped, and so is the role", async (t) => {
  const objects = [namespace(), ...bound("jim", rule("", "secrets", "get"))];
  const { stdout } = await runAudit({ objects }, "who-can", "get", "secrets", "-n", "dev", "-o", "json");
  const [jim] = JSON.parse(stdout).items;
  t.match(jim.steps[0].match, { binding: { name: "jim", namespace: "dev" }, role: { kind: "Role", name: "jim" } });
});

/** All that connecting needs in dev, by a group of everybody or of all accounts of a namespace. */
for (const [subject, name] of [
  ["jim", "system:authenticated"],
  ["sa:tools/ci", "system:serviceaccounts:tools"],
] as const)
  t.test(`matrix: what ${subject} has by ${name} alone is not shown`, async (t) => {
    const objects = [namespace(), operator(), ...operatorRoles, ...allRights(group(name))];
    const { stdout } = await runAudit({ objects }, "matrix", "--subject", subject);
    t.match(stdout, new RegExp(`^group:${name} +dev `, "m"));
  });

t.test("findings: what was refused counts as passed", async (t) => {
  const run = await runAudit({ objects: [namespace()], forbidden: ["rolebindings"] }, "findings", "-o", "json");
  t.equal(run.code, 3);
  t.match(JSON.parse(run.stdout), { complete: false, skipped: [/you may not list rolebindings/] });
});

const findings: { mistake: string; given: KubernetesObject[]; want: RegExp }[] = [
  {
    mistake: "whoever comes without a name is not looked at",
    given: [clusterRole("r", [rule("", "secrets", "list")]), clusterRoleBinding("r", "r", [user("system:anonymous")])],
    want: /^high,everybody,ClusterRoleBinding r,system:anonymous may list secrets/m,
  },
  {
    mistake: "* in a role is not matched",
    given: [...wide("jim", rule("rbac.authorization.k8s.io", "*", "*"))],
    want: /^high,(bind|escalate),ClusterRoleBinding jim,jim can become who may do everything/m,
  },
];
for (const { mistake, given, want } of findings)
  t.test(`findings: ${mistake}`, async (t) => {
    const { stdout } = await runAudit({ objects: [namespace(), ...given] }, "findings", "-o", "csv");
    t.match(stdout, want);
  });

t.test("what was refused is no absence: nobody is said to be safe", async (t) => {
  const { code, stdout } = await runAudit(
    { objects: [namespace()], forbidden: ["roles"] },
    "who-can",
    "get",
    "secrets",
    "-n",
    "dev",
    "-o",
    "json",
  );
  t.equal(code, 3);
  t.match(JSON.parse(stdout), { complete: false, unreadable: ["roles"] });
});

const mayRead = [
  ...bound("jim", rule("", "secrets", "get"), rule("", "pods/exec", "create")),
  ...bound("eve", rule("", "*", "list")),
  clusterRole("lists", [rule("", "secrets", "list")]),
  roleBinding("dev", "lists", clusterRoleRef("lists"), [group("system:authenticated")]),
  clusterRole("watches", [rule("", "secrets", "watch")]),
  roleBinding("dev", "watches", clusterRoleRef("watches"), [group("system:serviceaccounts:tools")]),
];

async function ask(objects: readonly KubernetesObject[], words: readonly string[], more: FakeOptions = {}) {
  const world = fakeWorld({ cluster: fakeCluster({ objects: [namespace(), ...objects], ...more }) });
  try {
    const code = await execute(canI, words, world);
    return { code, stdout: world.stdout, stderr: world.stderr };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { code: error.exitCode, stdout: world.stdout, stderr: error.lines.join("\n") };
  }
}

const canIAnswers: {
  mistake: string;
  words: string[];
  more?: FakeOptions;
  want: { code: number; stdout?: RegExp; stderr?: RegExp };
}[] = [
  {
    mistake: "pods/exec is a pod called exec",
    words: ["create", "pods/exec", "-n", "dev", "--as", "jim"],
    want: { code: 0, stdout: /^yes/ },
  },
  {
    mistake: "a failure and a no have one exit code",
    words: ["get", "secrets", "-n", "dev", "--as", "jim"],
    more: { answer: () => ({ answer: "unknown", reason: "the server could not say" }) },
    want: { code: 3, stdout: /^unknown/ },
  },
  {
    mistake: "a namespace makes a question about what has none a yes",
    words: ["get", "nodes", "-n", "dev", "--as", "jim"],
    want: { code: 1, stdout: /^no/ },
  },
  {
    mistake: "the group of everybody who logs in is left out",
    words: ["list", "secrets", "-n", "dev", "--as", "ana"],
    want: { code: 0, stdout: /^yes/ },
  },
  {
    mistake: "the groups that an account is always in are left out",
    words: ["watch", "secrets", "-n", "dev", "--as", "system:serviceaccount:tools:ci"],
    want: { code: 0, stdout: /^yes/ },
  },
  {
    mistake: "everybody is in the groups of accounts",
    words: ["watch", "secrets", "-n", "dev", "--as", "jim"],
    want: { code: 1, stdout: /^no/ },
  },
  {
    mistake: "a wrong verb is a plain no",
    words: ["gte", "secrets", "-n", "dev", "--as", "jim"],
    want: { code: 1, stderr: /verb "gte" is not a known verb/ },
  },
  {
    mistake: "* of the core group is everything",
    words: ["list", "*", "-n", "dev", "--as", "eve"],
    want: { code: 1, stdout: /^no/ },
  },
  {
    mistake: "a yes does not say why",
    words: ["get", "secrets", "-n", "dev", "--as", "jim", "--explain"],
    want: { code: 0, stdout: /rolebinding\/jim/i },
  },
];
for (const { mistake, words, more, want } of canIAnswers)
  t.test(`can-i ${words.join(" ")}: ${mistake}`, async (t) => t.match(await ask(mayRead, words, more), want));
