// A real control plane on this machine with the example objects and a stand-in for the operator: npm run cluster
import { once } from "node:events";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { contextUsers } from "../test/control-plane/files.ts";
import { root, startExampleCluster } from "../test/e2e/example-cluster.ts";
import { installPolicyCrds } from "../test/operator/policy-crds.ts";

const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopping.abort());

process.stderr.write("starting a control plane, the example objects and the operator stand-in …\n");
const cluster = await startExampleCluster();
const { plane } = cluster;
await installPolicyCrds(plane);
const kubectlOnPath = (process.env["PATH"] ?? "")
  .split(delimiter)
  .some((folder) => existsSync(join(folder, "kubectl")));
const path = [join(root, "bin"), ...(kubectlOnPath ? [] : [dirname(plane.kubectl)])].join(delimiter);

process.stdout.write(
  [
    "",
    "The cluster is ready. In another terminal:",
    "",
    `  export KUBECONFIG=${plane.kubeconfig}`,
    `  export PATH=${path}:$PATH`,
    "",
    "Jim has no rights yet; an administrator gives him some, and takes them back:",
    "",
    "  kubectl mirrord can-i steal deploy/web -n dev --context jim",
    "  kubectl mirrord grant jim --ns dev",
    "  kubectl mirrord can-i steal deploy/web -n dev --context jim",
    "  kubectl mirrord grant revoke jim",
    "",
    "Policies limit what a session may do:",
    "",
    "  kubectl mirrord policy create no-steal -n dev --block steal --target-path deploy/web",
    "  kubectl mirrord policy test deploy/web -n dev",
    "",
    `Contexts: ${contextUsers.map(({ username, groups }) => username + (groups.length === 0 ? "" : ` (${groups.join(", ")})`)).join(", ")}`,
    "Ctrl-C stops the cluster and removes it.",
    "",
  ].join("\n"),
);
if (!stopping.signal.aborted) await once(stopping.signal, "abort");
process.stderr.write("stopping …\n");
await cluster.stop();
