import type { V1CronJobSpec, V1CronJobStatus, V1JobSpec, V1PodSpec } from "@kubernetes/client-node";
import type { ResourceAttributes, Answer } from "../kubernetes/access.ts";
import { fieldsIn } from "../kubernetes/api-types.ts";
import { RBAC_GROUP } from "../kubernetes/resources.ts";
import { objectIn, textIn } from "../json.ts";
import { accessModel } from "./names.ts";
import type { Lookup } from "./places.ts";
import { formatSubject, type RbacSubject } from "./subject.ts";

/** Whether something in the cluster ends what no anchor can. Both texts are clauses that name it. */
export type SyncJob =
  | { runs: true; text: string; lastSuccess?: string }
  /** `unread`: plural name of what may not be read or asked, so that it is not known. */
  | { runs: false; why: string; unread?: string };

/** What its account needs: the ClusterRoleBinding of a grant is the last thing to go. */
export const syncQuestion: ResourceAttributes = {
  verb: "delete",
  apiGroup: RBAC_GROUP,
  resource: "clusterrolebindings",
};

const place = `cronjob ${accessModel.sync.name} in namespace ${accessModel.sync.namespace}`;

/** The account that a CronJob's pods run as. */
export function syncAccount(job: Lookup): RbacSubject | undefined {
  if (typeof job === "string") return undefined;
  const { jobTemplate } = fieldsIn<V1CronJobSpec>(job["spec"]);
  const { template } = fieldsIn<V1JobSpec>(objectIn(jobTemplate)["spec"]);
  const { serviceAccountName, serviceAccount } = fieldsIn<V1PodSpec>(objectIn(template)["spec"]);
  const name = textIn(serviceAccountName) || textIn(serviceAccount) || "default";
  return { kind: "ServiceAccount", namespace: accessModel.sync.namespace, name };
}

/** Judges the CronJob under the one name that counts. `answer`: to syncQuestion, about its account. */
export function judgeSync(job: Lookup, answer: Answer): SyncJob {
  const account = syncAccount(job);
  if (job === "forbidden") return { runs: false, why: `you may not read ${place}`, unread: "cronjobs" };
  if (job === "absent" || account === undefined) return { runs: false, why: `there is no ${place}` };
  const { suspend, schedule } = fieldsIn<V1CronJobSpec>(job["spec"]);
  if (job.metadata.deletionTimestamp !== undefined) return { runs: false, why: `${place} is being deleted` };
  if (suspend === true) return { runs: false, why: `${place} is suspended` };
  const who = formatSubject(account);
  if (answer === "no") return { runs: false, why: `${place} runs as ${who}, which may not delete clusterrolebindings` };
  if (answer === "unknown") {
    return {
      runs: false,
      why: `it could not be asked whether ${who}, as which ${place} runs, may delete clusterrolebindings`,
      unread: "subjectaccessreviews",
    };
  }
  const text = `${place}, which runs as ${who} at ${JSON.stringify(textIn(schedule))}`;
  const { lastSuccessfulTime } = fieldsIn<V1CronJobStatus>(job["status"]);
  return {
    runs: true,
    text,
    ...(textIn(lastSuccessfulTime) === "" ? {} : { lastSuccess: textIn(lastSuccessfulTime) }),
  };
}
