import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import t from "tap";
import { isJsonObject, listIn } from "../../lib/json.ts";
import { readManifests } from "../../lib/kube/manifests/folder.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { storedForm } from "../../lib/rbac/write/stored-form.ts";
import { testNamespace } from "../control-plane/namespace.ts";
import { sharedControlPlane } from "../control-plane/start.ts";
import { canonical } from "../rbac/canonical.ts";

// What kubectl sends of a file and the API server stores of it, beside what is read from the same file here.

const plane = await sharedControlPlane();
const kubectl = async (...args: string[]) => {
  const options = ["--kubeconfig", plane.kubeconfig, "--context", "admin"];
  return (await promisify(execFile)(plane.kubectl, [...args, ...options])).stdout;
};

const head = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n";
const role = (name: string) =>
  `${head}metadata: {name: ${name}}\nrules: [{apiGroups: [""], resources: [pods], verbs: [get]}]\n`;
const utf16 = Buffer.from(`\uFEFF${role("a")}---\n${role("b")}`, "utf16le");
const typedList = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "RoleList",
  items: [{ metadata: { name: "a" }, rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] }],
};

const files: Record<string, { file?: string; content: string | Buffer }> = {
  "null in a map of labels": { content: `${head}metadata:\n  name: a\n  labels:\n    x:\n    z: w\nrules: []\n` },
  "null in lists of strings": {
    content: `${head}metadata: {name: a}\nrules: [{apiGroups: [null], resources: [pods, ~], verbs: [get, null], resourceNames: null}]\n`,
  },
  "a list whose items say no kind": { file: "a.json", content: JSON.stringify(typedList) },
  "a byte order mark": { content: `\uFEFF---\n${role("a")}` },
  "a mark in each of two joined files": { content: `\uFEFF${role("a")}---\n\uFEFF${role("b")}` },
  "UTF-16, little end first": { content: utf16 },
  "UTF-16, big end first": { content: Buffer.from(utf16).swap16() },
  "tags that nobody knows, and a binary": {
    content: `${head}metadata: !x {name: !y a, annotations: {a: !local 5, b: !!binary aGk=}}\nrules: !z []\n`,
  },
};

for (const [what, { file = "a.yaml", content }] of Object.entries(files))
  t.test(`${what} is stored as it is read here`, async (t) => {
    const namespace = await testNamespace(plane, t);
    const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-decode-"));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, file);
    writeFileSync(path, content);
    await kubectl("create", "-n", namespace, "-f", path);
    const stored: unknown = JSON.parse(await kubectl("get", "roles", "-n", namespace, "-o", "json"));
    const read = readManifests([path]).flatMap(({ documents }) => documents.flatMap(({ objects }) => objects));
    const real = listIn(isJsonObject(stored) ? stored["items"] : undefined) as KubernetesObject[];
    t.ok(real.length > 0);
    t.same(spoken(real), spoken(read));
  });

function spoken(objects: readonly KubernetesObject[]): string[] {
  return objects.map((object) => {
    const form = storedForm(object);
    if (typeof form === "string") return form;
    const { name, labels, annotations } = form.metadata;
    return canonical({ ...form, metadata: { name, labels, annotations } });
  });
}
