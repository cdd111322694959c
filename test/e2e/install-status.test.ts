import t from "tap";
import { schemaErrors } from "../commands/install/install-world.ts";
import { until } from "../until.ts";
import { startInstallationPlane } from "./installation.ts";

// What `install status` says of a real control plane's own answers: conditions, stored versions, rights.

const cluster = await startInstallationPlane(t.testdir({}));
t.teardown(() => cluster.stop());
await cluster.install();

interface Document {
  findings: { rule: string; severity: string; message: string; subject: { name: string } }[];
  definitions: { name: string; state: string; lacks: string[]; storedIn: string[] }[];
  unreadable: string[];
}

async function status(as = "admin"): Promise<{ code: number; document: Document }> {
  const { code, stdout, stderr } = await cluster.mirrord(as, "install", "status", "-o", "json");
  if (stdout === "") throw new Error(stderr);
  return { code, document: JSON.parse(stdout) as Document };
}

t.test("what the API server made of the installation is sound, and each definition is ours", async (t) => {
  const { stdout, code } = await cluster.mirrord("admin", "install", "status", "-o", "json");
  t.equal(schemaErrors("install-status.json", stdout), "No errors");
  const { findings, definitions } = JSON.parse(stdout) as Document;
  t.same(findings, []);
  t.equal(code, 0);
  t.same(
    definitions.map(({ state }) => state),
    Array.from({ length: 10 }, () => "same"),
  );
  t.notMatch(stdout, "secret-key");
});

t.test("somebody without rights is told what may not be read, and nothing is called missing for that", async (t) => {
  const { code, document } = await status("jim");
  t.equal(code, 3);
  t.same(document.findings, []);
  const { unreadable } = document;
  t.ok(
    ["apiservices", "clusterroles", "secrets", "mirrordoperators"].every((resource) => unreadable.includes(resource)),
  );
});

t.test("an older definition, and objects that are stored in an old version, are found", async (t) => {
  const name = "mirrordclusterexternalresources.mirrord.metalbear.co";
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`;
  const ours = cluster.rendered().find(({ metadata }) => metadata.name === name);
  const spec = ours?.["spec"] as { versions: { schema: { openAPIV3Schema: object } }[] };
  const [today] = spec.versions;
  const old = { name: "v1alpha0", served: true, storage: false, schema: { openAPIV3Schema: { type: "object" } } };
  const less = { ...today, schema: { openAPIV3Schema: { type: "object", properties: { spec: { type: "object" } } } } };
  const write = (versions: object[]) =>
    cluster.kubectl(JSON.stringify({ ...ours, spec: { ...spec, versions } }), "replace", "-f", "-");
  const replaced = await write([
    { ...old, storage: true },
    { ...less, storage: false },
  ]);
  t.equal(replaced.code, 0, replaced.stderr);
  t.equal((await write([old, less])).code, 0);
  await until("the API server knows both versions", async () => {
    const { body } = await cluster.get(path);
    return (body as { status: { storedVersions: string[] } }).status.storedVersions.length === 2;
  });
  const { code, document } = await status();
  t.equal(code, 0, "neither keeps a session from starting");
  t.match(
    document.findings.map(({ rule, subject }) => `${rule} ${subject.name}`),
    [`definition-older ${name}`, `definition-stored ${name}`],
  );
  t.match(
    document.definitions.find((one) => one.name === name),
    { state: "older", storedIn: ["v1alpha0"] },
  );

  const restored = await write([today ?? {}]);
  t.equal(restored.code, 1, "the API server refuses to drop a version that objects are stored in");
  const patch = JSON.stringify({ status: { storedVersions: ["v1alpha"] } });
  await cluster.kubectl(undefined, "patch", "crd", name, "--subresource=status", "--type=merge", "-p", patch);
  t.equal((await write([today ?? {}])).code, 0);
  t.same((await status()).document.findings, [], "as the fix says");
});

t.test("an APIService that is down is an error, and says what it does to namespaces", async (t) => {
  const patch = (port: number) =>
    cluster.kubectl(
      undefined,
      "patch",
      "apiservice",
      "v1.operator.metalbear.co",
      "--type=merge",
      "-p",
      JSON.stringify({ spec: { service: { port } } }),
    );
  t.equal((await patch(1)).code, 0);
  t.teardown(() => patch(cluster.operator.port));
  await until("the API server notices", async () => {
    const { document } = await status();
    return document.findings.some(({ rule }) => rule === "api-service-down");
  });
  const { code, document } = await status();
  t.equal(code, 1);
  t.match(document.findings[0], {
    severity: "error",
    message: /While it is not, no namespace of the cluster can be deleted/,
  });
});
