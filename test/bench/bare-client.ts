// The least that the requests of one can-i cost in Node.js: a program that sends them over one connection and reads the answers, made an
// executable in the way that ours is.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { makeExecutable, thisPlatform } from "../../scripts/make-executable.ts";
import type { ControlPlane } from "../control-plane/start.ts";
import type { Environment, Runner } from "./preview-cluster.ts";

export interface BareRequest {
  method: string;
  path: string;
}

/** What a command asks the server for, in the order of the answers. */
export async function sentRequests(
  [file = "", ...args]: readonly string[],
  server: string,
  env: Environment,
): Promise<BareRequest[]> {
  const child = spawn(file, [...args, "-v", "6"], { env, stdio: ["ignore", "ignore", "pipe"] });
  const [said] = await Promise.all([text(child.stderr), once(child, "close")]);
  return [...said.matchAll(/^(GET|POST) (\S+) 20\d in /gm)].map(([, method = "", url = ""]) => ({
    method,
    path: url.slice(server.length),
  }));
}

/** Makes the program in `folder`. All requests leave at once, but the last, which waits for the others, as can-i's last one does. */
export async function bareClient(
  folder: string,
  plane: ControlPlane,
  user: string,
  requests: readonly BareRequest[],
): Promise<Runner> {
  const node = { ...thisPlatform, version: process.versions.node, file: process.execPath };
  const script = join(folder, "kubectl-mirrord.cjs");
  const program = join(folder, "bare");
  writeFileSync(script, source(plane, user, requests));
  await makeExecutable(node, node, [script], program);
  return { name: `these ${requests.length} requests by a bare HTTP/2 program, as an executable`, command: [program] };
}

const review = {
  apiVersion: "authorization.k8s.io/v1",
  kind: "SelfSubjectAccessReview",
  spec: {
    resourceAttributes: { verb: "get", group: "apps", resource: "deployments", name: "web", namespace: "bench" },
  },
};

function source(plane: ControlPlane, user: string, requests: readonly BareRequest[]): string {
  const bodies = requests.map(({ method, path }) => {
    if (method !== "POST") return { method, path };
    const whoAmI = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
    return { method, path, body: JSON.stringify(path.endsWith("/selfsubjectreviews") ? whoAmI : review) };
  });
  return `(function (require) {
    const client = require("node:http2").connect(${JSON.stringify(plane.server)}, { ca: ${JSON.stringify(plane.ca)} });
    const authorization = ${JSON.stringify(`Bearer ${plane.token(user)}`)};
    const send = ({ method, path, body }) => new Promise((resolve, reject) => {
      const headers = { ":method": method, ":path": path, authorization, accept: "application/json" };
      if (body !== undefined) headers["content-type"] = "application/json";
      const stream = client.request(headers, { endStream: body === undefined });
      if (body !== undefined) stream.end(body);
      let answer = "";
      stream.setEncoding("utf8").on("data", (part) => (answer += part)).on("error", reject);
      stream.on("end", () => resolve(JSON.parse(answer)));
    });
    const requests = ${JSON.stringify(bodies)};
    Promise.all(requests.slice(0, -1).map(send))
      .then(() => send(requests.at(-1)))
      .then(() => process.stdout.write("yes\\n", () => process.exit(0)));
  })`;
}
