import t from "tap";
import { tryAgent } from "../../../lib/install/verify/agent.ts";
import { UserError } from "../../../lib/errors.ts";
import { ApiError, UnreadableAnswer } from "../../../lib/kubernetes/api-error.ts";
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

const status = (code: number, message: string) =>
  new ApiError("refused", code, JSON.stringify({ kind: "Status", message, code }));

for (const [name, error, isRefusal] of [
  ["a quota, RBAC or an admission plugin", status(403, "exceeded quota"), true],
  ["a webhook that says no with a code of its own", status(400, 'admission webhook "x" denied the request'), true],
  ["the check of the object", status(422, "Invalid value"), true],
  ["a webhook that cannot be reached and must not be left out", status(500, 'failed calling webhook "x"'), true],
  ["a server that has no time", status(429, "later"), false],
  ["a server that fails", status(500, "etcdserver: request timed out"), false],
  ["a server that is down", status(503, "try later"), false],
  ["an answer that is none", new UnreadableAnswer("the server's answer is larger than 256 MiB"), false],
  ["a connection that breaks", new UserError("undetermined", "Unable to connect to the server: EOF"), false],
] as const)
  t.test(`${name}: ${isRefusal ? "an agent is refused" : "no agent was tried"}`, async (t) => {
    const create = () => Promise.reject(error);
    const { findings, skipped } = await tryAgent({ ...fakeCluster(), create }, place);
    t.same(
      findings.map(({ rule }) => rule),
      isRefusal ? ["agent-refused"] : [],
    );
    t.equal(skipped === undefined, isRefusal);
  });
