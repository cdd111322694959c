import type { V1Container, V1CronJob, V1Volume } from "@kubernetes/client-node";
import type { ApiObject, Json } from "../kubernetes/api-types.ts";

export interface ScheduledJob {
  /** Of the CronJob and of the account that it runs as. */
  name: string;
  namespace: string;
  labels: Readonly<Record<string, string>>;
  /** As a CronJob has it. */
  schedule: string;
  /** A run that hangs keeps the next one from starting: after so long it is ended. */
  deadlineSeconds: number;
  container: Pick<Json<V1Container>, "name" | "image" | "args" | "resources" | "volumeMounts">;
  volumes?: Json<V1Volume>[];
  /** The group that its volumes are written as. */
  fsGroup?: number;
}

/** A CronJob that runs kubectl-mirrord in a cluster, one run at a time, as Pod Security `restricted` takes it. */
export function scheduledJob(job: ScheduledJob): ApiObject<V1CronJob> {
  const { name, namespace, labels, schedule, deadlineSeconds, volumes, fsGroup } = job;
  const { volumeMounts, ...container } = job.container;
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name, namespace, labels },
    spec: {
      schedule,
      concurrencyPolicy: "Forbid",
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 1,
      jobTemplate: {
        spec: {
          backoffLimit: 0,
          activeDeadlineSeconds: deadlineSeconds,
          template: {
            metadata: { labels },
            spec: {
              serviceAccountName: name,
              restartPolicy: "Never",
              nodeSelector: { "kubernetes.io/os": "linux" },
              securityContext: {
                runAsNonRoot: true,
                ...(fsGroup === undefined ? {} : { fsGroup }),
                seccompProfile: { type: "RuntimeDefault" },
              },
              containers: [
                {
                  ...container,
                  securityContext: {
                    allowPrivilegeEscalation: false,
                    readOnlyRootFilesystem: true,
                    capabilities: { drop: ["ALL"] },
                  },
                  ...(volumeMounts === undefined ? {} : { volumeMounts }),
                },
              ],
              ...(volumes === undefined ? {} : { volumes }),
            },
          },
        },
      },
    },
  };
}
