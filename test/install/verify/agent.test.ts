import t from "tap";
import { tryAgent } from "../../../lib/install/verify/agent.ts";
import { ApiError } from "../../../lib/kubernetes/api-error.ts";
import { fakeCluster } from "../../preview/fake-cluster.ts";

const place = { namespace: "mirrord", account: "mirrord-operator" };

/** What is made, and what the API server says of it. */
async function tried(refusal?: string) {
  const made: unknown[][] = [];
  const cluster = {
    ...fakeCluster(),
    create: async (...given: unknown[]) => {
      made.push(given);
      if (refusal !== undefined)
        throw new ApiError("refused", 403, JSON.stringify({ kind: "Status", message: refusal, code: 403 }));
      return {};
    },
  };
  return { outcome: await tryAgent(cluster as never, place), made };
}

t.test("an agent as the operator makes it is tried, and nothing is stored", async (t) => {
  const { outcome, made } = await tried();
  t.same(outcome, { findings: [] });
  t.equal(made.length, 1);
  const [type, pod, options] = made[0] ?? [];
  t.match(type, { resource: "pods" });
  t.same(options, { dryRun: true });
  t.strictSame(pod, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { generateName: "mirrord-agent-", namespace: "mirrord", labels: { app: "mirrord" } },
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
});

t.test("what refuses an agent is said, with who has to be exempt", async (t) => {
  const { outcome } = await tried('pods "x" is forbidden: violates PodSecurity "restricted:latest"');
  t.match(outcome, {
    skipped: undefined,
    findings: [
      {
        rule: "agent-refused",
        subject: { kind: "ServiceAccount", name: "mirrord-operator", namespace: "mirrord" },
        message: /^The API server refuses an agent: .*violates PodSecurity "restricted:latest"$/,
        fix: "Exempt the operator's namespace, or its account, from what refuses it.",
      },
    ],
  });
});

t.test("nobody knows where the caller may not act as the operator's account", async (t) => {
  const said =
    'users "system:serviceaccount:mirrord:mirrord-operator" is forbidden: User "ann" cannot impersonate resource';
  const { outcome } = await tried(said);
  t.same(outcome.findings, []);
  t.match(outcome.skipped, /cannot impersonate/);
});
