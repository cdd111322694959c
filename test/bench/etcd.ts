// Objects put into the etcd of a test's control plane, as the API server would store them: hundreds of times as fast as by its API, for
// clusters that only have to be read.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { ControlPlane } from "../control-plane/start.ts";

/** What etcd takes in one transaction. */
const AT_ONCE = 100;

const folders: Readonly<Record<string, string>> = {
  Namespace: "namespaces",
  ClusterRole: "clusterroles",
  ClusterRoleBinding: "clusterrolebindings",
  Role: "roles",
  RoleBinding: "rolebindings",
};

/** With what the API server adds to an object that is made; a uid that is given stays. */
export function asStored(object: KubernetesObject): KubernetesObject {
  const { name = "", labels, ...metadata } = object.metadata;
  const own = object.kind === "Namespace" ? { "kubernetes.io/metadata.name": name } : {};
  return {
    ...object,
    metadata: {
      uid: randomUUID(),
      creationTimestamp: "2026-01-01T00:00:00Z",
      ...metadata,
      name,
      ...(labels === undefined && object.kind !== "Namespace" ? {} : { labels: { ...labels, ...own } }),
      managedFields: [managed(object)],
    },
    ...(object.kind === "Namespace" ? { spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } } : {}),
  };
}

/** Makes lists as long as those of a real cluster. */
const managed = ({ apiVersion, kind }: KubernetesObject) => ({
  manager: "kubectl-mirrord",
  operation: "Apply",
  apiVersion,
  time: "2026-01-01T00:00:00Z",
  fieldsType: "FieldsV1",
  fieldsV1: {
    "f:metadata": { "f:labels": {} },
    ...(kind.endsWith("Binding") ? { "f:roleRef": {}, "f:subjects": {} } : {}),
  },
});

/** Namespaces and objects of RBAC; throws for others. */
export async function putIntoEtcd(plane: ControlPlane, objects: readonly KubernetesObject[]): Promise<void> {
  const pid = readFileSync(join(dirname(plane.kubeconfig), "kube-apiserver.pid"), "utf8");
  const flag = "--etcd-servers=";
  const address = readFileSync(`/proc/${pid}/cmdline`, "utf8")
    .split("\0")
    .find((word) => word.startsWith(flag));
  if (address === undefined) throw new Error("the API server does not say where its etcd is");
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  for (let at = 0; at < objects.length; at += AT_ONCE) {
    const success = objects.slice(at, at + AT_ONCE).map((object) => ({
      requestPut: { key: base64(etcdKey(object)), value: base64(JSON.stringify(object)) },
    }));
    const body = JSON.stringify({ success });
    const answer = await fetch(`${address.slice(flag.length)}/v3/kv/txn`, { method: "POST", body });
    if (!answer.ok) throw new Error(`etcd answered ${answer.status}: ${await answer.text()}`);
    await answer.text();
  }
}

/** Where the API server keeps it. */
function etcdKey({ kind, metadata: { namespace, name = "" } }: KubernetesObject): string {
  const folder = folders[kind];
  if (folder === undefined) throw new Error(`not an object that can be put into etcd: ${kind}`);
  return ["/registry", folder, ...(namespace === undefined ? [] : [namespace]), name].join("/");
}
