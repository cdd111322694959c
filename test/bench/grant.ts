// How long grants take on a real API server: npm run bench -- grant
import { join } from "node:path";
import type { Intent } from "../../lib/access/intent.ts";
import { outlineGrant } from "../../lib/access/outline.ts";
import { grantObjects } from "../../lib/access/objects.ts";
import { auditLogLength } from "../control-plane/audit-log.ts";
import { startControlPlane } from "../control-plane/start.ts";
import {
  benchOn,
  bundled,
  checkout,
  inParallel,
  line,
  median,
  requestsSince,
  writesAmong,
  type Bench,
  type Timed,
} from "./live.ts";

const GRANTS = 500;
const NAMESPACES = 2000;
const SELECTED = 500;

const ROUNDS = 15;
const root = join(import.meta.dirname, "../..");

export async function run(): Promise<void> {
  const plane = await startControlPlane({ auditLog: true });
  try {
    const bench = benchOn(plane);
    bench.timed([plane.kubectl, "apply", "-f", join(root, "examples/operator.yaml")]);
    await makeNamespaces(bench);
    compareOne(bench);
    await measureMany(bench);
  } finally {
    await plane.stop();
  }
}

const names = Array.from({ length: NAMESPACES }, (_, index) => `ns-${index}`);

async function makeNamespaces({ post }: Bench): Promise<void> {
  await inParallel([...names.entries()], ([index, name]) =>
    post("/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name, labels: { n: String(index), ...(index < SELECTED ? { chosen: "yes" } : {}) } },
    }),
  );
}

/** One grant beside the one command that it takes the place of, in turns. Each grant is taken back, so that all are alike. */
function compareOne({ timed, plane }: Bench): void {
  const runners = [checkout("grant"), bundled("grant")].filter((runner) => runner !== undefined);
  const times = new Map<string, number[]>();
  const add = (name: string, { milliseconds }: Timed) => times.set(name, [...(times.get(name) ?? []), milliseconds]);
  timed(checkout("grant").command, "warm", "--ns", "ns-0");
  for (let round = 0; round < ROUNDS; round += 1) {
    const plain = ["create", "rolebinding", `plain-${round}`, "-n", "ns-0", "--clusterrole=view", "--user=x"];
    add("kubectl create rolebinding", timed([plane.kubectl, ...plain]));
    add("node -e 0", timed([process.execPath, "-e", "0"]));
    for (const { name, command } of runners) {
      add(`grant in one namespace, ${name}`, timed(command, "jim", "--ns", "ns-0"));
      add(`the same again (unchanged), ${name}`, timed(command, "jim", "--ns", "ns-0"));
      add(`revoke, ${name}`, timed(command, "revoke", "jim"));
      add(`grant --for 1h, ${name}`, timed(command, "jim", "--ns", "ns-0", "--for", "1h"));
      timed(command, "revoke", "jim");
    }
  }
  const [plain = 0, node = 0] = [...times.values()].map(median);
  process.stdout.write(`medians of ${ROUNDS} rounds\n`);
  for (const [name, all] of times) {
    const limit = name.startsWith("grant in") ? `≤ ${(3 * plain + node).toFixed(0)} ms` : "";
    line(name, `${median(all).toFixed(0)} ms`, limit);
  }
}

async function measureMany(bench: Bench): Promise<void> {
  const { timed, plane } = bench;
  const { name, command } = bundled("grant") ?? checkout("grant");
  const seconds = ({ milliseconds }: Timed) => `${(milliseconds / 1000).toFixed(2)} s`;
  process.stdout.write(`${name}\n`);
  const selected = timed(command, "many", "-l", "chosen=yes", "--accept-label-risk");
  line(`grant in ${SELECTED} namespaces by selector`, seconds(selected), "≤ 10 s");
  await makeGrants(bench);
  // They came without the uids of their namespaces, which the first sync records.
  timed(command, "sync", "-y");
  const offset = auditLogLength(plane);
  const sync = timed(command, "sync", "-y");
  line(`sync with nothing to do, ${GRANTS} grants, ${NAMESPACES} namespaces`, seconds(sync), "≤ 3 s");
  line("  writes", String(writesAmong(requestsSince(plane, offset)).length), "0");
  line("list of all grants", seconds(timed(command, "list", "-o", "name")), "");
  process.stdout.write(sync.stderr);
}

const rbac = "/apis/rbac.authorization.k8s.io/v1";

/** All but the two that are there, each in four namespaces, written without the code under test. */
async function makeGrants({ post }: Bench): Promise<void> {
  await inParallel(
    Array.from({ length: GRANTS - 2 }, (_, index) => index),
    async (index) => {
      const mine = Array.from({ length: 4 }, (_, part) => names[(index * 4 + part) % NAMESPACES] ?? "");
      const intent: Intent = {
        subject: { kind: "User", name: `user-${index}` },
        role: "user",
        set: { kind: "namespaces", namespaces: mine },
        targets: [],
        reads: true,
      };
      const provenance = { grantedBy: "admin", grantedAt: "2026-01-01T00:00:00Z" };
      let uid = "";
      for (const { type, object, part } of grantObjects(outlineGrant(intent), provenance)) {
        if (part === "role") continue;
        const owner = {
          apiVersion: rbac.slice("/apis/".length),
          kind: "ClusterRoleBinding",
          name: outlineGrant(intent).name,
          uid,
        };
        const space = object.metadata.namespace;
        const made = await post(`${rbac}${space === undefined ? "" : `/namespaces/${space}`}/${type.resource}`, {
          ...object,
          metadata: { ...object.metadata, ...(part === "child" ? { ownerReferences: [owner] } : {}) },
        });
        if (part === "main") uid = made.metadata.uid ?? "";
      }
    },
  );
}

if (import.meta.main) await run();
