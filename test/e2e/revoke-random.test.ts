import t from "tap";
import { connect } from "../../lib/commands/connect.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { ResourceAttributes, UserInfo } from "../../lib/kubernetes/access.ts";
import { operatorClusterRoles } from "../access/operator-roles.ts";
import { runGrant } from "../commands/grant-world.ts";
import { falseSentences, generateRevokeWorld } from "../commands/revoke-worlds.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { random } from "../rbac/random.ts";
import { createAll, deleteAll, openServer } from "../rbac/server.ts";

// Every sentence of a revocation is held against the requests that the subject then sends to a real API server: what its
// authorizer refuses is 403, and whatever else it answers was let through.
const COUNT = Number(process.env["REVOKE_COUNT"] ?? 40);
const SEED = Number(process.env["REVOKE_SEED"] ?? 20261129);

const plane = await startControlPlane({ auditLog: false });
t.teardown(() => plane.stop());
const server = openServer(plane);
t.teardown(() => server.close());
const namespaces = ["dev", "qa"] as const;
for (const name of namespaces) {
  const body = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
  await server.call({ method: "POST", path: "/api/v1/namespaces", body });
}
await createAll(server, operatorClusterRoles);
const context = { env: {}, signal: new AbortController().signal, warn: () => undefined };
const cluster = await connect({ kubeconfig: plane.kubeconfig }, context);
t.teardown(() => cluster.close());

/** As a client would send it. */
function rawRequest({ verb, apiGroup, resource, namespace, name }: ResourceAttributes) {
  const version =
    apiGroup === "preview.mirrord.metalbear.co" ? "v1alpha" : apiGroup === "argoproj.io" ? "v1alpha1" : "v1";
  const root = apiGroup === "" ? "/api/v1" : `/apis/${apiGroup}/${version}`;
  const isNamespace = resource === "namespaces";
  const place = namespace === undefined || isNamespace ? "" : `/namespaces/${namespace}`;
  const object = name === undefined ? "" : `/${name}`;
  const path = `${root}${verb === "proxy" ? "/proxy" : ""}${place}/${resource}${object}${verb === "watch" ? "?watch=true" : ""}`;
  return { method: verb === "create" ? "POST" : "GET", path, ...(verb === "create" ? { body: {} } : {}) } as const;
}

async function allowed({ name, groups }: UserInfo, request: ResourceAttributes): Promise<boolean> {
  const token = plane.token(name, ...groups.filter((group) => group !== "system:authenticated"));
  const { status } = await server.call({ ...rawRequest(request), token });
  return status !== 403;
}

async function granted(words: readonly string[]): Promise<void> {
  const { code, stderr } = await runGrant(words, { cluster });
  if (code !== 0) throw new Error(`${words.join(" ")}: ${stderr}`);
}

async function revokeEverything(subjects: readonly string[]): Promise<void> {
  for (const subject of subjects) await runGrant(["revoke", subject], { cluster });
}

t.test(
  `no sentence of ${COUNT} revocations is untrue (REVOKE_SEED=${SEED})`,
  { timeout: 60_000 + COUNT * 6000 },
  async (t) => {
    const codes = new Map<number, number>();
    for (let round = 0; round < COUNT; round += 1) {
      const world = generateRevokeWorld(random(SEED + round), `r${round}-`, namespaces);
      const made: KubernetesObject[] = world.made;
      await createAll(server, made);
      for (const words of world.grants) await granted(words);
      const { items } = JSON.parse((await runGrant(["list", world.subject, "-o", "json"], { cluster })).stdout) as {
        items: { id: string; namespaces: string[]; managed: boolean }[];
      };
      const first = items.find(({ managed }) => managed);
      const words = world.revoke.map((word) => (word === "ID" ? (first?.id ?? "") : word));
      const run = await runGrant(["revoke", ...words], { cluster });
      const scope = words.includes("--ns")
        ? words.slice(-1)
        : words[0] === world.subject || first?.namespaces.includes("*") === true
          ? namespaces
          : (first?.namespaces ?? []);
      // A grant that holds everywhere is not taken back in one namespace.
      const faults = run.code === 2 ? [] : await falseSentences(world, run, scope, allowed);
      if (faults.length > 0) {
        t.fail(`seed ${SEED + round}: revoke ${words.join(" ")}\n${faults.join("\n")}\n${run.stdout}${run.stderr}`);
        return;
      }
      codes.set(run.code, (codes.get(run.code) ?? 0) + 1);
      await deleteAll(server, made);
      await revokeEverything([world.subject, `group:${world.team}`]);
    }
    t.comment(`exit codes: ${JSON.stringify([...codes])}`);
    t.ok((codes.get(0) ?? 0) > COUNT / 5 && (codes.get(1) ?? 0) > COUNT / 5, "both kinds of outcome are common");
  },
);
