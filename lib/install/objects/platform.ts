import type { V1APIService, V1Namespace, V1PriorityClass } from "@kubernetes/client-node";
import { objectIn, textIn } from "../../json.ts";
import type { ApiObject } from "../../kubernetes/api-types.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { OPERATOR_GROUP } from "../../mirrord/resources.ts";
import type { Chart } from "../chart.ts";
import { agentPriorityClass, ownPriorityClass } from "./settings.ts";
import { port } from "./workload.ts";

export function namespaceObject({ values, namespace, labels }: Chart): ApiObject<V1Namespace>[] {
  if (!values.flag("createNamespace")) return [];
  return [{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } }];
}

/** None where agent.extraConfig names a class: that one has to be there. */
export function priorityClass({ values, labels }: Chart): ApiObject<V1PriorityClass>[] {
  if (!values.flag("agent.priorityClass.create") || ownPriorityClass(values) !== "") return [];
  return [
    {
      apiVersion: "scheduling.k8s.io/v1",
      kind: "PriorityClass",
      metadata: { name: agentPriorityClass(values), labels },
      value: values.number("agent.priorityClass.value") ?? 0,
      globalDefault: values.flag("agent.priorityClass.globalDefault"),
      preemptionPolicy: values.text("agent.priorityClass.preemptionPolicy"),
      description: values.text("agent.priorityClass.description"),
    },
  ];
}

export function apiService({ values, namespace, labels }: Chart): ApiObject<V1APIService> {
  return {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: `v1.${OPERATOR_GROUP}`, labels },
    spec: {
      group: OPERATOR_GROUP,
      groupPriorityMinimum: 1000,
      insecureSkipTLSVerify: values.flag("tls.apiService.insecureSkipTLSVerify"),
      service: { name: values.text("service.name"), namespace, port: port(values) },
      version: "v1",
      versionPriority: 15,
    },
  };
}

/** For cert-manager, which makes the operator's certificate. */
export function certificateObjects({ values, namespace, labels }: Chart): KubernetesObject[] {
  if (!values.flag("tls.certManager.enabled")) return [];
  const apiVersion = "cert-manager.io/v1";
  const issuer = values.text("tls.certManager.issuer");
  const host = values.text("service.name");
  const isGiven = values.labels("tls.data")["tls.key"] || values.flag("tls.useExistingSecret");
  const certificate: KubernetesObject = {
    apiVersion,
    kind: "Certificate",
    metadata: { name: values.text("tls.certManager.certificate"), namespace, labels },
    spec: {
      secretName: values.text("tls.secret"),
      issuerRef: { name: issuer, kind: "Issuer" },
      dnsNames: [`${host}.${namespace}.svc`, `${host}.${namespace}`, host],
    },
  };
  const selfSigning: KubernetesObject = {
    apiVersion,
    kind: "Issuer",
    metadata: { name: issuer, namespace, labels },
    spec: { selfSigned: {} },
  };
  return [...(isGiven ? [] : [certificate]), ...(values.flag("tls.certManager.createIssuer") ? [selfSigning] : [])];
}

/** What agents need on OpenShift. */
export function securityContextConstraints({ values, namespace, labels }: Chart): KubernetesObject[] {
  if (!values.flag("openshift")) return [];
  const agent = objectIn(values.get("agent.extraConfig"));
  const agentNamespace = textIn(agent["namespace"]) || namespace;
  const agentAccount = textIn(agent["service_account"]) || "default";
  return [
    {
      apiVersion: "security.openshift.io/v1",
      kind: "SecurityContextConstraints",
      metadata: { name: "scc-mirrord", labels },
      allowHostPID: true,
      allowPrivilegedContainer: false,
      allowHostDirVolumePlugin: true,
      allowedCapabilities: ["SYS_ADMIN", "SYS_PTRACE", "NET_RAW", "NET_ADMIN"],
      runAsUser: { type: "RunAsAny" },
      seLinuxContext: { type: "MustRunAs" },
      seccompProfiles: ["*"],
      users: [
        `system:serviceaccount:${namespace}:${values.text("sa.name")}`,
        `system:serviceaccount:${agentNamespace}:${agentAccount}`,
      ],
    },
  ];
}
