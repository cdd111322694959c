import t from "tap";
import { UserError } from "../../../lib/errors.ts";
import { ApiError } from "../../../lib/kubernetes/api-error.ts";
import type { Cluster, PodAnswer } from "../../../lib/kube/cluster.ts";
import { probeLines, probeOperator } from "../../../lib/commands/session/probe.ts";
import type { OperatorPlace } from "../../../lib/reading/operator-pod.ts";
import type { FailedRead, Read } from "../../../lib/reading/read.ts";

const service = { namespace: "ops", name: "op", port: 8443, authority: "PEM", availability: "Available=True" };
const pod = { namespace: "ops", name: "op-1", container: "main", port: 3000, notReady: "" };
const there: OperatorPlace = { found: "pod", service, pod };
const value = <Value>(of: Value): Read<Value> => ({ failed: false, value: of });
const failed = (status: number): FailedRead => ({
  failed: true,
  status,
  error: new ApiError(
    "undetermined",
    status,
    JSON.stringify({ kind: "Status", status: "Failure", message: "no", code: status }),
  ),
});

type Asked = { port: number; path: string; serverName: string; authority: string | undefined };

async function probe(
  answer: PodAnswer | Error,
  { status = failed(503), place = value(there) }: { status?: Read<unknown>; place?: Read<OperatorPlace> } = {},
) {
  const asked: Asked[] = [];
  const request = async (_pod: unknown, request_: Asked) => {
    asked.push(request_);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const cluster = { pods: { request } } as unknown as Cluster;
  return { ...(await probeOperator(cluster, status, place)), asked };
}

const ok = { answered: true, status: 200 } as PodAnswer;
const verdicts: {
  name: string;
  answer: PodAnswer | Error;
  given?: Parameters<typeof probe>[1];
  verdict: string;
  says: RegExp;
}[] = [
  {
    name: "both ways answer",
    answer: ok,
    given: { status: value({}) },
    verdict: "works",
    says: /by itself and through/,
  },
  { name: "only the pod answers", answer: ok, verdict: "unreachable", says: /it is the way, not the operator/ },
  {
    name: "its certificate is not trusted",
    answer: { ...ok, certificateFault: "expired" } as PodAnswer,
    verdict: "untrusted",
    says: /does not trust its certificate: expired/,
  },
  {
    name: "the caller may not ask through the API server",
    answer: ok,
    given: { status: failed(403) },
    verdict: "unknown",
    says: /through the API server you may not/,
  },
  {
    name: "the pod does not answer",
    answer: { answered: false, why: "refused" },
    verdict: "silent",
    says: /on port 3000: refused/,
  },
  {
    name: "the pod answers with an error",
    answer: { answered: true, status: 500 },
    verdict: "unhealthy",
    says: /but with 500/,
  },
  {
    name: "the pod is not ready",
    answer: ok,
    given: { place: value({ ...there, pod: { ...pod, notReady: "OOMKilled" } }) },
    verdict: "not-ready",
    says: /not ready: OOMKilled/,
  },
  {
    name: "the pod is not ready and may not be asked",
    answer: failed(403).error,
    given: { place: value({ ...there, pod: { ...pod, notReady: "OOMKilled" } }) },
    verdict: "not-ready",
    says: /not ready: OOMKilled/,
  },
  { name: "the pod may not be asked", answer: failed(403).error, verdict: "unknown", says: /could not be asked/ },
  { name: "asking the pod fails", answer: failed(500).error, verdict: "unknown", says: /could not be asked/ },
  {
    name: "nothing is registered",
    answer: ok,
    given: { place: value({ found: "nothing", why: "there is no APIService" }) },
    verdict: "not-registered",
    says: /not registered: there is no/,
  },
  {
    name: "there is no service",
    answer: ok,
    given: { place: value({ found: "registration", service, why: "there is no Service" }) },
    verdict: "not-running",
    says: /registered, but there is no Service/,
  },
  {
    name: "the place cannot be read",
    answer: ok,
    given: { place: failed(403) },
    verdict: "unknown",
    says: /could not be asked/,
  },
];
for (const { name, answer, given, verdict, says } of verdicts)
  t.test(`${verdict}: ${name}`, async (t) => {
    const found = await probe(answer, given);
    t.equal(found.verdict, verdict);
    t.match(found.explanation, says);
    t.equal("problem" in found, given?.status?.failed !== false);
    if (verdict !== "works" && name !== "the caller may not ask through the API server")
      t.equal(found.advice === "", false);
  });

t.test("the pod is asked as the API server asks it, with the authority that it trusts", async (t) => {
  const request = { port: 3000, path: "/health", serverName: "op.ops.svc", authority: "PEM" };
  t.same((await probe(ok)).asked, [request]);
  const anybody = value({ ...there, service: { ...service, authority: "" } });
  t.same((await probe(ok, { place: anybody })).asked, [{ ...request, authority: undefined }]);
});

t.test("who may not ask the pod is told which right that takes", async (t) => {
  t.match((await probe(failed(403).error)).advice, "get and create on pods/portforward in namespace ops");
  t.equal((await probe(new UserError("undetermined", "x", ["a", "b"]))).advice, "a; b");
});

t.test("what is shown of the service is not the authority", async (t) => {
  t.notOk("authority" in ((await probe(ok)).service ?? {}));
});

t.test("a probe in lines", async (t) => {
  const { asked: _, ...found } = await probe({ ...ok, certificateFault: "expired" } as PodAnswer);
  t.same(
    probeLines(found).map((line) => line.split(/: +/).slice(0, 2).join("=")),
    [
      "Through the API server=Error from server",
      "Service=ops/op, port 8443",
      "APIService=Available=True",
      "Pod=op-1",
      "GET /health of the pod=200; its certificate",
      "Verdict=the operator answers, but the API server does not trust its certificate",
      `Next=${found.advice?.split(": ")[0]}`,
    ],
  );
  t.match(probeLines({ verdict: "works", explanation: "x" }), [/^Through the API server: +answers$/, /^Verdict: +x$/]);
  t.match(
    probeLines({ verdict: "silent", explanation: "x", answer: { answered: false, why: "refused" } })[1],
    /refused$/,
  );
});
