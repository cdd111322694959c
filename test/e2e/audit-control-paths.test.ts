// Paths by deciding what others may do, or what the API server believes: walked on a real API server, each step by whoever it is
// about. Without any one of its rights there is no path, and the same walk is refused.
import t from "tap";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { clusterRole, clusterRoleBinding, group, role, roleBinding, roleRef, rule, user } from "../rbac/objects.ts";
import { until } from "../until.ts";
import { admission, startLoopbackServer } from "./loopback-server.ts";
import { ACCOUNT, jsonPatch, pathWorld, walkAll, type Token, type Walk, type Walker } from "./path-world.ts";

const plane = await startControlPlane({ auditLog: false });
const world = await pathWorld(plane);
t.teardown(async () => {
  world.close();
  await plane.stop();
});
const { admin, readsNodes } = world;

const RBAC = "rbac.authorization.k8s.io";
const ADMISSION = "admissionregistration.k8s.io";
const roles = `/apis/${RBAC}/v1`;
const admissions = `/apis/${ADMISSION}/v1`;
const everything = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };

/** Reads as an administrator, once what was written counts. */
const isAdministrator = ({ send }: Pick<Walker, "send">) =>
  until("the walker is an administrator", async () => {
    const { status } = await send("GET", "/api/v1/nodes");
    return status === 200 && status;
  });

/** Whoever may make tokens in the namespace is its account. */
async function becomesAccount({ send, namespace }: Walker): Promise<number> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${ACCOUNT}/token`;
  const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
  return await readsNodes(
    await until(
      "what was written counts",
      async () => ((await send("POST", path, request)).body as Token).status?.token,
    ),
  );
}

/** What an administrator writes meanwhile, for whom nothing is known of the walker. */
const innocent = (name: string): KubernetesObject => {
  const binding = clusterRoleBinding(`${name}-walk`, "cluster-admin", [group("operations")]);
  return { ...binding, metadata: { ...binding.metadata, labels: { [name]: "" } } };
};

/** The walker is among the subjects of what an administrator wrote. */
async function isWrittenIn(start: Walker): Promise<number> {
  const path = `${roles}/clusterrolebindings`;
  await until("what is written is changed", async () => {
    const tried = await admin("POST", `${path}?dryRun=All`, innocent(start.name));
    return JSON.stringify(tried.body).includes(`"name":"${start.name}"`);
  });
  const made = await admin("POST", path, innocent(start.name));
  return made.status === 201 ? await isAdministrator(start) : made.status;
}

const onBindings = (name: string) => ({
  objectSelector: { matchLabels: { [name]: "" } },
  rules: [{ apiGroups: [RBAC], apiVersions: ["v1"], operations: ["CREATE"], resources: ["clusterrolebindings"] }],
});

const webhook = (clientConfig: object) => ({
  name: "walk.example.com",
  clientConfig,
  sideEffects: "None",
  admissionReviewVersions: ["v1"],
  failurePolicy: "Ignore",
});

const mutatingWebhook = async ({ name }: Walker, t: Parameters<Walk["walk"]>[1]) => {
  const server = await startLoopbackServer(
    plane,
    admission(() => [{ op: "add", path: "/subjects/-", value: user(name) }]),
  );
  t.teardown(() => server.stop());
  return {
    apiVersion: `${ADMISSION}/v1`,
    kind: "MutatingWebhookConfiguration",
    metadata: { name },
    webhooks: [{ ...webhook(server.clientConfig), ...onBindings(name) }],
  };
};

const mutatingPolicy = (name: string) => ({
  apiVersion: `${ADMISSION}/v1`,
  kind: "MutatingAdmissionPolicy",
  metadata: { name },
  spec: {
    matchConstraints: { objectSelector: onBindings(name).objectSelector, resourceRules: onBindings(name).rules },
    failurePolicy: "Ignore",
    reinvocationPolicy: "Never",
    mutations: [
      {
        patchType: "JSONPatch",
        jsonPatch: {
          expression: `[JSONPatch{op: "add", path: "/subjects/-", value: Object.subjects{kind: "User", apiGroup: "${RBAC}", name: "${name}"}}]`,
        },
      },
    ],
  },
});

const policyBinding = (name: string) => ({
  apiVersion: `${ADMISSION}/v1`,
  kind: "MutatingAdmissionPolicyBinding",
  metadata: { name },
  spec: { policyName: name },
});

const removed = (t: Parameters<Walk["walk"]>[1], ...paths: string[]) =>
  t.teardown(() => Promise.all(paths.map((path) => admin("DELETE", path))));

const walks: Walk[] = [
  {
    name: "somebody is added to a binding of cluster-admin that is there",
    edge: "bind",
    rules: [rule(RBAC, "clusterroles", "bind", "cluster-admin"), rule(RBAC, "clusterrolebindings", "patch")],
    wide: true,
    async walk(start) {
      const { name } = start;
      await admin(
        "POST",
        `${roles}/clusterrolebindings`,
        clusterRoleBinding(`${name}-walk`, "cluster-admin", [group("operations")]),
      );
      const made = await start.send(
        "PATCH",
        `${roles}/clusterrolebindings/${name}-walk`,
        [{ op: "add", path: "/subjects/-", value: user(name) }],
        jsonPatch,
      );
      return made.status === 200 ? await isAdministrator(start) : made.status;
    },
  },
  {
    name: "a Role that is there is bound, which is enough for an account",
    edge: "bind",
    rules: [rule(RBAC, "roles", "bind"), rule(RBAC, "rolebindings", "create")],
    more: (_, namespace) => [role(namespace, "tokens", [rule("", "serviceaccounts/token", "create")])],
    async walk(start) {
      const { name, namespace } = start;
      const made = await start.send(
        "POST",
        `${roles}/namespaces/${namespace}/rolebindings`,
        roleBinding(namespace, "walk", roleRef("tokens"), [user(name)]),
      );
      return made.status === 201 ? await becomesAccount(start) : made.status;
    },
  },
  {
    name: "any rule is written into a Role of one's own",
    edge: "escalate",
    rules: [rule(RBAC, "roles", "escalate"), rule(RBAC, "roles", "patch")],
    async walk(start) {
      const path = `${roles}/namespaces/${start.namespace}/roles/${start.role}`;
      const made = await start.send("PATCH", path, [{ op: "add", path: "/rules/-", value: everything }], jsonPatch);
      return made.status === 200 ? await becomesAccount(start) : made.status;
    },
  },
  {
    name: "a role under the one name that may be written is aggregated into the walker's own",
    edge: "escalate",
    rules: [],
    wide: true,
    more: (name) => [
      clusterRole(`${name}-all`, [], {
        aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [`${name}/aggregate`]: "true" } }] },
      }),
      clusterRoleBinding(`${name}-all`, `${name}-all`, [user(name)]),
      clusterRole(`${name}-part`, []),
      clusterRole(`${name}-writer`, [
        rule(RBAC, "clusterroles", "escalate", `${name}-part`),
        rule(RBAC, "clusterroles", "patch", `${name}-part`),
      ]),
      clusterRoleBinding(`${name}-writer`, `${name}-writer`, [user(name)]),
    ],
    async walk(start) {
      const { name } = start;
      const changes = [
        { op: "add", path: "/metadata/labels", value: { [`${name}/aggregate`]: "true" } },
        { op: "add", path: "/rules", value: [everything] },
      ];
      const made = await start.send("PATCH", `${roles}/clusterroles/${name}-part`, changes, jsonPatch);
      return made.status === 200 ? await isAdministrator(start) : made.status;
    },
  },
  {
    name: "a mutating webhook changes whom an administrator binds",
    edge: "mutating-admission",
    rules: [rule(ADMISSION, "mutatingwebhookconfigurations", "create")],
    wide: true,
    async walk(start, t) {
      const path = `${admissions}/mutatingwebhookconfigurations`;
      removed(t, `${path}/${start.name}`);
      const made = await start.send("POST", path, await mutatingWebhook(start, t));
      return made.status === 201 ? await isWrittenIn(start) : made.status;
    },
  },
  {
    name: "a mutating webhook that is there is led elsewhere",
    edge: "mutating-admission",
    rules: [rule(ADMISSION, "mutatingwebhookconfigurations", "patch")],
    wide: true,
    async walk(start, t) {
      const path = `${admissions}/mutatingwebhookconfigurations`;
      removed(t, `${path}/${start.name}`);
      const theirs = await startLoopbackServer(
        plane,
        admission(() => []),
      );
      t.teardown(() => theirs.stop());
      const config = await mutatingWebhook(start, t);
      const [own] = config.webhooks;
      await admin("POST", path, { ...config, webhooks: [{ ...own, clientConfig: theirs.clientConfig }] });
      const change = [{ op: "replace", path: "/webhooks/0/clientConfig", value: own?.clientConfig }];
      const made = await start.send("PATCH", `${path}/${start.name}`, change, jsonPatch);
      return made.status === 200 ? await isWrittenIn(start) : made.status;
    },
  },
  {
    name: "a mutating policy changes whom an administrator binds",
    edge: "mutating-admission",
    rules: [
      rule(ADMISSION, "mutatingadmissionpolicies", "create"),
      rule(ADMISSION, "mutatingadmissionpolicybindings", "create"),
    ],
    wide: true,
    async walk(start, t) {
      const { name, send } = start;
      const policies = `${admissions}/mutatingadmissionpolicies`;
      const bindings = `${admissions}/mutatingadmissionpolicybindings`;
      removed(t, `${policies}/${name}`, `${bindings}/${name}`);
      const made = await send("POST", policies, mutatingPolicy(name));
      if (made.status !== 201) return made.status;
      const bound = await send("POST", bindings, policyBinding(name));
      return bound.status === 201 ? await isWrittenIn(start) : bound.status;
    },
  },
  {
    name: "a mutating policy that is bound is changed",
    edge: "mutating-admission",
    rules: [rule(ADMISSION, "mutatingadmissionpolicies", "patch")],
    wide: true,
    async walk(start, t) {
      const { name, send } = start;
      const policies = `${admissions}/mutatingadmissionpolicies`;
      const bindings = `${admissions}/mutatingadmissionpolicybindings`;
      removed(t, `${policies}/${name}`, `${bindings}/${name}`);
      const policy = mutatingPolicy("nobody");
      const { mutations } = mutatingPolicy(name).spec;
      await admin("POST", policies, {
        ...policy,
        metadata: { name },
        spec: { ...policy.spec, matchConstraints: mutatingPolicy(name).spec.matchConstraints },
      });
      await admin("POST", bindings, policyBinding(name));
      const made = await send(
        "PATCH",
        `${policies}/${name}`,
        [{ op: "replace", path: "/spec/mutations", value: mutations }],
        jsonPatch,
      );
      return made.status === 200 ? await isWrittenIn(start) : made.status;
    },
  },
  {
    name: "a validating webhook is sent the token that is written into a Secret",
    edge: "validating-webhook",
    rules: [rule(ADMISSION, "validatingwebhookconfigurations", "create")],
    wide: true,
    async walk({ name, namespace, send }, t) {
      const path = `${admissions}/validatingwebhookconfigurations`;
      removed(t, `${path}/${name}`);
      const tokens: string[] = [];
      const server = await startLoopbackServer(
        plane,
        admission(({ object }) => {
          const { token } = (object?.["data"] ?? {}) as { token?: string };
          if (token !== undefined) tokens.push(Buffer.from(token, "base64").toString());
          return [];
        }),
      );
      t.teardown(() => server.stop());
      const hook = {
        ...webhook(server.clientConfig),
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["secrets"] }],
      };
      const made = await send("POST", path, {
        apiVersion: `${ADMISSION}/v1`,
        kind: "ValidatingWebhookConfiguration",
        metadata: { name },
        webhooks: [hook],
      });
      if (made.status !== 201) return made.status;
      const secrets = `/api/v1/namespaces/${namespace}/secrets`;
      const annotations = { "kubernetes.io/service-account.name": ACCOUNT };
      const secret = {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "theirs", annotations },
        type: "kubernetes.io/service-account-token",
      };
      await until("the webhook is called", async () => {
        await admin("POST", `${secrets}?dryRun=All`, secret);
        return server.received.length > 0;
      });
      await admin("POST", secrets, secret);
      return await readsNodes(await until("the token is seen", () => tokens[0]));
    },
  },
];

walkAll(t, world, walks);
