import { readFileSync } from "node:fs";
import { listAt, objectAt, textAt } from "./json.ts";
import { connectKube } from "./kube.ts";
import type { Kube, KubeAnswer, KubeOptions } from "./kube.ts";
import { versionPath } from "./path.ts";
import { operatorGroup } from "./status.ts";
import { until } from "../until.ts";

/** What is needed of a control plane; test/control-plane/start.ts has it. */
export interface Plane {
  server: string;
  ca: string;
  admin: { token: string };
  token(user: string, ...groups: string[]): string;
  frontProxyCaFile: string;
  issueServingCertificate(...dnsNames: string[]): Promise<{ cert: string; key: string; ca: string }>;
}

export interface Registration {
  operatorOptions: {
    kube: KubeOptions;
    frontProxyCa: string;
    serving: { cert: string; key: string };
    operatorNamespace: string;
  };
  /** Announces the server on this port, and waits until the API server passes requests on to it. */
  publish(port: number): Promise<void>;
  withdraw(): Promise<void>;
}

const namespace = "mirrord";
const service = "mirrord-operator";
const apiService = `/apis/apiregistration.k8s.io/v1/apiservices/v1.${operatorGroup}`;
const roleName = "operator-stand-in";
const leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;

/** Takes the one place for an operator at this control plane, when it becomes free. */
export async function register(plane: Plane): Promise<Registration> {
  const admin = connectKube({ server: plane.server, ca: plane.ca, token: plane.admin.token });
  // The vendor's own account, so that what may be bound to it can be tested.
  const user = `system:serviceaccount:${namespace}:mirrord-operator`;
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`];
  const token = plane.token(user, ...groups);
  const { cert, key, ca } = await plane.issueServingCertificate(`${service}.${namespace}.svc`);
  const kube: KubeOptions = { server: plane.server, ca: plane.ca, token };
  await makeNamespace(admin);
  await takeLease(admin);
  return {
    operatorOptions: {
      kube,
      frontProxyCa: readFileSync(plane.frontProxyCaFile, "utf8"),
      serving: { cert, key },
      operatorNamespace: namespace,
    },
    async publish(port) {
      await grantRights(admin);
      await announce(admin, port, ca);
      await waitUntilServed(admin, kube);
    },
    async withdraw() {
      await expectCode(admin.remove(apiService), 200, 404);
      await until("the APIService is gone", async () => (await admin.get(apiService)).code === 404);
      await expectCode(admin.remove(`${leases}/${roleName}`), 200, 404);
      admin.stop();
    },
  };
}

async function makeNamespace(admin: Kube): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}`;
  const object = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
  await expectCode(admin.apply(path, object), 200, 201);
}

/** A Lease is the lock between processes; one whose holder is gone is taken over. */
async function takeLease(admin: Kube): Promise<void> {
  const lease = {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: roleName, namespace },
    spec: { holderIdentity: String(process.pid) },
  };
  await until("no other stand-in is registered", async () => {
    const { code } = await expectCode(admin.post(leases, lease), 201, 409);
    if (code === 201) return true;
    const { body } = await admin.get(`${leases}/${roleName}`);
    const holder = Number(objectAt(body, "spec")["holderIdentity"]);
    const uid = textAt(objectAt(body, "metadata"), "uid");
    if (uid !== undefined && !isAlive(holder)) await admin.remove(`${leases}/${roleName}`, uid);
    return false;
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * As much of the vendor's ClusterRole `mirrord-operator` as the stand-in uses, and `get namespaces`: the vendor's agent
 * could not start in a namespace that is not there, the stand-in has to look.
 */
async function grantRights(admin: Kube): Promise<void> {
  const rbac = "rbac.authorization.k8s.io";
  const read = ["get", "list", "watch"];
  const rules = [
    { apiGroups: [""], resources: ["pods", "services"], verbs: read },
    { apiGroups: [""], resources: ["namespaces"], verbs: ["get"] },
    { apiGroups: ["apps"], resources: ["deployments", "statefulsets", "replicasets"], verbs: read },
    { apiGroups: ["batch"], resources: ["jobs", "cronjobs"], verbs: read },
    { apiGroups: ["argoproj.io"], resources: ["rollouts"], verbs: read },
    {
      apiGroups: ["preview.mirrord.metalbear.co"],
      resources: ["previewsessions"],
      verbs: [...read, "update", "patch"],
    },
    {
      apiGroups: ["preview.mirrord.metalbear.co"],
      resources: ["previewsessions/status"],
      verbs: ["get", "update", "patch"],
    },
    { apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"] },
    {
      apiGroups: ["policies.mirrord.metalbear.co"],
      resources: ["mirrordpolicies", "mirrordclusterpolicies"],
      verbs: read,
    },
  ];
  const metadata = { name: roleName };
  const role = { apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata, rules };
  const binding = {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRoleBinding",
    metadata,
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: roleName },
    subjects: [{ kind: "ServiceAccount", namespace, name: "mirrord-operator" }],
  };
  const base = `/apis/${rbac}/v1`;
  await expectCode(admin.apply(`${base}/clusterroles/${roleName}`, role), 200, 201);
  await expectCode(admin.apply(`${base}/clusterrolebindings/${roleName}`, binding), 200, 201);
}

async function announce(admin: Kube, port: number, ca: string): Promise<void> {
  const servicePath = `/api/v1/namespaces/${namespace}/services/${service}`;
  const serviceObject = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: service, namespace },
    // The selector does nothing for such a Service, but says which pods are the operator's.
    spec: {
      type: "ExternalName",
      externalName: "localhost",
      selector: { app: service },
      ports: [{ name: "https", port }],
    },
  };
  // Ports are merged by number: an earlier stand-in's must not stay.
  await expectCode(admin.remove(servicePath), 200, 404);
  await expectCode(admin.apply(servicePath, serviceObject), 200, 201);
  const object = {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: `v1.${operatorGroup}` },
    spec: {
      group: operatorGroup,
      version: "v1",
      groupPriorityMinimum: 1000,
      versionPriority: 15,
      caBundle: Buffer.from(ca).toString("base64"),
      service: { name: service, namespace, port },
    },
  };
  await expectCode(admin.apply(apiService, object), 200, 201);
}

async function waitUntilServed(admin: Kube, own: KubeOptions): Promise<void> {
  const kube = connectKube(own);
  const question = { user: "nobody", resourceAttributes: { verb: "get", resource: "pods" } };
  try {
    await until("the APIService is available", async () => {
      const { body } = await admin.get(apiService);
      return listAt(objectAt(body, "status"), "conditions").some(
        (condition) => textAt(condition, "type") === "Available" && textAt(condition, "status") === "True",
      );
    });
    await until("the API server passes requests on", async () => {
      return (await admin.get(`${versionPath}/mirrordoperators/operator`)).code === 200;
    });
    await until("the operator may review access", async () => {
      return kube.review(question).then(
        () => true,
        () => false,
      );
    });
  } finally {
    kube.stop();
  }
}

async function expectCode(pending: Promise<KubeAnswer>, ...codes: number[]): Promise<KubeAnswer> {
  const answer = await pending;
  if (codes.includes(answer.code)) return answer;
  const message = textAt(answer.body, "message") ?? "";
  throw new Error(`the API server answered ${answer.code}: ${message}`);
}
