// What a cluster runs of a release: the image of the Dockerfile, by the manifests that install --sync and audit --job make.
import { chmodSync, chownSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { V1CronJob, V1PodSpec } from "@kubernetes/client-node";
import type { Test } from "tap";
import type { Json } from "../../lib/kubernetes/api-types.ts";
import { until } from "../until.ts";
import { root, startExampleCluster, type ExampleCluster } from "./example-cluster.ts";
import { buildImage, copiedSources, runPod, runsImages, type Image } from "./image.ts";

const NAME = "registry.example/kubectl-mirrord:1";
const sync = "mirrord-access";
const audit = "mirrord-audit";

/**
 * @param context an unpacked archive for this machine
 * @param libraries those of C and C++ that its executable is linked with
 */
export async function imageTests(t: Test, context: string, libraries: readonly string[]): Promise<void> {
  const dockerfile = readFileSync(join(root, "Dockerfile"), "utf8");

  await t.test("the Dockerfile copies all that an archive for Linux holds", async (t) => {
    const files = readdirSync(context, { withFileTypes: true }).filter((each) => each.isFile());
    t.same(copiedSources(dockerfile).toSorted(), files.map(({ name }) => name).toSorted());
  });

  const skip = runsImages ? false : "a root of one's own takes root, or sudo without a question";
  await t.test("the image runs what the manifests say, as nobody in particular", { skip }, async (t) => {
    const folder = t.testdir({ root: {}, [sync]: {}, [audit]: {}, report: {} });
    const image = buildImage(dockerfile, context, libraries, join(folder, "root"));
    const cluster = await startExampleCluster();
    t.teardown(() => cluster.stop());
    const { admin, settled, run } = jobs(cluster, image, folder);

    await t.test("grant sync, as install --sync ships it, makes again what was taken away", async (t) => {
      await admin("mirrord", "install", "--access-model", "--sync", "--sync-image", NAME, "-y");
      await admin("mirrord", "grant", "jim", "--ns", "dev");
      await admin("delete", "rolebinding", "-n", "dev", "-l", "app.kubernetes.io/managed-by=kubectl-mirrord");
      await settled(sync, "create", "rolebindings", "-A");
      t.match(await run(sync, {}), {
        code: 0,
        stdout: /mirrord:grant:jim-dev-\w+ in namespace dev created/,
        stderr: "",
      });
      const steal = ["mirrord", "can-i", "steal", "deploy/web", "-n", "dev", "-q"];
      await until("jim may steal again", async () => (await cluster.kubectl("jim", ...steal)).code === 0);
    });

    await t.test("audit, as audit --job ships it, writes its report, and can write nowhere else", async (t) => {
      const report = join(folder, "report");
      const words = ["audit", "--job", "--image", NAME, "--claim", "audit"].join(" ");
      const applied = await cluster.shell("admin", `kubectl mirrord ${words} | kubectl apply -f -`);
      t.equal(applied.code, 0, applied.stderr);
      await settled(audit, "list", "roles", "-A");
      await settled(audit, "patch", "configmap/mirrord-audit", "-n", audit);
      const refused = await run(audit, { report });
      t.match(refused, { code: 4, stderr: /the report was not written: open \/report: permission denied/ });
      t.same(readdirSync(report), []);
      // As a kubelet hands out a volume to the group of a pod.
      chownSync(report, 0, 65532);
      chmodSync(report, 0o2775);
      const ran = await run(audit, { report });
      t.equal(ran.code, 0, ran.stderr);
      t.match(JSON.parse(readFileSync(join(report, "audit.json"), "utf8")), { kind: "Audit", complete: true });
      t.match(statSync(join(report, "audit.json")), { uid: 65532, gid: 65532 });
    });
  });
}

function jobs(cluster: ExampleCluster, image: Image, folder: string) {
  const admin = async (...words: string[]) => {
    const { code, stdout, stderr } = await cluster.kubectl("admin", ...words);
    if (code !== 0) throw new Error(`kubectl ${words.join(" ")}: ${stderr}`);
    return stdout;
  };
  return {
    admin,
    /** Until the authorizer knows what an account may. */
    settled: (account: string, ...question: string[]) =>
      until(`${account} may ${question.join(" ")}`, async () => {
        const words = ["auth", "can-i", ...question, `--as=system:serviceaccount:${account}:${account}`];
        return (await cluster.kubectl("admin", ...words)).code === 0;
      }),
    /** A run of the CronJob `name` as the API server has stored it; its namespace and account are called the same. */
    async run(name: string, volumes: Record<string, string>) {
      const cronJob: Json<V1CronJob> = JSON.parse(await admin("get", "cronjob", name, "-n", name, "-o", "json"));
      const pod = cronJob.spec?.jobTemplate.spec?.template.spec as Json<V1PodSpec>;
      if (pod.containers[0]?.image !== NAME) throw new Error(`${name} runs another image`);
      const token = (await admin("create", "token", pod.serviceAccountName ?? "", "-n", name)).trim();
      const account = { "ca.crt": cluster.plane.ca, token, namespace: name };
      return await runPod(image, pod, { server: cluster.plane.server, account, volumes }, join(folder, name));
    },
  };
}
