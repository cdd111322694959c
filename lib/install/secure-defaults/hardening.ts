import type { V1ContainerPort, V1Namespace } from "@kubernetes/client-node";
import { accessModel, MANAGED_BY, MANAGED_BY_LABEL } from "../../access/names.ts";
import { isSystemNamespace } from "../../access/system-namespace.ts";
import { listIn, textIn } from "../../json.ts";
import { fieldsIn, type ApiObject } from "../../kubernetes/api-types.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { podSpec } from "../../mirrord/workload.ts";
import type { Offender } from "./offenders.ts";

// What Kubernetes itself has beside the policies, and the vendor recommends.

const ENFORCE = "pod-security.kubernetes.io/enforce";

export interface PodSecurity {
  objects: ApiObject<V1Namespace>[];
  /** Namespaces that are left as they are, because what is in them would be refused when it is made anew. */
  left: string[];
}

/**
 * The label `baseline` for every namespace that has none, but those of Kubernetes, the operator's and our own. It holds for
 * administrators and whoever is exempt, too, so that namespaces with offenders are left out.
 */
export function podSecurity(
  namespaces: readonly KubernetesObject[],
  operatorNamespace: string,
  offenders: readonly Offender[],
): PodSecurity {
  // Baseline says nothing about escalation.
  const offending = new Set(
    offenders
      .filter(({ attributes }) => attributes.some((attribute) => attribute !== "allowPrivilegeEscalation"))
      .map(({ namespace }) => namespace),
  );
  const ordinary = namespaces.filter(({ metadata: { name = "", labels = {}, deletionTimestamp } }) => {
    const isOurs = isSystemNamespace(name, operatorNamespace) || name === accessModel.sync.namespace;
    const set = labels[ENFORCE];
    return !isOurs && deletionTimestamp === undefined && (set === undefined || set === "baseline");
  });
  const [left, labelled] = [true, false].map((is) =>
    ordinary.map(({ metadata: { name = "" } }) => name).filter((name) => offending.has(name) === is),
  );
  return {
    left: left ?? [],
    objects: (labelled ?? []).map((name) => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name, labels: { [ENFORCE]: "baseline" } },
    })),
  };
}

/**
 * In the operator's namespace: the operator is reached by its own ports, and agents by the operator alone. Agents on the node's
 * network are out of reach of such a policy.
 * @param deployment the operator's, for its ports; without it all are open
 */
export function networkPolicies(namespace: string, deployment: KubernetesObject | undefined): KubernetesObject[] {
  const containers = deployment === undefined ? [] : listIn(podSpec(deployment).containers);
  const ports = containers
    .flatMap((container) => listIn(fieldsIn<{ ports: unknown }>(container).ports))
    .flatMap((each) => {
      const { containerPort, protocol } = fieldsIn<V1ContainerPort>(each);
      return typeof containerPort === "number" ? [{ port: containerPort, protocol: textIn(protocol) || "TCP" }] : [];
    });
  const policy = (name: string, podSelector: object, rule: object): KubernetesObject => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace, labels: { [MANAGED_BY_LABEL]: MANAGED_BY } },
    spec: { podSelector, policyTypes: ["Ingress"], ingress: [rule] },
  });
  const isOperator = { matchLabels: { app: "mirrord-operator" } };
  const isNot = { matchExpressions: [{ key: "app", operator: "NotIn", values: ["mirrord-operator"] }] };
  return [
    policy("mirrord-operator", isOperator, ports.length === 0 ? {} : { ports }),
    policy("mirrord-agents", isNot, { from: [{ podSelector: isOperator }] }),
  ];
}
