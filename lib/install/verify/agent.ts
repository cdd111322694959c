import type { Cluster } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import { attempt, type FailedRead } from "../../reading/read.ts";
import { finding, type InstallationFinding } from "../installation-rules.ts";

/** What the operator makes for a session. Source: operator contract, section 8 (what an agent needs). */
const agentPod = (namespace: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { generateName: "mirrord-agent-", namespace, labels: { app: "mirrord" } },
  spec: {
    hostPID: true,
    restartPolicy: "Never",
    containers: [
      {
        name: "mirrord-agent",
        image: "ghcr.io/metalbear-co/mirrord",
        securityContext: { capabilities: { add: ["NET_ADMIN", "SYS_PTRACE", "SYS_ADMIN"] } },
        resources: { requests: { cpu: "1m", memory: "1Mi" }, limits: { cpu: "100m", memory: "100Mi" } },
      },
    ],
  },
});

/** Whether the operator's account may make an agent; `skipped`: nobody could try, and why. */
export async function tryAgent(
  operator: Cluster,
  { namespace, account }: { namespace: string; account: string },
): Promise<{ findings: InstallationFinding[]; skipped?: string }> {
  const tried = await attempt(() => operator.create(nativeResources.pods, agentPod(namespace), { dryRun: true }));
  if (!tried.failed) return { findings: [] };
  const [said = ""] = tried.error.lines;
  if (isImpersonationRefused(said) || !isRefusal(tried)) return { findings: [], skipped: said };
  const subject = { kind: "ServiceAccount", name: account, namespace };
  const fix = "Exempt the operator's namespace, or its account, from what refuses it.";
  return { findings: [finding("agent-refused", subject, `The API server refuses an agent: ${said}`, fix)] };
}

/** RBAC, an admission plugin, a webhook, or the check of the object itself; no answer, and "later", are none. */
const isRefusal = ({ status = 0, error }: FailedRead): boolean =>
  [400, 403, 422].includes(status) || (status === 500 && error.message.includes("failed calling webhook"));

const isImpersonationRefused = (text: string): boolean => text.includes("cannot impersonate");
