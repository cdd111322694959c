import { once } from "node:events";
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { text } from "node:stream/consumers";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import t from "tap";
import { execute } from "../../../lib/cli/execute.ts";
import { canI } from "../../../lib/commands/can-i/index.ts";
import { readManifests } from "../../../lib/kube/manifests/folder.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { connectCluster } from "../../../lib/kube/live/live-cluster.ts";
import { createAuthority, issueCertificate } from "../../control-plane/certificates.ts";
import { fakeWorld } from "../../cli/fake-world.ts";

// Over a slow network a command takes as long as its requests wait for each other, whatever they cost. A server that answers
// nothing while more may come shows how many times that is.

const authority = await createAuthority("rounds");
const { certPem, keyPem } = await issueCertificate(authority, {
  commonName: "rounds",
  usage: "server",
  ipAddresses: ["127.0.0.1"],
});
const objects = readManifests([join(import.meta.dirname, "..", "..", "..", "examples")]).flatMap(({ documents }) =>
  documents.flatMap((document) => document.objects),
);
const operator = {
  apiVersion: "operator.metalbear.co/v1",
  kind: "MirrordOperator",
  metadata: { name: "operator" },
  spec: {
    operator_version: "3.187.0",
    default_namespace: "default",
    supported_features: ["ProxyApi", "CopyTarget", "ExtendableUserCredentials"],
    license: { name: "build", organization: "build", expire_at: "2999-12-31" },
  },
  status: { sessions: [] },
};

interface Server {
  allows: (asked: Attributes) => boolean;
  policies?: KubernetesObject[];
}

interface Attributes {
  resource?: string;
  verb?: string;
}

function answerTo(method: string, path: string, body: string, { allows, policies = [] }: Server): object | undefined {
  const stored: KubernetesObject[] = [operator, ...objects, ...policies];
  if (method === "POST") {
    const review = JSON.parse(body);
    if (review.kind === "SelfSubjectReview") {
      return { ...review, status: { userInfo: { username: "jim", groups: ["system:authenticated"] } } };
    }
    return { ...review, status: { allowed: allows(review.spec.resourceAttributes ?? {}) } };
  }
  const isKind = ({ kind }: KubernetesObject, word = "") => word === `${kind.toLowerCase().replace(/y$/, "ie")}s`;
  const [address = "", query] = path.split("?");
  const [plural, name] = address.split("/").slice(-2);
  if (query === undefined) return stored.find((object) => isKind(object, plural) && object.metadata.name === name);
  return { kind: "List", metadata: {}, items: stored.filter((object) => isKind(object, name)) };
}

/** The requests of a command, in the order in which they had to wait for each other. */
async function roundsOf(words: readonly string[], behaviour: Server) {
  const rounds: string[][] = [];
  const connections: string[] = [];
  let waiting: { line: string; answer(): void }[] = [];
  let quietTurns = 0;
  const server = createSecureServer(
    { cert: certPem, key: keyPem },
    (request: Http2ServerRequest, response: Http2ServerResponse) => {
      void text(request).then((body) => {
        quietTurns = 0;
        waiting.push({
          line: `${request.method} ${request.url}`,
          answer() {
            const found = answerTo(request.method, request.url, body, behaviour);
            response.writeHead(found === undefined ? 404 : 200, { "content-type": "application/json" });
            response.end(JSON.stringify(found ?? { kind: "Status", status: "Failure", reason: "NotFound", code: 404 }));
          },
        });
      });
    },
  );
  server.on("secureConnection", (socket: TLSSocket) => connections.push(socket.getProtocol() ?? ""));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  let isOver = false;
  const turn = (): void => {
    if (isOver) return;
    quietTurns += 1;
    // Client and server are one process: what the client has to send is here after a few turns of its loop.
    if (quietTurns > 50 && waiting.length > 0 && !isBusy()) {
      const round = waiting;
      waiting = [];
      rounds.push(round.map(({ line }) => line));
      for (const { answer } of round) answer();
      quietTurns = 0;
    }
    setImmediate(turn);
  };
  turn();
  const kubeconfig = join(t.testdirName, "kubeconfig");
  const { port } = server.address() as AddressInfo;
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    "certificate-authority-data": Buffer.from(authority.certPem).toString("base64"),
  };
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      clusters: [{ name: "a", cluster }],
      users: [{ name: "a", user: { token: "t" } }],
      contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
      "current-context": "a",
    }),
  );
  const world = fakeWorld();
  const context = { env: {}, signal: new AbortController().signal, warn: (warning: string) => world.warn(warning) };
  const live = await connectCluster({ kubeconfig, namespace: "dev" }, context);
  world.connect = async () => live;
  try {
    const code = await execute(canI, words, world);
    return { code, rounds, connections };
  } finally {
    isOver = true;
    live.close();
    server.close();
  }
}

/** Files, names and keys are worked on beside the loop. */
function isBusy(): boolean {
  return process.getActiveResourcesInfo().some((name) => /^(FSReq|GetAddrInfo|.*Job|TCPConnectWrap)/.test(name));
}
t.testdir({});

const everything = () => true;
const noConnection = ({ verb }: Attributes) => verb !== "proxy";
const blockOf = (feature: string): KubernetesObject[] => [
  {
    apiVersion: "policies.mirrord.metalbear.co/v1alpha",
    kind: "MirrordPolicy",
    metadata: { name: "one", namespace: "dev" },
    spec: { block: [feature] },
  },
];
const duplicates = (lines: readonly string[]): string[] =>
  lines.filter((line, at) => line.startsWith("GET") && lines.indexOf(line) !== at);

/** A connection is made in two: TCP, and TLS 1.3. */
const CONNECTING = 2;
const cases: { words: string; server: Server; code: number; rounds: number }[] = [
  { words: "steal deploy/web", server: { allows: everything }, code: 0, rounds: 4 },
  { words: "steal deploy/web -q", server: { allows: everything }, code: 0, rounds: 3 },
  { words: "steal deploy/web --explain", server: { allows: everything }, code: 0, rounds: 4 },
  { words: "steal deploy/web --as jim", server: { allows: everything }, code: 0, rounds: 4 },
  { words: "copy deploy/web", server: { allows: everything }, code: 0, rounds: 4 },
  { words: "copy deploy/web", server: { allows: everything, policies: blockOf("steal") }, code: 0, rounds: 4 },
  { words: "steal deploy/web", server: { allows: everything, policies: blockOf("steal") }, code: 1, rounds: 4 },
  { words: "steal deploy/web", server: { allows: noConnection }, code: 1, rounds: 4 },
  { words: "steal deploy/web -q", server: { allows: noConnection }, code: 1, rounds: 3 },
  { words: "steal deploy/web --as jim", server: { allows: noConnection }, code: 1, rounds: 4 },
  { words: "copy deploy/web", server: { allows: noConnection, policies: blockOf("steal") }, code: 1, rounds: 4 },
  { words: "--list", server: { allows: everything, policies: blockOf("steal") }, code: 0, rounds: 5 },
];
for (const { words, server, code, rounds } of cases) {
  const given = `${server.allows === everything ? "everything" : "no connection"} is allowed${server.policies === undefined ? "" : ", and there is a policy"}`;
  t.test(`can-i ${words} waits for the network ${rounds} times where ${given}`, async (t) => {
    const run = await roundsOf([...words.split(" "), "-n", "dev"], server);
    t.match(run, { code, connections: ["TLSv1.3"] });
    t.ok(CONNECTING + run.rounds.length <= rounds, JSON.stringify(run.rounds, undefined, 2));
    t.same(duplicates(run.rounds.flat()), [], "nothing is asked twice");
  });
}
