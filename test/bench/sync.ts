// How long grant sync takes for a large company on a real API server, beside a bare node program that sends the same requests and
// parses the answers; and what is written when one member of one team comes and goes: npm run bench -- sync
import { join } from "node:path";
import { collectionLabels, collectionSelector } from "../../lib/access/collection.ts";
import type { Intent } from "../../lib/access/intent.ts";
import { grantObjects } from "../../lib/access/objects.ts";
import { directory, membersToday } from "../../lib/access/organizations/directory.ts";
import { outlineGrant } from "../../lib/access/outline.ts";
import { organizationObject } from "../access/organizations/organization-object.ts";
import { auditLogLength, type AuditEvent } from "../control-plane/audit-log.ts";
import { startControlPlane } from "../control-plane/start.ts";
import {
  benchOn,
  bundled,
  checkout,
  inParallel,
  line,
  median,
  numbers,
  requestsSince,
  writesAmong,
  type Bench,
} from "./live.ts";

const ORGANIZATIONS = 500;
const MEMBERS = 10;
const NAMESPACES = 2000;
const COLLECTIONS = 300;
const GRANTS = 500;
const ROUNDS = 7;

const root = join(import.meta.dirname, "../..");
const rbac = "/apis/rbac.authorization.k8s.io/v1";
const organizations = "/apis/access.kubectl-mirrord.io/v1alpha1/organizations";

export async function run(): Promise<void> {
  const plane = await startControlPlane({ auditLog: true });
  try {
    const bench = benchOn(plane);
    bench.timed([plane.kubectl, "apply", "-f", join(root, "examples/operator.yaml")]);
    bench.timed(checkout("install").command, "--access-model", "-y");
    await makeCompany(bench);
    const { command } = bundled("grant") ?? checkout("grant");
    const built = bench.timed(command, "sync", "-y");
    print(
      `${ORGANIZATIONS} organizations with a team of ${MEMBERS} members each, ${NAMESPACES} namespaces in ${COLLECTIONS} collections, ${GRANTS} grants`,
    );
    line("first sync: all bindings are made", seconds(built.milliseconds), "");
    measureIdle(bench);
    measureChanges(bench);
  } finally {
    await plane.stop();
  }
}

const collection = (at: number) => `c${at % COLLECTIONS}`;
const organization = (at: number) =>
  organizationObject(`org-${at}`, {
    teams: [{ name: "web", members: numbers(MEMBERS).map((member) => `person-${at}-${member}`) }],
  });

/** Organizations, namespaces, and what says each grant: the bindings follow by the first sync. */
async function makeCompany({ post }: Bench): Promise<void> {
  const known = directory(numbers(ORGANIZATIONS).map(organization));
  await inParallel(numbers(NAMESPACES), (at) =>
    post("/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: `ns-${at}`, labels: collectionLabels(`${collection(at)}/x`) },
    }),
  );
  await inParallel(numbers(ORGANIZATIONS), (at) => post(organizations, organization(at)));
  await inParallel(numbers(GRANTS), async (at) => {
    const subject = { kind: "Team", name: `org-${at % ORGANIZATIONS}/web` } as const;
    const membership = membersToday(subject, known);
    const set: Intent["set"] = { kind: "namespaces", namespaces: [], selectors: [collectionSelector(collection(at))] };
    const intent: Intent = { subject, role: "user", set, targets: [], reads: true };
    const outline = outlineGrant(intent, membership.state === "known" ? membership.subjects : []);
    const provenance = { grantedBy: "admin", grantedAt: "2026-01-01T00:00:00Z" };
    const objects = grantObjects(outline, provenance, new Map(), { namespaces: [] });
    const main = objects.find(({ part }) => part === "main");
    if (main !== undefined) await post(`${rbac}/clusterrolebindings`, main.object);
  });
}

/** In turns, so that both have the same machine. */
function measureIdle(bench: Bench): void {
  const runners = [checkout("grant"), bundled("grant")].filter((runner) => runner !== undefined);
  const offset = auditLogLength(bench.plane);
  const { stderr } = bench.timed(runners[0]?.command ?? [], "sync", "-y");
  const events = requestsSince(bench.plane, offset);
  const requests = [...new Set(events.filter(isBare).map(({ requestURI }) => requestURI))];
  const times = new Map<string, number[]>();
  const add = (name: string, milliseconds: number) => times.set(name, [...(times.get(name) ?? []), milliseconds]);
  const bare = [process.execPath, "--input-type=module", "-e", bareFetch(bench, requests)];
  let fetched = "";
  for (let round = 0; round < ROUNDS; round += 1) {
    const floor = bench.timed(bare);
    fetched = floor.stdout.trim();
    add("bare", floor.milliseconds);
    for (const { name, command } of runners) {
      add(`no-op, ${name}`, bench.timed(command, "sync", "-y").milliseconds);
      add(`plan (--dry-run), ${name}`, bench.timed(command, "sync", "--dry-run").milliseconds);
    }
  }
  print(stderr.trim());
  const floor = median(times.get("bare") ?? []);
  print(
    `medians of ${ROUNDS} rounds in turns; ${events.length} requests, of which the bare program sends all but reviews`,
  );
  line(`bare node: ${fetched}`, seconds(floor), "");
  line("writes of a no-op", String(writesAmong(events).length), "0");
  for (const [name, all] of times) {
    if (name === "bare") continue;
    const limit = name.startsWith("no-op") ? "≤ 1.5 ×" : "≤ 2 s";
    line(`${name} (${(median(all) / floor).toFixed(2)} × bare)`, seconds(median(all)), limit);
  }
}

/** What a bare program sends again: the first page of each list, and what is read one by one. */
const isBare = ({ verb, requestURI }: AuditEvent) =>
  (verb === "list" || verb === "get") && !requestURI.includes("continue=");

/** The same lists, page after page and list beside list, each answer parsed. */
function bareFetch({ plane }: Bench, requests: readonly string[]): string {
  return `
    const headers = { Authorization: ${JSON.stringify(`Bearer ${plane.admin.token}`)} };
    let bytes = 0, items = 0, answers = 0;
    await Promise.all(${JSON.stringify(requests)}.map(async (path) => {
      for (let next = ""; next !== undefined; ) {
        const response = await fetch(${JSON.stringify(plane.server)} + path + next, { headers });
        const text = await response.text();
        const answer = response.ok ? JSON.parse(text) : {};
        answers += 1;
        bytes += text.length;
        items += answer.items?.length ?? 0;
        const token = answer.metadata?.continue;
        next = token ? "&continue=" + encodeURIComponent(token) : undefined;
      }
    }));
    console.log(answers + " answers, " + items + " items, " + (bytes / 1048576).toFixed(1) + " MiB");`;
}

function measureChanges(bench: Bench): void {
  const { name, command } = bundled("grant") ?? checkout("grant");
  for (const verb of ["add", "remove"]) {
    const offset = auditLogLength(bench.plane);
    const { milliseconds } = bench.timed(command, "team", verb, "org-7/web", "somebody");
    const written = writesAmong(requestsSince(bench.plane, offset));
    line(`team ${verb} of one member, ${name}`, seconds(milliseconds), "");
    line("  writes", String(written.length), `${1 + 1 + 2 * namespacesOfOne} at most`);
  }
}

/** Of the collection of the grant to that team: one binding of the role and one of the reads in each, beside the Organization and the intent. */
const namespacesOfOne = numbers(NAMESPACES).filter((at) => collection(at) === collection(7)).length;

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;
const print = (text: string): void => void process.stdout.write(`${text}\n`);

if (import.meta.main) await run();
