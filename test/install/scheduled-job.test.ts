import t from "tap";
import { scheduledJob, type ScheduledJob } from "../../lib/install/scheduled-job.ts";

const plain: ScheduledJob = {
  name: "nightly",
  namespace: "tools",
  labels: { app: "nightly" },
  schedule: "0 3 * * *",
  deadlineSeconds: 60,
  container: { name: "main", image: "registry/x:1", args: ["grant", "sync"] },
};
const pod = (job: ScheduledJob) => scheduledJob(job).spec?.jobTemplate.spec?.template.spec;

t.test("its pod is what Pod Security restricted takes, and runs as the account of its name", async (t) => {
  const spec = pod(plain);
  t.equal(spec?.serviceAccountName, "nightly");
  t.same(spec?.securityContext, { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
  t.same(
    spec?.containers.map(({ securityContext }) => securityContext),
    [{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } }],
  );
  t.notOk("volumes" in (spec ?? {}));
});

t.test("one run at a time, which ends by itself", async (t) => {
  t.match(scheduledJob(plain).spec, {
    schedule: "0 3 * * *",
    concurrencyPolicy: "Forbid",
    jobTemplate: { spec: { backoffLimit: 0, activeDeadlineSeconds: 60 } },
  });
});

t.test("volumes are mounted, and written as a group", async (t) => {
  const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "data" } }];
  const volumeMounts = [{ name: "data", mountPath: "/data" }];
  const spec = pod({ ...plain, container: { ...plain.container, volumeMounts }, volumes, fsGroup: 1000 });
  t.equal(spec?.securityContext?.fsGroup, 1000);
  t.same(spec?.volumes, volumes);
  t.same(spec?.containers[0]?.volumeMounts, volumeMounts);
});
