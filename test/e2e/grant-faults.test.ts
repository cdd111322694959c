import { once } from "node:events";
import { createServer, request } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import t from "tap";
import { startExampleCluster } from "./example-cluster.ts";
import { grantProbe } from "./grants.ts";

// An API server that fails now and then: whatever it does, the same command again finishes.
const cluster = await startExampleCluster();
t.teardown(() => cluster.stop());
const { plane } = cluster;
const { grant, labelled, remove } = grantProbe(cluster);

/** `lost`: the request is carried out, and its answer never comes. */
type Fault = 429 | 500 | 503 | "reset" | "lost";

let fault: Fault | undefined;
let every = 0;
let count = 0;
const proxy = createServer(await plane.issueServingCertificate("localhost"), (incoming, outgoing) => {
  count += 1;
  const fails = fault !== undefined && count % every === 0 ? fault : undefined;
  if (fails === "reset") incoming.socket.destroy();
  else if (typeof fails === "number") refuse(outgoing, fails);
  else forward(incoming, outgoing, fails === "lost");
});
proxy.listen(0, "127.0.0.1");
await once(proxy, "listening");
t.teardown(() => proxy.close());
const { port } = proxy.address() as AddressInfo;

function refuse(outgoing: ServerResponse, status: number): void {
  const body = {
    kind: "Status",
    apiVersion: "v1",
    status: "Failure",
    message: "try later",
    reason: "InternalError",
    code: status,
  };
  outgoing.writeHead(status, { "Content-Type": "application/json", ...(status === 429 ? { "Retry-After": "1" } : {}) });
  outgoing.end(JSON.stringify(body));
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, lose: boolean): void {
  const { host: _host, ...headers } = incoming.headers;
  const target = new URL(incoming.url ?? "/", plane.server);
  const sent = request(target, { method: incoming.method, headers, ca: plane.ca, agent: false }, (answer) => {
    if (lose) {
      answer.resume();
      answer.on("end", () => incoming.socket.destroy());
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(outgoing);
  });
  sent.on("error", () => incoming.socket.destroy());
  incoming.pipe(sent);
}

const through = ["--server", `https://localhost:${port}`, "--certificate-authority", plane.caFile];
const commands: string[][] = [
  ["jim", "--ns", "dev", "--ns", "qa", "--for", "1h"],
  ["jim", "--ns", "dev", "--ns", "qa"],
];

for (const kind of [429, 500, 503, "reset", "lost"] as const) {
  t.test(`${kind} now and then: the same command again finishes`, async (t) => {
    for (const words of commands) {
      let code = -1;
      let tries = 0;
      const said: string[] = [];
      // The requests that fail are others each time: 7, 11, 13 … are prime.
      for (const step of [7, 11, 13, 17, 19, 23, 47, 97]) {
        [fault, every, count, tries] = [kind, step, 0, tries + 1];
        const run = await grant(...words, ...through);
        ({ code } = run);
        said.push(run.stderr);
        t.not(code, 70, `no failure of the server is a bug of ours: ${run.stderr}`);
        if (code === 0) break;
        t.ok([3, 4].includes(code), `exit code ${code}: ${run.stderr}`);
      }
      fault = undefined;
      t.equal(code, 0, said.join("\n"));
      t.comment(`${words.join(" ")}: ${tries} tries`);
    }
    t.equal((await labelled("clusterrolebindings")).length, 2, "a permanent and a temporary grant");
    t.equal((await labelled("rolebindings")).length, 8, "four bindings of each");
    t.equal((await grant("sync", "-y", ...through)).code, 0);
    t.equal((await labelled("jobs")).length, 2, "an anchor in each namespace of the temporary one");
    t.equal((await grant("sync", "--check", ...through)).code, 0);
    let revoked = "";
    for (const step of [7, 23, 47, 97, 199, 397]) {
      [fault, every, count] = [kind, step, 0];
      const run = await grant("revoke", "jim", ...through);
      revoked += run.stderr;
      if (run.code === 0 || /no grant of jim/.test(run.stderr)) break;
    }
    fault = undefined;
    const left = [...(await labelled("rolebindings")), ...(await labelled("clusterrolebindings"))];
    t.same(
      left.map(({ metadata }) => metadata),
      [],
      revoked,
    );
    await remove();
  });
}
