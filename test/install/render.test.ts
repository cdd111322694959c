import t from "tap";
import { renderInstallation, type Installation } from "../../lib/install/render.ts";
import type { JsonObject } from "../../lib/json.ts";
import { isJsonObject, objectIn } from "../../lib/json.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { saysKept } from "../kept-text.ts";

const licensed = { license: { keyRef: "licence" } };

const render = (values: JsonObject): Installation => renderInstallation({ ...licensed, ...values });

const find = ({ objects }: Installation, kind: string, name: string): KubernetesObject | undefined =>
  objects.find((object) => object.kind === kind && object.metadata.name === name);

const names = ({ objects }: Installation, kind: string) =>
  objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name ?? "");

/** `spec.template.spec.containers.0.image`. */
function at(value: unknown, path: string): unknown {
  return path.split(".").reduce((inner: unknown, key) => {
    if (Array.isArray(inner)) return inner[Number(key)];
    return isJsonObject(inner) ? inner[key] : undefined;
  }, value);
}

function environment(values: JsonObject): Record<string, unknown> {
  const list = at(find(render(values), "Deployment", "mirrord-operator"), "spec.template.spec.containers.0.env");
  return Object.fromEntries((list as { name: string; value?: string }[]).map((one) => [one.name, one.value ?? one]));
}

t.test(
  "an installation without further values has seventeen kinds of things, of which ten are definitions",
  async (t) => {
    const { objects, hooks } = renderInstallation({ license: { key: "k" } });
    const count = (kind: string) => objects.filter((object) => object.kind === kind).length;
    t.same(
      {
        all: objects.length,
        definitions: count("CustomResourceDefinition"),
        clusterRoles: count("ClusterRole"),
        roles: count("Role"),
        bindings: count("RoleBinding") + count("ClusterRoleBinding"),
      },
      { all: 27, definitions: 10, clusterRoles: 4, roles: 2, bindings: 3 },
    );
    t.equal(objects[0]?.kind, "Namespace", "the namespace is first");
    t.equal(objects.at(-1)?.kind, "APIService", "what makes the API server call the operator is last");
    t.same(
      hooks.map(({ kind }) => kind),
      ["ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Job"],
    );
  },
);

const variables: { values: JsonObject; want: Record<string, unknown> }[] = [
  {
    values: {},
    want: {
      OPERATOR_ADDR: "[::]:443",
      OPERATOR_TELEMETRY_ENABLED: "true",
      OPERATOR_MAX_SESSION_TIME_SECONDS: undefined,
      OPERATOR_INJECT_SESSION_KEY_HEADER: "true",
      OPERATOR_IMAGE: "ghcr.io/metalbear-co/operator:3.187.0",
    },
  },
  { values: { operator: { disableTelemetries: true } }, want: { OPERATOR_TELEMETRY_ENABLED: "false" } },
  { values: { operator: { injectSessionKeyHeader: false } }, want: { OPERATOR_INJECT_SESSION_KEY_HEADER: undefined } },
  {
    values: { operator: { maxSessionTimeSeconds: 3_600_000 } },
    want: { OPERATOR_MAX_SESSION_TIME_SECONDS: "3600000" },
  },
  { values: { operator: { metrics: true } }, want: { OPERATOR_METRICS_ADDR: "[::]:9000" } },
  { values: { agent: { extraEnv: { B: 1, A: "x" } } }, want: { OPERATOR_AGENT_EXTRA_ENV: '{"A":"x","B":1}' } },
  {
    values: { operator: { extraEnv: { N: 0, HOST: { valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } } } } },
    want: { N: "0", HOST: { name: "HOST", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } } },
  },
  { values: { service: { name: "other" } }, want: { OPERATOR_SERVICE_NAME: "mirrord-operator" } },
  { values: { license: { keyRef: "", gsmRef: "g" } }, want: { OPERATOR_LICENSE_GSM_REF: "g" } },
  { values: { license: { pemRef: "p" } }, want: { OPERATOR_LICENSE_PATH: "/license/license.pem" } },
];

for (const { values, want } of variables) {
  t.test(`the operator's environment with ${JSON.stringify(values)}`, async (t) => {
    const made = environment(values);
    t.same(Object.fromEntries(Object.keys(want).map((name) => [name, made[name]])), want);
  });
}

const fields: { name: string; values: JsonObject; object: [string, string]; path: string; want: unknown }[] = [
  {
    name: "a low port needs no root",
    values: {},
    object: ["Deployment", "mirrord-operator"],
    path: "spec.template.spec.securityContext.sysctls.0.value",
    want: "443",
  },
  {
    name: "a high port needs no sysctl",
    values: { operator: { port: 8443 } },
    object: ["Deployment", "mirrord-operator"],
    path: "spec.template.spec.securityContext.sysctls",
    want: undefined,
  },
  {
    name: "the APIService follows the port and the Service's name",
    values: { operator: { port: 8443 }, service: { name: "other" }, namespace: "m1" },
    object: ["APIService", "v1.operator.metalbear.co"],
    path: "spec.service",
    want: { name: "other", namespace: "m1", port: 8443 },
  },
  {
    name: "labels of the user roles are added to the common ones",
    values: { clusterRole: { "mirrord-operator-user": { labels: { team: "a" } } }, operator: { labels: { all: "b" } } },
    object: ["ClusterRole", "mirrord-operator-user"],
    path: "metadata.labels.team",
    want: "a",
  },
  {
    name: "the operator of several clusters may renew their credentials",
    values: { operator: { multiCluster: { enabled: true } } },
    object: ["Role", "mirrord-operator"],
    path: "rules.0.verbs",
    want: ["get", "list", "watch", "patch", "update"],
  },
  {
    name: "cert-manager's certificate is for all names of the Service",
    values: { tls: { certManager: { enabled: true } }, namespace: "m1" },
    object: ["Certificate", "mirrord-operator-tls"],
    path: "spec.dnsNames",
    want: ["mirrord-operator.m1.svc", "mirrord-operator.m1", "mirrord-operator"],
  },
  {
    name: "agents on OpenShift may run where agent.extraConfig puts them",
    values: { openshift: true, agent: { extraConfig: { namespace: "agents", service_account: "runner" } } },
    object: ["SecurityContextConstraints", "scc-mirrord"],
    path: "users.1",
    want: "system:serviceaccount:agents:runner",
  },
  {
    name: "objects of the user are filled in",
    values: {
      namespace: "m1",
      extraObjects: [
        {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "{{ .Release.Name }}-x", namespace: "{{.Values.namespace}}" },
        },
      ],
    },
    object: ["ConfigMap", "mirrord-operator-x"],
    path: "metadata.namespace",
    want: "m1",
  },
];

for (const { name, values, object, path, want } of fields) {
  t.test(name, async (t) => {
    const found = find(render(values), ...object);
    t.ok(found, object.join(" "));
    t.same(at(found, path), want);
  });
}

t.test("settings of agents are the text that Helm writes", async (t) => {
  const settings = (values: JsonObject) => {
    const data = find(render(values), "ConfigMap", "mirrord-configmap")?.["data"];
    return isJsonObject(data) ? data["agent-config.yaml"] : undefined;
  };
  t.equal(settings({}), 'inject_headers: true\npriority_class: "mirrord-agent-pod"');
  t.equal(
    settings({ agent: { injectHeaders: false } }),
    'inject_headers: true\npriority_class: "mirrord-agent-pod"',
    "the chart does not read this one",
  );
  t.equal(
    settings({ agent: { image: { registry: "r/a", tag: "1" }, extraConfig: { ttl: 10, labels: { one: "1" } } } }),
    'image:\n  registry: "r/a"\n  tag: "1"\ninject_headers: true\npriority_class: "mirrord-agent-pod"\nlabels:\n  one: "1"\nttl: 10',
  );
});

t.test("line feeds at the end of settings go, and very many within them stay", async (t) => {
  const text = `${"\n".repeat(400_000)}x`;
  const data = find(render({ agent: { extraConfig: { a: text } } }), "ConfigMap", "mirrord-configmap")?.["data"];
  const settings = String(objectIn(data)["agent-config.yaml"]);
  t.equal(settings.split("\n").length > 400_000, true);
  t.match(settings.slice(-3), /x$/);
});

t.test("switches bring their definitions and rights, and only those", async (t) => {
  const rights = (values: JsonObject) =>
    JSON.stringify(find(render(values), "ClusterRole", "mirrord-operator")?.["rules"]).includes('"secrets"');
  t.notOk(rights({}), "no Secrets of others");
  t.ok(rights({ operator: { pgBranching: true } }));
  t.notOk(rights({ operator: { pgBranching: true, dbBranchingLiteralCredentials: false } }));
  const more = names(render({ operator: { kafkaSplitting: true } }), "CustomResourceDefinition").filter(
    (name) => !names(render({}), "CustomResourceDefinition").includes(name),
  );
  t.same(more.toSorted(), [
    "mirrordclustersplitsessions.queues.mirrord.metalbear.co",
    "mirrordkafkaclientconfigs.queues.mirrord.metalbear.co",
    "mirrordkafkaephemeraltopics.queues.mirrord.metalbear.co",
    "mirrordkafkatopicsconsumers.queues.mirrord.metalbear.co",
    "mirrordpropertylists.mirrord.metalbear.co",
    "mirrordsplitconfigs.queues.mirrord.metalbear.co",
  ]);
  const userRules = (values: JsonObject) =>
    JSON.stringify(find(render(values), "ClusterRole", "mirrord-operator-user")?.["rules"]);
  t.notMatch(userRules({ operator: { genericBranching: true } }), "branchdatabases", "the chart forgets this one");
});

t.test("a member is reached by its account, or by the groups of clouds", async (t) => {
  const bindings = (more: JsonObject) =>
    names(render({ operator: { multiClusterMember: true, ...more } }), "ClusterRoleBinding");
  t.same(bindings({}), ["mirrord-operator", "mirrord-operator-envoy", "mirrord-operator-envoy-remote"]);
  t.same(bindings({ multiClusterMemberIamGroup: "g" }), [
    "mirrord-operator",
    "mirrord-operator-envoy-iam",
    "mirrord-operator-envoy-remote-iam",
  ]);
  t.same(names(render({ operator: { multiClusterMemberIamGroup: "g" } }), "ClusterRoleBinding"), ["mirrord-operator"]);
});

t.test("credentials of other clusters are in Secrets, and nowhere else", async (t) => {
  const clusters = { c1: { authType: "bearerToken", server: "https://c1", bearerToken: "s3cret" } };
  const made = render({ operator: { multiCluster: { enabled: true, clusters } } });
  const holding = made.objects.filter((object) => JSON.stringify(object).includes("s3cret"));
  t.same(
    holding.map(({ kind, metadata }) => [kind, metadata.name]),
    [["Secret", "mirrord-cluster-c1"]],
  );
});

const refused: { values: JsonObject; message: RegExp }[] = [
  { values: { license: {} }, message: /there is no licence and no cloud API key/ },
  {
    values: { license: { key: "a", keyRef: "b" } },
    message: /only one of license\.key, .* license\.key and license\.keyRef are/,
  },
  { values: { license: { pemRef: "a", gsmRef: "b" } }, message: /only one of license\.pemGsmRef/ },
  { values: { license: { gsmRef: "a", pemGsmRef: "b" } }, message: /the same by two names/ },
  { values: { cloud: { apiKey: { key: "a", gsmRef: "b" } } }, message: /only one of cloud\.apiKey\.key/ },
  {
    values: { operator: { kafkaSpliting: true } },
    message: /no value operator\.kafkaSpliting; did you mean operator\.kafkaSplitting\?/,
  },
  { values: { imageTag: "1" }, message: /no value imageTag; did you mean operator\.imageTag\?/ },
  { values: { operator: { port: "443" } }, message: /operator\.port is a text, and has to be a whole number/ },
  { values: { operator: [] }, message: /operator is a list, and has to be an object/ },
  { values: { sa: { create: "false" } }, message: /sa\.create is a text, and has to be true or false/ },
  {
    values: { operator: { podLabels: { a: 1 } } },
    message: /operator\.podLabels is an object, and has to be an object of texts/,
  },
  {
    values: { extraObjects: [{ apiVersion: "v1", kind: "X", metadata: { name: '{{ include "x" . }}' } }] },
    message: /cannot fill in \{\{ include/,
  },
  {
    values: { extraObjects: [{ apiVersion: "v1", kind: "X", metadata: { name: "{{ .Values.nix }}" } }] },
    message: /is not set/,
  },
  { values: { extraObjects: ["x"] }, message: /extraObjects\[0\] is not an object/ },
  ...["apiVersion", "kind", "metadata"].map((field) => ({
    values: { extraObjects: [{ apiVersion: "v1", kind: "X", metadata: { name: "x" }, [field]: null }] },
    message: /extraObjects\[0\] needs apiVersion, kind and metadata/,
  })),
  {
    values: { tls: { certManager: { enabled: true, issuer: { name: "x" } } } },
    message: /has to be a text where cert-manager is used/,
  },
];

for (const { values, message } of refused) {
  t.test(`${JSON.stringify(values)} is refused`, async (t) => {
    t.throws(() => renderInstallation({ ...licensed, ...values }), { kind: "usage", message });
    saysKept(t, import.meta.filename, JSON.stringify(values), () => renderInstallation({ ...licensed, ...values }));
  });
}

t.test("null takes a value back, and a key of an object of texts", async (t) => {
  t.equal(environment({ operator: { extraEnv: null } })["OPERATOR_PREVIEW_ENV"], "false");
  const labels = find(render({ operator: { labels: { a: null, b: "c" } } }), "ConfigMap", "mirrord-configmap")?.metadata
    .labels;
  t.match(labels, { b: "c" });
  t.notOk(labels !== undefined && "a" in labels);
});

const multiCluster = (more: JsonObject) => ({ operator: { multiCluster: { enabled: true }, ...more } });
const bindings = (values: JsonObject) =>
  render(values)
    .objects.filter(({ kind, metadata }) => kind === "ClusterRoleBinding" && metadata.name?.includes("envoy"))
    .map((object) => `${object.metadata.name} ${String(at(object, "subjects.0.name"))}`);

t.test("groups of a cloud are bound in place of an account, on the primary as well", async (t) => {
  t.same(bindings(multiCluster({})), ["mirrord-operator-envoy mirrord-operator"]);
  const groups = { multiClusterMemberIamGroup: "iam", multiClusterMemberAzureGroup: "azure" };
  const want = ["envoy-iam iam", "envoy-remote-iam iam", "envoy-azure azure", "envoy-remote-azure azure"];
  const named = want.map((each) => `mirrord-operator-${each}`);
  t.same(bindings(multiCluster(groups)), named);
  t.same(bindings({ operator: { ...groups, multiClusterMember: true } }), named);
  t.same(bindings({ operator: groups }), [], "of a cluster that is neither, nothing");
});

const settingsText = (values: JsonObject, file = "agent-config.yaml"): unknown =>
  objectIn(find(render(values), "ConfigMap", "mirrord-configmap")?.["data"])[file];

t.test("the settings of agents, in the order in which the chart writes them", async (t) => {
  t.equal(
    settingsText({
      agent: { image: { registry: "r.lan/agent", tag: 3.1 } },
      operator: { imagePullSecrets: [{ name: "a" }, { name: "b" }] },
    }),
    'image:\n  registry: "r.lan/agent"\n  tag: "3.1"\ninject_headers: true\npriority_class: "mirrord-agent-pod"\nimage_pull_secrets:\n- name: a\n- name: b',
  );
  const named = { agent: { extraConfig: { priority_class_name: "mine" } } };
  t.equal(settingsText(named), "inject_headers: true\npriority_class_name: mine");
  t.same(names(render(named), "PriorityClass"), []);
});

const agents: { name: string; values: JsonObject }[] = [
  { name: "an image by its name", values: { agent: { image: "r.lan/agent:1" } } },
  { name: "an image without a name", values: { agent: { image: "" } } },
  { name: "an image of which nothing is said", values: { agent: { image: {} } } },
  { name: "an image of which only the tag is said", values: { agent: { image: { tag: "1" } } } },
  { name: "headers that are not to be injected", values: { agent: { extraConfig: { inject_headers: false } } } },
  { name: "a class of priority that is not made", values: { agent: { priorityClass: { create: false } } } },
  { name: "a class of priority that is there", values: { agent: { priorityClass: { create: false, name: "a" } } } },
  { name: "a class of priority that is made by another name", values: { agent: { priorityClass: { name: "a" } } } },
  {
    name: "a class of priority in both places",
    values: { agent: { priorityClass: { name: "a" }, extraConfig: { priority_class_name: "b" } } },
  },
];
for (const { name, values } of agents) {
  t.test(`the settings of agents: ${name}`, async (t) => {
    const classes = names(render(values), "PriorityClass");
    saysKept(t, import.meta.filename, name, () => ({ settings: settingsText(values), classes }));
  });
}

const clusterSettings: { name: string; multiCluster: JsonObject }[] = [
  { name: "nothing is said", multiCluster: {} },
  { name: "times of nothing", multiCluster: { remoteSessionTimeoutSecs: 0, sessionTtlSecs: 0, clusterName: "" } },
  {
    name: "two, in the order of their names",
    multiCluster: {
      managementOnly: true,
      defaultCluster: "b",
      clusters: {
        b: { server: "https://b", authType: "eks", region: "eu", isDefault: true, namespace: 1 },
        a: { server: "https://a", authType: "eks", region: "us", isDefault: false },
      },
    },
  },
];
for (const { name, multiCluster: more } of clusterSettings) {
  t.test(`the settings of several clusters: ${name}`, async (t) => {
    const values = { operator: { multiCluster: { enabled: true, ...more } } };
    const said = () =>
      ["multicluster-config.yaml", "clusters-config.yaml"].map((file) => settingsText(values, file) ?? null);
    saysKept(t, import.meta.filename, `clusters: ${name}`, said);
  });
}

t.test("settings of branches and clusters are written where they are switched on", async (t) => {
  const branches = (values: JsonObject) =>
    ["pg", "mysql", "mongodb"].map((name) => settingsText({ operator: values }, `${name}-branch-config.yaml`));
  const pgBranchConfig = { image: "pg:1" };
  t.same(branches({}), ["", "", ""]);
  t.same(branches({ pgBranchConfig }), ["", "", ""]);
  t.same(branches({ pgBranching: true }), ["", "", ""]);
  t.same(branches({ pgBranching: true, pgBranchConfig }), ["image: pg:1", "", ""]);
  const clusters = { a: { server: "https://a" } };
  for (const file of ["multicluster-config.yaml", "clusters-config.yaml"])
    t.equal(settingsText({ operator: { multiCluster: { clusters } } }, file), undefined);
});

t.test("the sidecar for Kafka comes with the splitting of Kafka", async (t) => {
  const containers = (values: JsonObject) =>
    at(find(render(values), "Deployment", "mirrord-operator"), "spec.template.spec.containers") as unknown[];
  const kafkaSplittingSidecar = { enabled: true };
  t.equal(containers({ operator: { kafkaSplittingSidecar } }).length, 1);
  t.equal(containers({ operator: { kafkaSplittingSidecar, kafkaSplitting: true } }).length, 2);
});

t.test("null takes back a switch, a number, and all that is within a group", async (t) => {
  const deployment = (values: JsonObject) => find(render(values), "Deployment", "mirrord-operator");
  const nulls = { operator: { isolatePodsRestart: null, replicas: null, limits: null, preview: null } };
  t.equal(environment(nulls)["OPERATOR_ISOLATE_PODS_RESTART"], "false");
  t.equal(at(deployment(nulls), "spec.replicas"), undefined, "and not 0");
  t.strictSame(at(deployment(nulls), "spec.template.spec.containers.0.resources.limits"), {});
  const ttl = multiCluster({ multiCluster: { enabled: true, sessionTtlSecs: null, remoteSessionTimeoutSecs: 0 } });
  t.match(String(settingsText(ttl, "multicluster-config.yaml")), /remoteSessionTimeoutSecs: 300\nsessionTtlSecs: 60$/);
});

t.test(
  "clusters are written whole: numbers as texts, half a certificate not at all, and none without authType",
  async (t) => {
    const clusters = (cluster: JsonObject) => ({
      operator: { multiCluster: { enabled: true, clusters: { c: cluster } } },
    });
    const cluster = { authType: "aks", server: "https://c", tenantId: 7, isDefault: true, namespace: "ops" };
    t.equal(
      settingsText(clusters(cluster), "clusters-config.yaml"),
      'clusters:\n  - name: "c"\n    server: "https://c"\n    namespace: "ops"\n    isDefault: true\n    authType: "aks"\n    tenantId: "7"',
    );
    const secrets = (more: JsonObject) => names(render(clusters({ ...cluster, ...more })), "Secret");
    t.same(secrets({ tlsCrt: "a" }), []);
    t.same(secrets({ tlsCrt: "a", tlsKey: "b" }), ["mirrord-cluster-c"]);
    t.same(secrets({ bearerToken: "a" }), ["mirrord-cluster-c"]);
    t.throws(() => render(clusters({ server: "https://c" })), /clusters\.c says no authType/);
  },
);

t.test("variables of agents are JSON as Go writes it", async (t) => {
  const extraEnv = { B: { valueFrom: { secretKeyRef: { name: "n", key: "k" } } }, A: "<a>&b" };
  t.equal(
    environment({ agent: { extraEnv } })["OPERATOR_AGENT_EXTRA_ENV"],
    String.raw`{"A":"\u003ca\u003e\u0026b","B":{"valueFrom":{"secretKeyRef":{"key":"k","name":"n"}}}}`,
  );
});

t.test("an image is pulled where it is not there, unless something else is said", async (t) => {
  const policy = (operator: JsonObject) =>
    at(find(render({ operator }), "Deployment", "mirrord-operator"), "spec.template.spec.containers.0.imagePullPolicy");
  t.equal(policy({ imagePullPolicy: "" }), "IfNotPresent");
  t.equal(policy({ imagePullPolicy: "Always" }), "Always");
});

t.test("what is run before an uninstallation is run once, as an account of its own", async (t) => {
  const job = render({}).hooks.find(({ kind }) => kind === "Job");
  t.match(at(job, "spec.template.spec"), { restartPolicy: "Never", serviceAccountName: "mirrord-hooks" });
});

t.test("clusters are written only where some are named", async (t) => {
  const files = (clusters: JsonObject) => {
    const several = { enabled: true, clusterName: "p", clusters };
    return Object.keys(
      objectIn(find(render({ operator: { multiCluster: several } }), "ConfigMap", "mirrord-configmap")?.["data"]),
    );
  };
  t.notOk(files({}).includes("clusters-config.yaml"));
  t.ok(files({}).includes("multicluster-config.yaml"));
  t.ok(files({ eu: { server: "https://eu", region: "r", authType: "eks" } }).includes("clusters-config.yaml"));
});
