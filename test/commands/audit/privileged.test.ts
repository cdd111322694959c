import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import type { Cluster } from "../../../lib/kube/cluster.ts";
import { fakeCluster } from "../../preview/fake-cluster.ts";
import { deployment, pod, podSpec } from "../../preview/objects.ts";
import { manifestsCluster } from "../../../lib/kube/manifests/manifests-cluster.ts";
import { sarifFaults } from "../../view/sarif-faults.ts";
import { runAudit, runAuditOn } from "./run.ts";

const schema: object = JSON.parse(
  readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "schema", "audit-privileged.json"), "utf8"),
);
const matches = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);
const wild = { spec: podSpec({ hostPID: true }) };
const objects = [
  deployment("agent", { spec: { template: wild } }),
  {
    ...pod("owned", {}, wild),
    metadata: {
      name: "owned",
      namespace: "qa",
      ownerReferences: [{ apiVersion: "x.io/v1", kind: "Installation", name: "default", uid: "u", controller: true }],
    },
  },
  deployment("web"),
];

t.test("by who answers for it; in some namespaces only", async (t) => {
  const { code, stdout } = await runAudit({ objects }, "privileged");
  t.equal(code, 1);
  t.match(
    stdout,
    /^BY +NAMESPACE +OBJECT +OPTIONS\n<unknown> +dev +deployment\/agent +hostPID\nInstallation\/default +qa +pod\/owned +hostPID\n$/,
  );
  t.notMatch((await runAudit({ objects }, "privileged", "-n", "qa")).stdout, /agent/);
  t.match((await runAudit({ objects }, "privileged", "-o", "wide")).stdout, /spec\.hostPID/);
});

t.test("the JSON form fits its schema", async (t) => {
  const value: object = JSON.parse((await runAudit({ objects }, "privileged", "-o", "json")).stdout);
  t.ok(matches(value), JSON.stringify(matches.errors));
  t.match(value, { complete: true, items: [{ name: "agent" }, { owner: "Installation/default" }] });
});

t.test("nothing is exit code 0, and what may not be listed is 3 unless something is found", async (t) => {
  t.match(await runAudit({ objects: [deployment("web")] }, "privileged"), {
    code: 0,
    stdout: "",
    stderr: /Nothing here/,
  });
  t.match(await runAudit({ objects: [deployment("web")], forbidden: ["pods"] }, "privileged"), {
    code: 3,
    stderr: /you may not list pods: more could be refused/,
  });
  t.equal((await runAudit({ objects, forbidden: ["jobs"] }, "privileged")).code, 1);
});

interface Log {
  runs: {
    invocations?: object[];
    results: { ruleId: string; level: string; message: { text: string }; partialFingerprints: object }[];
  }[];
}

const sarif = async (cluster: Cluster): Promise<Log> => {
  const log: Log = JSON.parse((await runAuditOn(cluster, "privileged", "-o", "sarif")).stdout);
  return log;
};

t.test("SARIF has a result for each place in an object, and the file that it stands in", async (t) => {
  const two = {
    spec: podSpec({ hostPID: true, containers: [{ name: "app", securityContext: { privileged: true } }] }),
  };
  const path = t.testdir({
    "all.yaml": [deployment("web"), deployment("agent", { spec: { template: two } })]
      .map((each) => `---\n${JSON.stringify(each)}\n`)
      .join(""),
  });
  const log = await sarif(manifestsCluster({ paths: [relative(".", path)], warn: () => {} }));
  t.same(sarifFaults(log), []);
  const physicalLocation = {
    artifactLocation: { uri: `${relative(".", path)}/all.yaml`, uriBaseId: "%SRCROOT%" },
    region: { startLine: 4 },
  };
  t.match(log.runs[0]?.results, [
    {
      ruleId: "hostPID",
      level: "error",
      message: { text: /^spec\.hostPID is for administrators alone\. Take it out, / },
      locations: [
        { physicalLocation, logicalLocations: [{ fullyQualifiedName: "Deployment dev/agent spec.hostPID" }] },
      ],
      partialFingerprints: { "finding/v1": "hostPID Deployment dev/agent spec.hostPID" },
    },
    {
      ruleId: "privileged",
      locations: [{ logicalLocations: [{ fullyQualifiedName: "Deployment dev/agent containers[app].privileged" }] }],
    },
  ]);
  t.equal(log.runs[0]?.results.length, 2);
});

t.test("SARIF and Markdown say who answers for it, and what was not looked at", async (t) => {
  const cluster = { objects, forbidden: ["jobs"] };
  const log = await sarif(fakeCluster(cluster));
  t.same(sarifFaults(log), []);
  t.match(log.runs[0], {
    invocations: [
      { executionSuccessful: false, toolExecutionNotifications: [{ message: { text: "you may not list jobs" } }] },
    ],
  });
  t.match(
    log.runs[0]?.results.map(({ message: { text } }) => text),
    [/^spec\.hostPID is for administrators alone\. /, /alone; Installation\/default answers for it\. /],
  );
  t.equal(
    (await runAudit(cluster, "privileged", "-o", "markdown")).stdout,
    [
      "| BY | NAMESPACE | OBJECT | OPTIONS | WHERE |",
      "| --- | --- | --- | --- | --- |",
      "| &lt;unknown> | dev | deployment/agent | hostPID | spec.hostPID |",
      "| Installation/default | qa | pod/owned | hostPID | spec.hostPID |",
      "",
      "Not everything was looked at:",
      "",
      "- you may not list jobs",
      "",
    ].join("\n"),
  );
  t.match(await runAudit({ objects: [deployment("web")] }, "privileged", "-o", "markdown"), {
    code: 0,
    stdout: "Nothing here needs an administrator or an exemption.\n",
  });
});

t.test("names from the cluster cannot steer the terminal, nor a page", async (t) => {
  const name = "ev\u001b[31mil\u202e<script>|";
  for (const format of ["sarif", "markdown"]) {
    const { stdout } = await runAudit(
      { objects: [deployment(name, { spec: { template: wild } })] },
      "privileged",
      "-o",
      format,
    );
    t.ok(stdout.includes("hostPID") && !stdout.includes("\u001b") && !stdout.includes("\u202e"), format);
    if (format === "markdown") t.notMatch(stdout, /<script/);
  }
});
