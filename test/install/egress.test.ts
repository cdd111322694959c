import t from "tap";
import { egress } from "../../lib/install/egress.ts";
import { renderOperator } from "../../lib/install/render.ts";
import type { JsonObject } from "../../lib/json.ts";
import { saysKept } from "../kept-text.ts";

const leaving = (values: JsonObject): string[] =>
  egress(renderOperator(values)).map(({ what, to, leaves }) => `${what}: ${leaves}, to ${to}`);

const key = { license: { keyRef: "licence" } };

const cases: { name: string; values: JsonObject; want: string[] }[] = [
  {
    name: "without further values: licence, analytics, and images from the vendor's registry",
    values: key,
    want: [
      "licence: yes, to the vendor",
      "analytics: yes, to the vendor",
      "cloud: no, to the vendor",
      "logs: no, to nobody",
      "traces: no, to nobody",
      "Jira: no, to nobody",
      "secrets: no, to nobody",
      "image: yes, to ghcr.io/metalbear-co/operator",
      "image: yes, to ghcr.io/metalbear-co/mirrord",
    ],
  },
  {
    name: "all turned off or pointed elsewhere",
    values: {
      license: { pemRef: "licence", licenseServer: "http://licences.example" },
      operator: {
        disableTelemetries: true,
        image: "registry.example:5000/operator",
        otelLogExportUrl: "http://logs.example",
        otelTraceExportUrl: "http://traces.example",
        jiraWebhookUrl: "http://jira.example",
      },
      agent: { image: { registry: "registry.example/mirrord", tag: "1" } },
    },
    want: [
      "licence: yes, to http://licences.example",
      "analytics: no, to the vendor",
      "cloud: no, to the vendor",
      "logs: yes, to http://logs.example",
      "traces: yes, to http://traces.example",
      "Jira: yes, to http://jira.example",
      "secrets: no, to nobody",
      "image: yes, to registry.example:5000/operator",
      "image: yes, to registry.example/mirrord",
    ],
  },
];

for (const { name, values, want } of cases) t.test(name, async (t) => t.same(leaving(values), want));

t.test("a licence file may need nobody; clouds, other clusters and a sidecar are said", async (t) => {
  const found = leaving({
    license: { pemGsmRef: "projects/x" },
    cloud: { apiKey: { keyRef: "cloud" } },
    agent: { image: "registry.example/agent:1" },
    operator: {
      kafkaSplitting: true,
      kafkaSplittingSidecar: { enabled: true },
      multiCluster: { enabled: true, clusters: { a: { server: "https://a.example", authType: "mtls" } } },
    },
  });
  for (const line of [
    "licence: maybe, to the vendor",
    "cloud: yes, to the vendor",
    "secrets: yes, to Google Secret Manager",
    "sessions: yes, to https://a.example",
    "image: yes, to ghcr.io/metalbear-co/operator-kafka-proxy",
    "image: yes, to registry.example/agent",
  ])
    t.ok(found.includes(line), line);
});

t.test("of objects that are no installation nothing is known, and the vendor's defaults are said", async (t) => {
  t.match(egress([]), [
    { what: "licence", leaves: "yes" },
    { what: "analytics", leaves: "yes" },
  ]);
});

const operatorDeployment = (env: object[], image = "r.lan/operator:1") => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "mirrord-operator" },
  spec: { template: { spec: { containers: [{ name: "operator", image, env }] } } },
});
const config = (data: Record<string, string>) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "mirrord-configmap" },
  data,
});
const variables: object[] = [
  ...[
    "OTLP_LOGS_URL",
    "OTLP_TRACES_URL",
    "OPERATOR_JIRA_WEBHOOK_URL",
    "OPERATOR_LICENSE_SERVER",
    "OPERATOR_LICENSE_PATH",
    "OPERATOR_LICENSE_GSM_REF",
    "OPERATOR_LICENSE_KEY_GSM_REF",
    "OPERATOR_CLOUD_API_KEY",
    "OPERATOR_CLOUD_API_KEY_GSM_REF",
  ].flatMap((name) => [
    { name, value: "x" },
    { name, value: "" },
  ]),
  { name: "OTLP_LOGS_URL", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
  { name: "OPERATOR_TELEMETRY_ENABLED", value: "false" },
  { name: "OPERATOR_TELEMETRY_ENABLED", value: "true" },
];
const plainly = egress([operatorDeployment([])]).map((line) => JSON.stringify(line));
for (const variable of variables) {
  const name = JSON.stringify(variable);
  t.test(`what leaves otherwise with ${name}`, async (t) => {
    const lines = egress([operatorDeployment([variable])]).map((line) => JSON.stringify(line));
    saysKept(t, import.meta.filename, name, () => lines.filter((line) => !plainly.includes(line)));
  });
}

t.test("what leaves a plain installation, whole, and of nothing that is installed", async (t) => {
  saysKept(t, import.meta.filename, "plain", () => plainly);
  saysKept(t, import.meta.filename, "nothing", () => egress([]).map((line) => JSON.stringify(line)));
});

t.test("images and clusters are those of every container and of the settings", async (t) => {
  const settings = config({
    "agent-config.yaml": 'image:\n  registry: "r.lan/agent"\n',
    "clusters-config.yaml": 'clusters:\n  - name: "a"\n    server: "https://a"\n  - name: "b"\n    server: https://b\n',
  });
  const other = { ...config({ "agent-config.yaml": "image: wrong" }), kind: "Secret" };
  const objects = [
    other,
    settings,
    operatorDeployment([]),
    operatorDeployment([], ""),
    operatorDeployment([], "r.lan:5/o:1"),
  ];
  const lines = egress(objects).map((line) => JSON.stringify(line));
  saysKept(t, import.meta.filename, "images", () => lines.filter((line) => !plainly.includes(line)));
});

for (const [image, repository] of [
  ["r.lan:5000/o", "r.lan:5000/o"],
  ["r.lan:5000/o:3", "r.lan:5000/o"],
  ["r.lan:5000/o@sha256:0123", "r.lan:5000/o"],
  ["r.lan:5000/o:3@sha256:0123", "r.lan:5000/o"],
  ["o:3", "o"],
]) {
  t.test(`of an image only its repository is told: ${image}`, async (t) => {
    const lines = egress([operatorDeployment([], image)]);
    t.equal(lines.find(({ change }) => change === "operator.image")?.to, repository);
  });
}

const agentImages: [settings: string, image: string][] = [
  ['image: "r.lan/a:1"\n', "r.lan/a"],
  ['image:\n  registry: "r.lan/a"\n  tag: "1"\n', "r.lan/a"],
  ['image:\n  tag: "1"\n', "ghcr.io/metalbear-co/mirrord"],
  [`image:${"\n".repeat(400_000)}`, "ghcr.io/metalbear-co/mirrord"],
  [`image: ${":".repeat(400_000)}/a:1`, `${":".repeat(400_000)}/a`],
];
for (const [settings, image] of agentImages) {
  t.test(`the agents' image of settings that begin ${JSON.stringify(settings.slice(0, 30))}`, async (t) => {
    const lines = egress([config({ "agent-config.yaml": settings }), operatorDeployment([])]);
    t.equal(lines.find(({ change }) => change === "agent.image")?.to, image);
  });
}
