import t from "tap";
import type { CheckContext } from "../../lib/access/findings.ts";
import { findingText, grantRow, grantValue, rowInPlace, timeLeft } from "../../lib/access/grant-row.ts";
import { grantId } from "../../lib/access/intent.ts";
import { annotations } from "../../lib/access/names.ts";
import { intentWith, provenance } from "./grant.ts";
import { carriesIntent, changed, end, now, storedGrant, storedParts } from "./stored-grant.ts";

const live: CheckContext = { now, live: true, policies: false };
const permanent = intentWith({ set: { kind: "namespaces", namespaces: ["qa", "dev"] } });
const temporary = intentWith({ temporary: true, targets: ["deployment/web"] });

t.test("a grant as it is shown", async (t) => {
  const row = grantRow(storedGrant(storedParts(permanent).objects), live);
  t.match(row, {
    id: grantId(permanent),
    subject: "jim",
    role: "user",
    namespaces: ["dev", "qa"],
    selectors: { length: 0 },
    targets: { length: 0 },
    status: "ok",
    findings: { length: 0 },
    managed: true,
    grantedBy: provenance.grantedBy,
    grantedAt: provenance.grantedAt,
  });
  t.match(row.name, /^mirrord:grant:/);
  t.notOk("expiresAt" in row);
  t.notOk("reason" in row);
});

t.test("where it holds is what selectors match today, and `*` for everywhere", async (t) => {
  const set = { kind: "namespaces" as const, namespaces: ["dev"], selectors: ["env=dev"] };
  const selected = storedGrant(storedParts(intentWith({ set })).objects);
  t.match(grantRow(selected, { ...live, namespaces: ["dev", "one"] }), {
    namespaces: ["dev", "one"],
    selectors: ["env=dev"],
  });
  const everywhere = storedGrant(storedParts(intentWith({ set: { kind: "all" } })).objects);
  t.match(grantRow(everywhere, { ...live, namespaces: ["dev"] }), { namespaces: ["*"], selectors: { length: 0 } });
});

t.test("an end is in whole seconds, and targets are those of the intent", async (t) => {
  const row = grantRow(storedGrant(storedParts(temporary).objects), live);
  t.equal(row.expiresAt, new Date(end).toISOString().replace(".000Z", "Z"));
  t.same(row.targets, ["deployment/web"]);
});

const withNotes = (change: (notes: Record<string, string>) => Record<string, string | undefined>, more: object = {}) =>
  storedGrant(
    changed(storedParts(permanent).objects, carriesIntent, (object) => ({
      ...object,
      metadata: {
        ...object.metadata,
        ...more,
        annotations: Object.fromEntries(
          Object.entries(change(object.metadata.annotations ?? {})).flatMap(([key, value]) =>
            value === undefined ? [] : [[key, value]],
          ),
        ),
      },
    })),
  );

t.test("a grant from a file was granted when its binding was made; a reason is shown", async (t) => {
  const created = { creationTimestamp: "2025-01-01T00:00:00Z" };
  const row = grantRow(
    withNotes((notes) => ({ ...notes, [annotations.grantedAt]: undefined, [annotations.reason]: "INC-42" }), created),
    live,
  );
  t.match(row, { grantedAt: "2025-01-01T00:00:00Z", reason: "INC-42" });
  t.match(
    grantRow(
      withNotes((notes) => notes, created),
      live,
    ),
    { grantedAt: provenance.grantedAt },
  );
});

t.test("of an intent that nobody can read, its bindings still say for whom it is", async (t) => {
  const row = grantRow(
    withNotes((notes) => ({ ...notes, [annotations.intent]: "{" })),
    live,
  );
  t.match(row, { subject: "jim", namespaces: ["dev", "qa"], selectors: { length: 0 }, targets: { length: 0 } });
  t.notOk("role" in row);
  t.not(row.status, "ok");
  const value = grantValue(row) as { subject: unknown; role: unknown; findings: object[] };
  t.equal(value.role, null);
  t.equal(value.subject, "jim");
  t.ok(value.findings.length > 0);
});

t.test("a grant without its ClusterRoleBinding has the name of what is left of it", async (t) => {
  const rest = storedParts(permanent).objects.filter((item) => !carriesIntent(item));
  const row = grantRow(storedGrant(rest), live);
  t.equal(row.name, rest[0]?.object.metadata.name);
  t.notOk("grantedAt" in row);
});

t.test("a finding names its object, one about the grant itself does not", async (t) => {
  const without = storedParts(permanent).objects.filter(
    ({ object }) => !(object.kind === "RoleBinding" && object.metadata.namespace === "qa"),
  );
  const row = grantRow(storedGrant(without), live);
  const [finding] = row.findings;
  if (finding === undefined) throw new Error("nothing found");
  t.match(findingText(finding), /^rolebinding\/\S+ is missing/);
  t.equal(findingText({ ...finding, subject: { kind: "Grant", name: "x" } }), finding.message);
  const { findings } = grantValue(row) as {
    findings: { kind: string; object?: string; namespace?: string; text: string; fix: string }[];
  };
  t.match(findings[0], {
    kind: finding.rule,
    severity: finding.severity,
    namespace: "qa",
    text: finding.message,
    fix: finding.fix,
  });
  t.match(findings[0]?.object, /^rolebinding\//);
});

t.test("in a folder, what mends a finding is done there", async (t) => {
  const without = storedParts(permanent).objects.filter(({ object }) => object.metadata.namespace !== "qa");
  const row = grantRow(storedGrant(without), live);
  t.same(rowInPlace(row, undefined), row);
  t.match(rowInPlace(row, ["folder"]).findings[0]?.fix, /--manifests folder/);
});

const times: [expiresAt: string | undefined, text: string][] = [
  [undefined, "<never>"],
  [new Date(now).toISOString(), "ended"],
  [new Date(now - 1).toISOString(), "ended"],
  [new Date(now + 7_200_000).toISOString(), "120m"],
  ["soon", "ended"],
];
for (const [expiresAt, text] of times)
  t.test(`the time left until ${expiresAt} is ${text}`, async (t) => t.equal(timeLeft(expiresAt, new Date(now)), text));
