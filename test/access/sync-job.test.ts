import t from "tap";
import type { Answer } from "../../lib/kubernetes/access.ts";
import type { Lookup } from "../../lib/access/places.ts";
import { judgeSync, syncAccount } from "../../lib/access/sync-job.ts";

function cronJob(account?: string, spec: object = {}, metadata: object = {}): Lookup {
  const pod = account === undefined ? {} : { serviceAccountName: account };
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "mirrord-access", namespace: "mirrord-access", ...metadata },
    spec: { schedule: "*/10 * * * *", jobTemplate: { spec: { template: { spec: pod } } }, ...spec },
  };
}

const jobs: [what: string, job: Lookup, answer: Answer, want: { runs: boolean; text?: RegExp; why?: RegExp }][] = [
  [
    "a job whose account may end grants",
    cronJob("syncer"),
    "yes",
    { runs: true, text: /^cronjob mirrord-access in namespace mirrord-access, .*sa:mirrord-access\/syncer at "\*\/10/ },
  ],
  ["no account", cronJob(), "yes", { runs: true, text: /sa:mirrord-access\/default/ }],
  [
    "an account that may not",
    cronJob("fake"),
    "no",
    { runs: false, why: /sa:mirrord-access\/fake, which may not delete clusterrolebindings/ },
  ],
  ["an account that nobody could ask about", cronJob("x"), "unknown", { runs: false, why: /could not be asked/ }],
  ["a suspended one", cronJob("syncer", { suspend: true }), "yes", { runs: false, why: /is suspended/ }],
  [
    "one that goes",
    cronJob("syncer", {}, { deletionTimestamp: "2026-01-01T00:00:00Z" }),
    "yes",
    { runs: false, why: /is being deleted/ },
  ],
  ["none", "absent", "yes", { runs: false, why: /there is no cronjob mirrord-access/ }],
  ["one that may not be read", "forbidden", "yes", { runs: false, why: /you may not read cronjob mirrord-access/ }],
  ["one of another shape", cronJob("x", { jobTemplate: null }), "yes", { runs: true, text: /default/ }],
];
for (const [what, job, answer, want] of jobs) {
  t.test(`${what} ${want.runs ? "ends" : "does not end"} a grant everywhere`, async (t) => {
    t.match(judgeSync(job, answer), want);
  });
}

t.test("who has no account is not asked about", async (t) => {
  t.equal(syncAccount("absent"), undefined);
  t.equal(syncAccount("forbidden"), undefined);
});
