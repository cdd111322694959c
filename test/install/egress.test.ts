import t from "tap";
import { egress } from "../../lib/install/egress.ts";
import { renderOperator } from "../../lib/install/render.ts";
import type { JsonObject } from "../../lib/json.ts";

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
