import { booleanFlag, stringFlag } from "../../../cli/grammar/flags.ts";
import { namespaceFlag } from "../../../cli/grammar/shared-flags.ts";
import { usageError } from "../../../errors.ts";
import { dns1123Label, dns1123Subdomain } from "../../../kubernetes/names.ts";

/** Flags of `audit` without a verb: those that print the CronJob, and those that the CronJob runs it with. */
export const jobFlags = {
  job: booleanFlag("Print a CronJob that runs the audit in the cluster, with its account and rights."),
  image: stringFlag("IMAGE", "With --job: the container image that has kubectl-mirrord."),
  claim: stringFlag("NAME", "With --job: the PersistentVolumeClaim that the report and its metrics are written to."),
  schedule: stringFlag("CRON", "With --job: when it runs, as in a CronJob; every hour when left out."),
  namespace: {
    ...namespaceFlag,
    describe:
      "With --job: the namespace that it runs in, which has to exist. Left out: mirrord-audit, which is printed, too.",
  },
  reportTo: stringFlag("FOLDER", "Also write the report (audit.json) and metrics (audit.prom) into this folder.", {
    completes: "directory",
  }),
  summaryTo: stringFlag("NAMESPACE/NAME", "Also write a summary into this ConfigMap, one that audit --job printed.", {
    parse: parseConfigMap,
  }),
};

type JobOption = Exclude<keyof typeof jobFlags, "job">;

const ofJob = ["image", "claim", "schedule", "namespace"] as const satisfies readonly JobOption[];

export const jobConflicts = [
  { option: "job", excludes: ["rules", "baseline", "reportTo", "summaryTo", "allContexts"] },
  {
    option: "summaryTo",
    excludes: ["allContexts", "manifests", "rules"],
    message: (_option: string, other: string) =>
      `--summary-to is a ConfigMap of the one cluster that is looked at, and there is ${other}`,
  },
  { option: "reportTo", excludes: ["rules"] },
] as const;

export const jobNeeds = [
  { option: "job", needs: ["image"], message: "--job needs the image to run", hint: "Add --image IMAGE." },
  {
    option: "job",
    needs: ["claim"],
    message: "--job needs the claim that the report is written to",
    hint: "Add --claim NAME.",
  },
  ...ofJob.map((option) => ({ option, needs: ["job"] as const, message: `--${option} is for --job` })),
] as const;

/** Names a ConfigMap. */
export interface ConfigMapName {
  namespace: string;
  name: string;
}

function parseConfigMap(text: string): ConfigMapName {
  const [namespace = "", name = "", ...more] = text.split("/");
  if (more.length === 0 && dns1123Label(namespace).length + dns1123Subdomain(name).length === 0)
    return { namespace, name };
  throw usageError(`--summary-to ${JSON.stringify(text)} is not NAMESPACE/NAME`);
}
