import { spawnSync } from "node:child_process";
import { join } from "node:path";
import t from "tap";
import { branchingFeatures, splittingFeatures } from "../../lib/install/features.ts";
import { parseDocuments } from "../../lib/yaml.ts";
import { startControlPlane } from "../control-plane/start.ts";

// What install prints, taken by a real API server under strict field validation, through the real kubectl.
const plane = await startControlPlane();
t.teardown(() => plane.stop());

const root = join(import.meta.dirname, "..", "..");

const kubectl = (input: string | undefined, ...words: string[]) =>
  spawnSync(plane.kubectl, ["--kubeconfig", plane.kubeconfig, ...words], {
    encoding: "utf8",
    ...(input === undefined ? {} : { input }),
  });

const switches = [...splittingFeatures, ...branchingFeatures, "previewEnv", "metrics", "applicationPauseAutoSync"];
const nested = ["multiCluster.enabled", "kafkaSplittingSidecar.enabled"];
const switchedOn = [...switches, ...nested].flatMap((name) => ["--set", `operator.${name}=true`]);

const sets: { name: string; words: string[] }[] = [
  { name: "no further values", words: [] },
  {
    name: "every switch on",
    words: [
      ...switchedOn,
      "--set",
      "operator.tolerations[0].operator=Exists",
      "--set",
      "sa.roleArn=arn:x",
      "--role-namespaces",
      "default",
    ],
  },
  { name: "a member of several clusters", words: ["--set", "operator.multiClusterMember=true"] },
];

const versions = (text: string) =>
  (JSON.parse(text) as { items: { kind: string; metadata: { name: string; resourceVersion: string } }[] }).items.map(
    ({ kind, metadata: { name, resourceVersion } }) => `${kind} ${name} ${resourceVersion}`,
  );

for (const { name, words } of sets) {
  t.test(`with ${name}, every object is accepted as it is, and the second time nothing changes`, async (t) => {
    const rendered = spawnSync(
      process.execPath,
      [join(root, "plugins/kubectl-mirrord.ts"), "install", "-o", "yaml", "--license-secret", "licence", ...words],
      // No kubeconfig, and nowhere to find one.
      { encoding: "utf8", env: { PATH: "", HOME: t.testdir({}), KUBECONFIG: join(t.testdirName, "none") } },
    );
    t.match(rendered, { status: 0, stderr: "" });
    const apply = ["apply", "--server-side", "--force-conflicts", "--validate=strict", "-f", "-"];
    const first = kubectl(rendered.stdout, ...apply);
    t.equal(first.status, 0, first.stderr);
    t.notMatch(first.stderr, "Warning", "the API server has nothing to warn about");
    const definitions = parseDocuments(rendered.stdout, { source: "install" })
      .map((object) => object as { kind: string; metadata: { name: string } })
      .filter(({ kind }) => kind === "CustomResourceDefinition")
      .map(({ metadata }) => `crd/${metadata.name}`);
    const established = kubectl(undefined, "wait", "--for=condition=Established", "--timeout=60s", ...definitions);
    t.equal(established.status, 0, established.stderr);
    const read = () => {
      const found = kubectl(rendered.stdout, "get", "-f", "-", "-o", "json");
      t.equal(found.status, 0, found.stderr);
      // The garbage collector and others write status into these by themselves.
      return versions(found.stdout).filter((line) => !/^(Deployment|APIService|CustomResourceDefinition) /.test(line));
    };
    const before = read();
    t.equal(kubectl(rendered.stdout, ...apply).status, 0);
    t.same(read(), before, "zero writes");
  });
}

const objects: { name: string; object: Record<string, unknown>; refused?: RegExp }[] = [
  {
    name: "a branch by its target",
    object: branch({ deployment: "web" }),
    refused: /Unsupported value/,
  },
  {
    name: "two sources of one property",
    object: propertyList({ name: "a", value: "b", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }),
    refused: /must validate one and only one schema \(oneOf\)/,
  },
  {
    name: "one source of a property",
    object: propertyList({ name: "a", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }),
  },
  {
    name: "a port that there is not",
    object: stealConfig(70_000),
    refused: /should be less than or equal to 65535/,
  },
  { name: "a port", object: stealConfig(443) },
];

function branch(target: object): Record<string, unknown> {
  const spec = { id: "b", ttlSecs: 60, connectionSource: { url: { anything: true } }, target };
  return { apiVersion: "dbs.mirrord.metalbear.co/v1alpha1", kind: "PgBranchDatabase", metadata: { name: "b" }, spec };
}

function propertyList(property: object): Record<string, unknown> {
  return {
    apiVersion: "mirrord.metalbear.co/v1",
    kind: "MirrordPropertyList",
    metadata: { name: "p" },
    spec: { properties: [property] },
  };
}

function stealConfig(port: number): Record<string, unknown> {
  const authentication = { certPem: "c", keyPem: "k" };
  const ports = [{ port, agentAsServer: { authentication }, agentAsClient: { verification: {} } }];
  return {
    apiVersion: "mirrord.metalbear.co/v1alpha",
    kind: "MirrordTlsStealConfig",
    metadata: { name: "t" },
    spec: { ports },
  };
}

for (const { name, object, refused } of objects) {
  t.test(`under the definitions, ${name} is ${refused === undefined ? "accepted" : "refused"}`, async (t) => {
    const created = kubectl(JSON.stringify(object), "create", "--validate=strict", "--dry-run=server", "-f", "-");
    if (refused === undefined) t.equal(created.status, 0, created.stderr);
    else t.match(created, { status: 1, stderr: refused });
  });
}
