import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { execute } from "../../../lib/cli/execute.ts";
import { audit } from "../../../lib/commands/audit/index.ts";
import { UserError } from "../../../lib/errors.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { fakeWorld } from "../../cli/fake-world.ts";
import { fakeCluster, type FakeOptions } from "../../preview/fake-cluster.ts";
import { allRights, deployment, namespace, operator, operatorRoles, user } from "../../preview/objects.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const schema: object = JSON.parse(readFileSync(join(root, "docs", "schema", "audit-who-can.json"), "utf8"));
const matches = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);

const objects: KubernetesObject[] = [
  namespace(),
  operator(),
  ...operatorRoles,
  deployment("web"),
  ...allRights(user("jim")),
];

async function whoCan(cluster: FakeOptions, ...words: string[]) {
  const screen = fakeWorld({ cluster: fakeCluster(cluster) });
  try {
    const code = await execute(audit, ["who-can", ...words], screen);
    return { code, stdout: screen.stdout, stderr: screen.stderr };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { code: error.exitCode, stdout: screen.stdout, stderr: `${error.message}\n${error.hint ?? ""}` };
  }
}

t.test("a session: who may send all of its requests, and through which bindings", async (t) => {
  const { code, stdout } = await whoCan({ objects }, "steal", "deploy/web", "-n", "dev");
  t.equal(code, 0);
  t.match(stdout, /^SUBJECT +NAMESPACES +THROUGH\njim +dev +clusterrolebinding\/.*rolebinding\/.*\(dev\)/);
  t.match(stdout, /^group:system:masters +<all> +the API server itself$/m);
});

t.test("the JSON form fits its schema and says what allows each step", async (t) => {
  const { stdout } = await whoCan({ objects }, "steal", "deploy/web", "-n", "dev", "-o", "json");
  const value: { complete: boolean; items: { subject: string; steps: { id: string; match?: object }[] }[] } =
    JSON.parse(stdout);
  t.ok(matches(value), JSON.stringify(matches.errors));
  t.equal(value.complete, true);
  const jim = value.items.find(({ subject }) => subject === "jim");
  t.match(
    jim?.steps.map(({ id }) => id),
    ["operator-get", "credential-new", "native-get-deployment"],
  );
  t.ok(jim?.steps.every(({ match }) => match !== undefined));
});

t.test("a plain question of one namespace, of all, and of the cluster", async (t) => {
  const one = await whoCan({ objects }, "get", "deployments.apps/web", "-n", "dev");
  t.match(one.stdout, /^jim +dev /m);
  const all = await whoCan({ objects }, "get", "deployments.apps", "-A", "-o", "csv");
  t.match(all.stdout, /^jim,dev,/m);
  const nodes = await whoCan({ objects }, "get", "nodes");
  t.same(nodes.stdout.split("\n").slice(1), ["group:system:masters   -            the API server itself", ""]);
});

t.test("what could not be read may allow others: said, and exit code 3", async (t) => {
  const { code, stdout, stderr } = await whoCan(
    { objects, forbidden: ["rolebindings"] },
    "get",
    "pods",
    "-n",
    "dev",
    "-o",
    "json",
  );
  t.equal(code, 3);
  t.match(JSON.parse(stdout), { complete: false, unreadable: ["rolebindings"] });
  t.match(stderr, /you may not list rolebindings: others may be allowed it, too/);
});

t.test("what the server allows the caller and no object shows is incomplete: said, and exit code 3", async (t) => {
  const caller = { name: "owner", groups: ["system:authenticated"] };
  const given: FakeOptions = {
    objects,
    caller,
    answer: () => ({ answer: "yes", reason: "cloud: owner of the project" }),
  };
  const words = ["get", "pods", "-n", "dev"];
  const { code, stdout, stderr } = await whoCan(given, ...words, "-o", "json");
  t.equal(code, 3);
  const value: object = JSON.parse(stdout);
  t.ok(matches(value), JSON.stringify(matches.errors));
  t.match(value, {
    complete: false,
    unreadable: { length: 0 },
    unshown: ['another authorizer than RBAC allows you to get pods in dev ("cloud: owner of the project")'],
  });
  t.equal(
    stderr,
    'Warning: another authorizer than RBAC allows you to get pods in dev ("cloud: owner of the project"): others may be allowed it, too\n',
  );
  const everywhere = await whoCan(given, "get", "pods", "-A");
  t.match(everywhere, { code: 3, stderr: /allows you to get pods \("cloud/ });
  const session = await whoCan(given, "steal", "deploy/web", "-n", "dev", "-o", "json");
  t.match(session, { code: 3, stdout: /"complete": false/ });
  t.match(JSON.parse(session.stdout), {
    unshown: [/mirrordoperators/, /mirrordclusteroperatorusercredentials/, /web/],
  });
  const blind = await whoCan({ ...given, forbidden: ["roles"] }, ...words);
  t.match(blind.stderr, /^Warning: you may not list roles: others may be allowed it, too\n$/);
  const shown = await whoCan(
    { objects, caller: { name: "jim", groups: ["system:authenticated"] } },
    ...words,
    "-o",
    "json",
  );
  t.match({ code: shown.code, ...JSON.parse(shown.stdout) }, { code: 0, complete: true, unshown: { length: 0 } });
});

const refusals: { words: string[]; says: RegExp }[] = [
  { words: [], says: /nothing to ask about/ },
  { words: ["steel", "deploy/web"], says: /unknown action "steel"\nDid you mean steal\?/ },
  { words: ["mirror", "web", "-A"], says: /"web" has no kind to look for in all namespaces\n.*deployment\/web/ },
  { words: ["mirror", "deploy/web", "-n", "dev", "-A"], says: /-n names one namespace, and -A means all/ },
  { words: ["copy", "targetless"], says: /a targetless session cannot copy/ },
];
for (const { words, says } of refusals)
  t.test(`who-can ${words.join(" ")} is refused`, async (t) => {
    const { code, stdout, stderr } = await whoCan({ objects }, ...words);
    t.same({ code, stdout }, { code: 2, stdout: "" });
    t.match(stderr, says);
  });

t.test("a target that is not there is said, and who may is still listed", async (t) => {
  const { code, stdout, stderr } = await whoCan({ objects }, "steal", "deploy/wbe", "-n", "dev");
  t.equal(code, 0);
  t.match(stderr, /whoever may, the session would not work: .*wbe/);
  t.match(stdout, /^jim /m);
});

t.test("a namespace that was typed and does not exist is said, and nobody is listed: exit code 2", async (t) => {
  for (const words of [
    ["get", "pods"],
    ["steal", "deploy/web"],
    ["targetless"],
    ["list-sessions"],
    ["get", "pods/web", "-o", "json"],
  ]) {
    const { code, stdout, stderr } = await whoCan({ objects }, ...words, "-n", "dve");
    t.same({ code, stdout }, { code: 2, stdout: "" }, words.join(" "));
    t.equal(stderr, 'namespace "dve" was not found\nSee what is there: kubectl get namespaces');
  }
});

for (const [name, given, words] of [
  ["without bindings", { objects: [...objects, namespace("empty")] }, ["get", "pods", "-n", "empty"]],
  ["that may not be read", { objects, forbidden: ["namespaces"] }, ["get", "pods", "-n", "dve"]],
  ["of the context", { objects: objects.filter(({ kind }) => kind !== "Namespace") }, ["list", "configmaps"]],
  ["that has no say in it", { objects }, ["get", "nodes", "-n", "dve"]],
] satisfies [name: string, given: FakeOptions, words: string[]][])
  t.test(`a namespace ${name} is no mistake`, async (t) => {
    const { code, stdout } = await whoCan(given, ...words);
    t.equal(code, 0);
    t.match(stdout, /^group:system:masters /m);
  });

t.test(
  "a word that is nearly a verb or a type is said: a type is refused, of a verb the answer is given",
  async (t) => {
    t.match(await whoCan({ objects }, "gte", "pods", "-n", "dev"), {
      code: 0,
      stderr: 'Warning: verb "gte" is not a known verb; did you mean get?\n',
    });
    t.match(await whoCan({ objects }, "proxy", "tragets", "-n", "dev"), {
      code: 2,
      stdout: "",
      stderr: /^the server doesn't have a resource type "tragets"\nDid you mean "targets"\?/,
    });
  },
);
