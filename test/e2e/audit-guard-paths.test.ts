// Paths to what guards grants, on a real API server with the access model on it: each step by whoever it is about. Without any
// one of its rights there is no path, and the same walk is refused.
import { execFile } from "node:child_process";
import t from "tap";
import { accessModel } from "../../lib/access/names.ts";
import { accessModelObjects } from "../../lib/commands/install/access-model/from-flags.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { policyDefinitions } from "../mirrord/policy/schema/definitions.ts";
import {
  clusterRole,
  clusterRoleBinding,
  clusterRoleRef,
  role,
  roleBinding,
  roleRef,
  rule,
  serviceAccount,
  user,
} from "../rbac/objects.ts";
import { until } from "../until.ts";
import { conversion, startLoopbackServer } from "./loopback-server.ts";
import { jsonPatch, mergePatch, pathWorld, walkAll, type Walk, type Walker } from "./path-world.ts";

const plane = await startControlPlane({ auditLog: false });
const world = await pathWorld(plane);
t.teardown(async () => {
  world.close();
  await plane.stop();
});
const { admin } = world;

const RBAC = "rbac.authorization.k8s.io";
const ADMISSION = "admissionregistration.k8s.io";
const CRD = "apiextensions.k8s.io";
const admissions = `/apis/${ADMISSION}/v1`;
const definitions = `/apis/${CRD}/v1/customresourcedefinitions`;
const POLICIES = "mirrordpolicies.policies.mirrord.metalbear.co";

const applied = async (objects: readonly KubernetesObject[]) => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const words = ["--kubeconfig", plane.kubeconfig, "--context", "admin", "apply", "--server-side", "-f", "-"];
  const child = execFile(plane.kubectl, words, (error) => (error === null ? resolve() : reject(error)));
  child.stdin?.end(JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
  await promise;
};
await applied([...policyDefinitions, ...accessModelObjects({})]);

/** A binding that says to be of a grant, which is for administrators alone. */
const forged = (namespace: string) => ({
  ...roleBinding(namespace, "forged", clusterRoleRef("view"), []),
  metadata: {
    name: "forged",
    namespace,
    labels: { "kubectl-mirrord.io/grant": "abcdefghijklmnopqrst", "app.kubernetes.io/managed-by": "kubectl-mirrord" },
  },
});

const bindingsPath = (namespace: string) => `/apis/${RBAC}/v1/namespaces/${namespace}/rolebindings`;

const isRefusedByPolicy = ({ body }: { body: unknown }) => JSON.stringify(body).includes("ValidatingAdmissionPolicy");

/** May write bindings of `view`, as far as RBAC says. */
const writesBindings = (name: string, namespace: string): KubernetesObject[] => [
  role(namespace, "writes", [rule(RBAC, "rolebindings", "create"), rule(RBAC, "clusterroles", "bind", "view")]),
  roleBinding(namespace, "writes", roleRef("writes"), [user(name), serviceAccount("gitops", namespace)]),
];

/** Resolves once the policies are in force for the walker, who may not write what is of a grant. */
const isGuarded = ({ send, namespace }: Walker) =>
  until("a binding of a grant is refused by a policy", async () =>
    isRefusedByPolicy(await send("POST", `${bindingsPath(namespace)}?dryRun=All`, forged(namespace))),
  );

/** Adds a version that is stored, and says who converts. */
const newVersion = (clientConfig: object) => [
  { op: "copy", from: "/spec/versions/0", path: "/spec/versions/-" },
  { op: "replace", path: "/spec/versions/0/storage", value: false },
  { op: "replace", path: "/spec/versions/1/name", value: "v9" },
  { op: "replace", path: "/spec/versions/1/storage", value: true },
  {
    op: "add",
    path: "/spec/conversion",
    value: { strategy: "Webhook", webhook: { clientConfig, conversionReviewVersions: ["v1"] } },
  },
];

const walks: Walk[] = [
  {
    name: "the policy's binding is deleted",
    edge: "guards-removable",
    goal: "guards",
    rules: [rule(ADMISSION, "validatingadmissionpolicybindings", "delete", accessModel.policy)],
    wide: true,
    more: writesBindings,
    async walk(start, t) {
      const { send, namespace } = start;
      await isGuarded(start);
      t.teardown(() => applied(accessModelObjects({})));
      const gone = await send("DELETE", `${admissions}/validatingadmissionpolicybindings/${accessModel.policy}`);
      if (gone.status !== 200) return gone.status;
      return await until("nothing refuses a binding of a grant", async () => {
        const made = await send("POST", bindingsPath(namespace), forged(namespace));
        return made.status === 201 && 200;
      });
    },
  },
  {
    name: "the policy's binding is told to refuse nothing",
    edge: "guards-removable",
    goal: "guards",
    rules: [rule(ADMISSION, "validatingadmissionpolicybindings", "patch", accessModel.policy)],
    wide: true,
    more: writesBindings,
    async walk(start, t) {
      const { send, namespace } = start;
      await isGuarded(start);
      t.teardown(() =>
        admin("DELETE", `${admissions}/validatingadmissionpolicybindings/${accessModel.policy}`).then(() =>
          applied(accessModelObjects({})),
        ),
      );
      const path = `${admissions}/validatingadmissionpolicybindings/${accessModel.policy}`;
      const changed = await send("PATCH", path, { spec: { validationActions: ["Audit"] } }, mergePatch);
      if (changed.status !== 200) return changed.status;
      return await until("nothing refuses a binding of a grant", async () => {
        const made = await send("POST", bindingsPath(namespace), forged(namespace));
        return made.status === 201 && 200;
      });
    },
  },
  {
    name: "a policy is made and bound that lets no binding go",
    edge: "guards-removable",
    goal: "guards",
    rules: [
      rule(ADMISSION, "validatingadmissionpolicies", "create"),
      rule(ADMISSION, "validatingadmissionpolicybindings", "create"),
    ],
    wide: true,
    async walk({ name, namespace, send }, t) {
      const paths = ["validatingadmissionpolicies", "validatingadmissionpolicybindings"].map(
        (plural) => `${admissions}/${plural}`,
      );
      t.teardown(() => Promise.all(paths.map((path) => admin("DELETE", `${path}/${name}`))));
      const resourceRules = [
        { apiGroups: [RBAC], apiVersions: ["v1"], operations: ["DELETE"], resources: ["rolebindings"] },
      ];
      const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": namespace } };
      const policy = {
        apiVersion: `${ADMISSION}/v1`,
        kind: "ValidatingAdmissionPolicy",
        metadata: { name },
        spec: { matchConstraints: { resourceRules, namespaceSelector }, validations: [{ expression: "false" }] },
      };
      const binding = {
        apiVersion: `${ADMISSION}/v1`,
        kind: "ValidatingAdmissionPolicyBinding",
        metadata: { name },
        spec: { policyName: name, validationActions: ["Deny"] },
      };
      for (const [index, object] of [policy, binding].entries()) {
        const made = await send("POST", paths[index] ?? "", object);
        if (made.status !== 201) return made.status;
      }
      const theirs = roleBinding(namespace, "theirs", clusterRoleRef("view"), [user("ana")]);
      await admin("POST", bindingsPath(namespace), theirs);
      await until("an administrator may not end it", async () =>
        isRefusedByPolicy(await admin("DELETE", `${bindingsPath(namespace)}/theirs?dryRun=All`)),
      );
      return (await admin("GET", `${bindingsPath(namespace)}/theirs`)).status;
    },
  },
  {
    name: "policies are converted by the walker's webhook",
    edge: "definition-change",
    goal: "guards",
    rules: [rule(CRD, "customresourcedefinitions", "patch", POLICIES)],
    wide: true,
    async walk({ namespace, send }, t) {
      const server = await startLoopbackServer(
        plane,
        conversion((object) => ({ ...object, spec: { ...(object["spec"] as object), block: [] } })),
      );
      t.teardown(() => server.stop());
      const changed = await send("PATCH", `${definitions}/${POLICIES}`, newVersion(server.clientConfig), jsonPatch);
      if (changed.status !== 200) return changed.status;
      const [version = ""] = (changed.body as { spec: { versions: { name: string }[] } }).spec.versions.map(
        (each) => each.name,
      );
      const group = POLICIES.slice(POLICIES.indexOf(".") + 1);
      const path = `/apis/${group}/${version}/namespaces/${namespace}/mirrordpolicies`;
      const spec = { targetPath: "deployment/web", block: ["steal"] };
      const policy = { apiVersion: `${group}/${version}`, kind: "MirrordPolicy", metadata: { name: "guards" }, spec };
      await until("an administrator may write a policy", async () => (await admin("POST", path, policy)).status < 300);
      return await until("it blocks nothing", async () => {
        await admin("PATCH", `${path}/guards`, { metadata: { annotations: { a: `${Math.random()}` } } }, mergePatch);
        const { status, body } = await admin("GET", `${path}/guards`);
        return JSON.stringify(body).includes('"block":[]') && status;
      });
    },
  },
  {
    name: "the account of a GitOps tool makes a grant",
    edge: "impersonation-of-accounts",
    goal: "manage",
    rules: [rule("", "serviceaccounts", "impersonate", "gitops")],
    more: (name, namespace) => [
      ...writesBindings(name, namespace),
      clusterRole(`${name}-manages`, [rule("access.kubectl-mirrord.io", "grants", "manage")]),
      clusterRoleBinding(`${name}-manages`, `${name}-manages`, [serviceAccount("gitops", namespace)]),
    ],
    prepare: (namespace) =>
      admin("POST", `/api/v1/namespaces/${namespace}/serviceaccounts`, {
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: { name: "gitops" },
      }),
    async walk(start) {
      const { send, namespace } = start;
      await isGuarded(start);
      const as = { "Impersonate-User": `system:serviceaccount:${namespace}:gitops` };
      const made = await send("POST", bindingsPath(namespace), forged(namespace), as);
      return made.status === 201 ? 200 : made.status;
    },
  },
];

walkAll(t, world, walks);

t.test("the definition of organizations is guarded itself: no path, and the policy refuses the change", async (t) => {
  const name = "organizations.access.kubectl-mirrord.io";
  const rules = [rule(CRD, "customresourcedefinitions", "patch", name)];
  const start = await world.walker(t, { rules, wide: true, more: writesBindings });
  t.same(await world.paths(start.name), []);
  await isGuarded(start);
  const change = { metadata: { annotations: { changed: "" } } };
  const answer = await until("the policy is in force", async () => {
    const tried = await start.send("PATCH", `${definitions}/${name}?dryRun=All`, change, mergePatch);
    return isRefusedByPolicy(tried) && tried;
  });
  t.match(answer.body, { message: /only an administrator can manage organizations/ });
});
