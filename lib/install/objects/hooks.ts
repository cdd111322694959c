import type { V1Job } from "@kubernetes/client-node";
import type { ApiObject } from "../../kubernetes/api-types.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { Chart } from "../chart.ts";
import { roleRules } from "../rules.ts";
import { clusterRole, clusterRoleBinding } from "./access.ts";

const NAME = "mirrord-hooks";

/** What `helm uninstall` runs first. A cluster that has no Helm has no use for them: applied, the Job would run at once. */
export function hookObjects(chart: Chart): KubernetesObject[] {
  const { namespace, labels, features } = chart;
  const subject = { kind: "ServiceAccount", name: NAME, namespace };
  const weight = { "helm.sh/hook-weight": "-1" };
  return [
    withHook({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: NAME, namespace, labels } }, weight),
    withHook(clusterRole(NAME, labels, roleRules.hooks(features)), weight),
    withHook(clusterRoleBinding(NAME, labels, NAME, subject), weight),
    withHook(cleanup(chart)),
  ];
}

function withHook(object: KubernetesObject, more: Record<string, string> = {}): KubernetesObject {
  const annotations = {
    "helm.sh/hook": "pre-delete",
    "helm.sh/hook-delete-policy": "before-hook-creation, hook-succeeded",
    ...more,
  };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** Older images have no such program. */
const script = `if command -v helm-cleanup >/dev/null 2>&1; then
  exec helm-cleanup
else
  echo "Skipping cleanup because the necessary binary was not found." >&2
fi
`;

function cleanup({ values, namespace, labels, image, pullPolicy }: Chart): ApiObject<V1Job> {
  const imagePullSecrets = values.list("operator.imagePullSecrets");
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "mirrord-cleanup", namespace, labels },
    spec: {
      backoffLimit: 0,
      template: {
        spec: {
          // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Checked by the API server.
          ...(imagePullSecrets.length === 0 ? {} : { imagePullSecrets: imagePullSecrets as { name: string }[] }),
          serviceAccountName: NAME,
          restartPolicy: "Never",
          containers: [
            {
              name: "cleanup",
              image,
              imagePullPolicy: pullPolicy,
              env: [{ name: "RUST_LOG", value: "warn,helm_cleanup=trace" }],
              command: ["/bin/sh", "-c", script],
            },
          ],
        },
      },
    },
  };
}
