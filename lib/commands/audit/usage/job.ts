import type { V1Job } from "@kubernetes/client-node";
import type { ApiObject } from "../../../kubernetes/api-types.ts";

export interface JobOptions {
  namespace: string;
  /** Of the executable; its Dockerfile is in this project. */
  image: string;
  /** The claim that holds the logs. */
  claim: string;
  shards: number;
}

const FOLDER = "/logs";

/**
 * An Indexed Job whose pods each read their part of the logs on a volume, and print what they count as one line. Its pods need
 * no rights in the cluster, and write nothing.
 */
export function usageJob({ namespace, image, claim, shards }: JobOptions): ApiObject<V1Job> {
  const name = "mirrord-audit-usage";
  const shard = `$(JOB_COMPLETION_INDEX)/${shards}`;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace },
    spec: {
      completionMode: "Indexed",
      completions: shards,
      parallelism: shards,
      backoffLimitPerIndex: 2,
      template: {
        spec: {
          restartPolicy: "Never",
          automountServiceAccountToken: false,
          nodeSelector: { "kubernetes.io/os": "linux" },
          securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
          containers: [
            {
              name: "usage",
              image,
              args: ["audit", "usage", "--log", FOLDER, "--shard", shard, "-o", "partial"],
              resources: { requests: { cpu: "1", memory: "128Mi" }, limits: { memory: "512Mi" } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
              },
              volumeMounts: [{ name: "logs", mountPath: FOLDER, readOnly: true }],
            },
          ],
          volumes: [{ name: "logs", persistentVolumeClaim: { claimName: claim, readOnly: true } }],
        },
      },
    },
  };
}
