import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { execute } from "../../../lib/cli/execute.ts";
import { canI } from "../../../lib/commands/can-i/index.ts";
import { connect } from "../../../lib/commands/connect.ts";
import { UserError } from "../../../lib/errors.ts";
import { fakeWorld } from "../../cli/fake-world.ts";

const definition = (scope: string) => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: ${scope}
  names: {plural: widgets, kind: Widget, shortNames: [wd]}
  versions: [{name: v1}]
---
`;
const bound = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: all, namespace: dev}
rules:
- {apiGroups: [example.com], resources: [widgets, widgets/scale], verbs: [list, update]}
- {apiGroups: [""], resources: [namespaces, pods/log], verbs: [get, list, watch, create, delete, deletecollection]}
- {apiGroups: [mirrord.metalbear.co], resources: [mirrordclustersessions], verbs: [list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: all, namespace: dev}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: all}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: lea}]
`;

const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-scope-"));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

async function ask(manifests: string, ...words: string[]) {
  const file = join(folder, "cluster.yaml");
  writeFileSync(file, manifests);
  const world = fakeWorld();
  world.connect = (flags) => connect(flags, { env: {}, signal: world.signal, warn: (text) => world.warn(text) });
  try {
    const code = await execute(canI, [...words, "-n", "dev", "--as", "lea", "--manifests", file], world);
    return { code, stdout: world.stdout, stderr: world.stderr };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { code: error.exitCode, stdout: world.stdout, stderr: error.message };
  }
}

const questions: [manifests: string, words: string, code: number][] = [
  [definition("Cluster") + bound, "list widgets.example.com", 1],
  [definition("Cluster") + bound, "list wd.example.com", 1],
  [definition("Cluster") + bound, "list widget.v1.example.com", 1],
  [definition("Namespaced") + bound, "list wd.example.com", 0],
  [definition("Namespaced") + bound, "list widgets", 0],
  [definition("Namespaced") + bound, "list widget", 0],
  [definition("Namespaced") + bound, "list wd", 0],
  [definition("Cluster") + bound, "list widgets", 1],
  [definition("Namespaced") + bound, "update wd.example.com/x --subresource scale", 0],
  [definition("Namespaced") + bound, "update wd.example.com/x --subresource status", 1],
  [bound, "list mirrordclustersessions.mirrord.metalbear.co", 1],
  [bound, "get pods/x --subresource log", 0],
  [bound, "get pods/x --subresource=exec", 1],
  [bound, "get pods/log", 0],
  [bound, "get pod/log", 1],
  [bound, "get namespaces/dev", 0],
  [bound, "delete ns/dev", 0],
  [bound, "get namespaces/qa", 1],
  ...["list", "watch", "create", "deletecollection"].map((verb): [string, string, number] => [
    bound,
    `${verb} namespaces/dev`,
    1,
  ]),
];
for (const [manifests, words, code] of questions)
  t.test(
    `${words} is ${code === 0 ? "yes" : "no"}, with ${/scope: \w+/.exec(manifests)?.[0] ?? "no definition"}`,
    async (t) => {
      const asked = await ask(manifests, ...words.split(" "));
      t.equal(asked.code, code, asked.stdout + asked.stderr);
      t.notMatch(asked.stderr, /is not known/);
    },
  );

t.test("a type whose scope nobody knows is said", async (t) => {
  t.match(await ask(bound, "list", "widgets.example.com"), {
    code: 0,
    stderr: /whether "widgets\.example\.com" is namespaced is not known here/,
  });
});

t.test("a type that no group has is asked about as written, and refused where it is nearly another", async (t) => {
  t.match(await ask(bound, "list", "gizmos"), { code: 1, stderr: /the type "gizmos" is not known here/ });
  t.match(await ask(bound, "impersonate", "users"), { code: 1, stderr: /the type "users" is not known here/ });
  t.match(await ask(bound, "list", "*"), { code: 1, stderr: "" });
  t.match(await ask(bound, "list", "deploymnts"), {
    code: 2,
    stderr: `the server doesn't have a resource type "deploymnts"`,
  });
  t.match(await ask(definition("Namespaced") + bound, "list", "wigdets"), { code: 2, stderr: /"wigdets"/ });
});

t.test("a no to what nobody could need suggests no grant, in no format", async (t) => {
  for (const [verb, what] of [
    ["gte", "pods"],
    ["list", "gizmos"],
    ["gte", "/healthz"],
  ] as const) {
    const { code, stdout } = await ask(bound, verb, what);
    t.equal(code, 1);
    t.match(stdout, /^no - lea cannot [^\n]+\n$/);
    const { fixes }: { fixes: object[] } = JSON.parse((await ask(bound, verb, what, "-o", "json")).stdout);
    t.same(fixes, []);
  }
  t.match(await ask(bound, "get", "pods"), { code: 1, stdout: /\n\nTo let lea do / });
  t.match(await ask(bound, "list", "gizmos.example.com"), { code: 1, stdout: /\n\nTo let lea do / });
  t.match(await ask(bound, "impersonate", "users"), { code: 1, stdout: /\n\nTo let lea do / });
});

t.test("a slip of a type of the operator is refused where no operator is", async (t) =>
  t.match(await ask(bound, "proxy", "tragets"), { code: 2, stderr: /"tragets"/ }),
);

t.test("--subresource belongs to a resource", async (t) => {
  t.match(await ask(bound, "get", "/healthz", "--subresource", "log"), { code: 2, stderr: /NonResourceURL/ });
  t.match(await ask(bound, "steal", "deploy/web", "--subresource", "log"), {
    code: 2,
    stderr: /plain Kubernetes question/,
  });
});
