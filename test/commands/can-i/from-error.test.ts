import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { execute } from "../../../lib/cli/execute.ts";
import { canI } from "../../../lib/commands/can-i/index.ts";
import { UserError } from "../../../lib/errors.ts";
import { fakeWorld } from "../../cli/fake-world.ts";
import { fakeCluster, type FakeOptions } from "../../preview/fake-cluster.ts";
import { allRights, deployment, namespace, operator, operatorRoles, user } from "../../preview/objects.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const schema: object = JSON.parse(readFileSync(join(root, "docs", "schema", "session-preview.json"), "utf8"));
const matches = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);

const objects = [namespace(), operator(), ...operatorRoles, deployment("web")];

async function fromError(text: string, { words = [], ...cluster }: FakeOptions & { words?: string[] } = {}) {
  const screen = fakeWorld({ cluster: fakeCluster({ objects, ...cluster }) });
  try {
    const code = await execute(canI, ["--from-error", text, ...words], screen);
    return { code, stdout: screen.stdout, stderr: screen.stderr };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { code: error.exitCode, stdout: screen.stdout, stderr: `${error.message}\n${error.hint ?? ""}` };
  }
}

const refused = (what: string, verb: string, type: string, group: string, place = 'in the namespace "dev"') =>
  `${what} is forbidden: User "jim" cannot ${verb} resource "${type}" in API group "${group}" ${place}`;
const connection = refused(
  'targets.operator.metalbear.co "deployment.web"',
  "proxy",
  "targets",
  "operator.metalbear.co",
);

t.test("a refused connection is the session of its target, and the grant is the one that lets it work", async (t) => {
  const { code, stdout, stderr } = await fromError(
    `mirrord operator rejected creating a websocket connection: ${connection}`,
  );
  t.equal(code, 1);
  t.match(stdout, /^no - jim cannot mirror deployment\/web in dev\n/);
  t.match(stdout, /^  kubectl mirrord grant jim --ns dev --target deployment\/web$/m);
  t.match(stderr, /^asking: kubectl mirrord can-i mirror deployment\/web -n dev --as jim$/m);
});

t.test("what is granted by now is a yes", async (t) => {
  const granted = await fromError(connection, { objects: [...objects, ...allRights(user("jim"))] });
  t.match(granted, { code: 0, stdout: /^yes\n/ });
});

t.test("somebody's own error is asked about as the caller, whose groups the server knows", async (t) => {
  const caller = { name: "jim", groups: ["backend", "system:authenticated"] };
  const { stdout, stderr } = await fromError(connection, {
    caller,
    forbidden: ["rolebindings", "roles", "clusterroles", "clusterrolebindings"],
  });
  t.match(stdout, /^no - you \(jim\) cannot mirror/);
  t.notMatch(stderr, /--as/);
});

t.test("groups that are given are asked with", async (t) => {
  const { stderr } = await fromError(connection, { words: ["--as-group", "backend"] });
  t.match(stderr, /--as jim --as-group backend/);
});

t.test(
  "a right that is no step of a known session: exactly that, and in mirrord's case the grant that covers it",
  async (t) => {
    const copy = await fromError(
      refused("copytargets.operator.metalbear.co", "create", "copytargets", "operator.metalbear.co"),
    );
    t.equal(copy.code, 1);
    t.match(copy.stdout, /^no - jim cannot create copytargets.* in dev\n/);
    t.match(copy.stdout, /^  kubectl mirrord grant jim --ns dev$/m);
    t.match(copy.stdout, /^  kubectl create role mirrord:extra:jim-/m);
    const pods = await fromError(`mirrord: ${refused("pods", "list", "pods", "")}`);
    t.match(pods.stdout, /^  kubectl mirrord grant jim --ns dev --role minimal$/m);
    const logs = await fromError(refused('pods "web"', "get", "pods/log", ""));
    t.notMatch(logs.stdout, /mirrord grant/);
    t.match(logs.stdout, /--verb=get --resource=pods\/log --resource-name=web -n dev$/m);
  },
);

t.test("several refusals are one question: all of them must be a yes", async (t) => {
  const text = `${refused('pods "web"', "get", "pods/log", "")}\n${refused("secrets", "list", "secrets", "", "at the cluster scope")}`;
  const { code, stdout } = await fromError(text, { words: ["-o", "json"] });
  t.equal(code, 1);
  const value: { steps: { request: object }[]; fixes: { objects: { kind: string }[] }[] } = JSON.parse(stdout);
  t.ok(matches(value), JSON.stringify(matches.errors));
  t.same(
    value.steps.map(({ request }) => request),
    [
      { verb: "get", apiGroup: "", resource: "pods", subresource: "log", namespace: "dev", name: "web" },
      { verb: "list", apiGroup: "", resource: "secrets" },
    ],
  );
  t.same(
    value.fixes[0]?.objects.map(({ kind }) => kind),
    ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
  );
});

t.test("a right in the whole cluster, and a path", async (t) => {
  const operators = refused(
    'mirrordoperators.operator.metalbear.co "operator"',
    "get",
    "mirrordoperators",
    "operator.metalbear.co",
    "at the cluster scope",
  );
  const { stdout } = await fromError(operators);
  t.match(stdout, /^no - jim cannot get mirrordoperators/);
  t.match(stdout, /^  kubectl mirrord grant jim --ns default --role minimal$/m);
  const path = await fromError('forbidden: User "jim" cannot get path "/metrics"', { words: ["-q"] });
  t.same(path, { code: 1, stdout: "", stderr: "" });
});

t.test("a hostile name stays a name", async (t) => {
  const { code, stdout, stderr } = await fromError(
    String.raw`pods is forbidden: User "a\x1b[2J\u202e; rm -rf ~" cannot list resource "pods" in API group "" in the namespace "dev"`,
  );
  t.equal(code, 1);
  for (const raw of ["\u001b", "\u202e"]) t.notOk((stdout + stderr).includes(raw));
});

const wrong: { name: string; text: string; words?: string[]; says: RegExp }[] = [
  {
    name: "nothing was refused",
    text: "connection refused",
    says: /does not say that anything was refused\nSuch a text has/,
  },
  {
    name: "the name of a file",
    text: "denied.txt",
    says: /^Of a file, give what is in it: kubectl mirrord can-i --from-error - < FILE$/m,
  },
  { name: "it is cut off", text: connection.slice(0, 90), says: /ends before it says what was refused/ },
  {
    name: "a policy",
    text: 'Stealing traffic from port 80 is forbidden by the mirrord policy "p" for this target',
    says: /the mirrord policy "p" forbids this, and no grant changes that/,
  },
  {
    name: "two users",
    text: `${connection}\n${connection.replace("jim", "ann")}`,
    says: /about several users: "jim", "ann"/,
  },
  { name: "too long", text: "x".repeat(1024 * 1024 + 1), says: /too long for an error message/ },
  {
    name: "a question as well",
    text: connection,
    words: ["deploy/web"],
    says: /--from-error says what is asked about, and so does/,
  },
  { name: "another user as well", text: connection, words: ["--as", "ann"], says: /and so does --as/ },
];
for (const { name, text, words = [], says } of wrong)
  t.test(`${name}: exit code 2 and what to do`, async (t) => {
    const { code, stdout, stderr } = await fromError(text, { words });
    t.same({ code, stdout }, { code: 2, stdout: "" });
    t.match(stderr, says);
  });
