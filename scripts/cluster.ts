// A real control plane on this machine with the example objects and a stand-in for the operator: npm run cluster
// With `-- --empty` there is no operator, and the stand-in is the one that somebody installs.
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { contextUsers } from "../test/control-plane/files.ts";
import type { ControlPlane } from "../test/control-plane/start.ts";
import { startEmptyCluster } from "../test/e2e/empty-cluster.ts";
import { root, startExampleCluster, type ExampleCluster } from "../test/e2e/example-cluster.ts";
import { companyGrants, companyParts, companyQuestions } from "./company.ts";
import { installPolicyCrds } from "../test/operator/policy-crds.ts";
import { installPreviewCrd } from "../test/operator/preview-crd.ts";
import { until } from "../test/until.ts";

const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopping.abort());

const isEmpty = process.argv.includes("--empty");
process.stderr.write(
  isEmpty
    ? "starting a control plane and the example objects …\n"
    : "starting a control plane, the example objects and the operator stand-in …\n",
);
const { plane, lines, stop } = isEmpty ? await emptyCluster() : await wholeCluster();
process.stdout.write(
  [
    "",
    "The cluster is ready. In another terminal:",
    "",
    `  export KUBECONFIG=${plane.kubeconfig}`,
    `  export PATH=${searchPath(plane)}:$PATH`,
    "",
    ...lines,
    "",
    `Contexts: ${contextUsers.map(({ username, groups }) => username + (groups.length === 0 ? "" : ` (${groups.join(", ")})`)).join(", ")}`,
    "Ctrl-C stops the cluster and removes it.",
    "",
  ].join("\n"),
);
if (!stopping.signal.aborted) await once(stopping.signal, "abort");
process.stderr.write("stopping …\n");
await stop();

interface Ready {
  plane: ControlPlane;
  /** What can be tried. */
  lines: string[];
  stop(): Promise<void>;
}

async function emptyCluster(): Promise<Ready> {
  const cluster = await startEmptyCluster();
  for (const file of ["dev.yaml", "qa.yaml", "people.yaml"]) {
    const applied = await cluster.kubectl("admin", ["apply", "-f", join(root, "examples", file)]);
    if (applied.code !== 0) throw new Error(applied.stderr);
  }
  const key = join(dirname(cluster.plane.kubeconfig), "licence-key");
  writeFileSync(key, "any-key-will-do\n", { mode: 0o600 });
  return {
    plane: cluster.plane,
    stop: () => cluster.stop(),
    lines: [
      "There is no operator. See what an installation would do, do it, and look at it; any licence key will do:",
      "",
      `  kubectl mirrord install --license-key-file ${key} --dry-run`,
      `  kubectl mirrord install --license-key-file ${key}`,
      "  kubectl mirrord install status",
      "",
      "Jim has no rights yet; an administrator gives him some:",
      "",
      "  kubectl mirrord grant jim --ns dev",
      "  kubectl mirrord can-i steal deploy/web -n dev --context jim",
    ],
  };
}

function searchPath({ kubectl }: ControlPlane): string {
  const isOnPath = (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, "kubectl")));
  return [join(root, "bin"), ...(isOnPath ? [] : [dirname(kubectl)])].join(delimiter);
}

async function wholeCluster(): Promise<Ready> {
  const cluster = await startExampleCluster();
  await installProfiles(cluster);
  await installPolicyCrds(cluster.plane);
  await installPreviewCrd(cluster.plane);
  const { control } = cluster.operator;
  control.offerPreviews();
  const jims = control.addSession({
    namespace: "dev",
    target: "deployment.web",
    user: "jim",
    startedAt: new Date(Date.now() - 3 * 60 * 60 * 1000),
  });
  control.lockPorts(jims, [80]);
  control.addSession({ namespace: "qa", target: "deployment.web", user: "jim2", key: "checkout" });
  return {
    plane: cluster.plane,
    stop: () => cluster.stop(),
    lines: [
      "Jim has no rights yet; an administrator gives him some, and takes them back:",
      "",
      "  kubectl mirrord can-i steal deploy/web -n dev --context jim",
      "  kubectl mirrord grant jim --ns dev",
      "  kubectl mirrord can-i steal deploy/web -n dev --context jim",
      "  kubectl mirrord grant revoke jim",
      "",
      "Two sessions are running. Jim's goes on, although he has no rights any more:",
      "",
      "  kubectl mirrord session list -A",
      `  kubectl mirrord session describe ${jims}`,
      "  kubectl mirrord session list -A --stale",
      "  kubectl mirrord session kill --stale",
      "",
      "Policies limit what a session may do; this one is not as strict as it looks:",
      "",
      "  kubectl mirrord policy create no-steal -n dev --block steal --target-path deploy/web",
      "  kubectl mirrord policy test deploy/web -n dev",
      "  kubectl mirrord policy lint -n dev --fail-on warning",
      "",
      "Preview environments are offered, too; they are made in the operator's namespace:",
      "",
      "  kubectl mirrord can-i preview deploy/web -n dev",
      "",
      "The profile mirror-only is there for policies that demand one:",
      "",
      "  kubectl mirrord policy create profiles -n qa --require-profile --profile mirror-only --block steal",
      "  kubectl mirrord policy test deploy/web -n qa --profile mirror-only",
      "",
      "A company: organizations and teams say who belongs together, collections which namespaces do, and only",
      "administrators change either:",
      "",
      "  kubectl mirrord install --access-model --yes",
      ...[...companyParts, ...companyGrants, ...companyQuestions].map((each) => `  ${each}`),
    ],
  };
}

async function installProfiles({ kubectl }: ExampleCluster): Promise<void> {
  const file = (name: string) => join(import.meta.dirname, "sandbox", name);
  const defined = await kubectl("admin", "apply", "-f", file("definitions.yaml"));
  if (defined.code !== 0) throw new Error(defined.stderr);
  // A kind that was just defined is not served at once.
  await until("profiles are served", async () => {
    const { code } = await kubectl("admin", "apply", "-f", file("profiles.yaml"));
    return code === 0;
  });
}
