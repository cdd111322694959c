import t from "tap";
import type { AccessSummary } from "../../../lib/audit/access-summary.ts";
import type { AuditFinding } from "../../../lib/audit/finding.ts";
import { auditRules } from "../../../lib/audit/rules.ts";
import { findingsMetrics, type Measured } from "../../../lib/commands/audit/findings-metrics.ts";
import { metricsText } from "../../../lib/view/metrics.ts";
import { readExposition, type ReadSample } from "../../view/exposition.ts";

const access: AccessSummary = {
  administrators: 1,
  sessions: 2,
  sessionsEverywhere: 3,
  namespaces: 4,
  grants: 5,
  bindings: 6,
  roles: 7,
};
const finding = (rule: string, more: Partial<AuditFinding> = {}): AuditFinding => ({
  rule,
  severity: "warning",
  subject: { kind: "ClusterRoleBinding", name: "x" },
  message: "",
  fix: "",
  who: [],
  evidence: [],
  ...more,
});
const single: Measured = {
  clusters: [{ cluster: undefined, access, complete: true }],
  findings: [],
  rules: auditRules,
  excepted: 0,
  now: 1_700_000_000,
};
const measure = (more: Partial<Measured>): ReadSample[] =>
  readExposition(metricsText(findingsMetrics({ ...single, ...more }))).samples;
const valuesOf = (samples: readonly ReadSample[], name: string, labels: object = {}): number[] =>
  samples
    .filter((each) => each.name === `mirrord_audit_${name}`)
    .filter((each) => Object.entries(labels).every(([label, value]) => each.labels[label] === value))
    .map(({ value }) => value);

t.test("names, help and types are these, whatever was found", async (t) => {
  const { types, help } = readExposition(metricsText(findingsMetrics(single)));
  const names = [
    "findings",
    "findings_excepted",
    "complete",
    "administrators",
    "session_subjects",
    "session_subjects_everywhere",
    "session_namespaces",
    "grants",
    "bindings",
    "roles",
    "last_run_timestamp_seconds",
  ].map((name) => `mirrord_audit_${name}`);
  t.same(Object.keys(types), names);
  t.same(Object.keys(help), names);
  t.ok(Object.values(types).every((type) => type === "gauge"));
});

t.test("a rule that found nothing is 0; one that found something is counted by severity", async (t) => {
  const samples = measure({
    findings: [
      finding("wildcard"),
      finding("wildcard", { subject: { kind: "Role", name: "y" } }),
      finding("wildcard", { severity: "note" }),
    ],
  });
  t.same(valuesOf(samples, "findings", { rule: "wildcard", severity: "medium" }), [2]);
  t.same(valuesOf(samples, "findings", { rule: "wildcard", severity: "low" }), [1]);
  t.same(valuesOf(samples, "findings", { rule: "administrator" }), [0]);
  t.same(valuesOf(samples, "session_subjects"), [2]);
  t.same(valuesOf(samples, "last_run_timestamp_seconds"), [1_700_000_000]);
  t.same(valuesOf(samples, "complete"), [1]);
});

t.test("how many series there are does not depend on who is in the cluster", async (t) => {
  const many = Array.from({ length: 5000 }, (_, at) =>
    finding("wildcard", { who: [`user-${at}`], subject: { kind: "RoleBinding", namespace: `n${at}`, name: `b${at}` } }),
  );
  t.equal(measure({ findings: many }).length, measure({}).length);
});

t.test("of several clusters each has its own numbers, and one that was not read has none", async (t) => {
  const samples = measure({
    clusters: [
      { cluster: 'pr"od\n', access, complete: true },
      { cluster: "qa", access, complete: false },
      { cluster: "down", complete: false },
    ],
    findings: [finding("wildcard", { cluster: "qa" }), finding("exception-over", { severity: "warning" })],
  });
  t.same(valuesOf(samples, "findings", { cluster: "qa", rule: "wildcard" }), [1]);
  t.same(valuesOf(samples, "findings", { cluster: 'pr"od\n', rule: "wildcard" }), [0]);
  t.same(valuesOf(samples, "findings", { cluster: "" }), [1], "what is about no cluster");
  t.same(valuesOf(samples, "complete"), [1, 0, 0]);
  t.same(
    samples.filter(({ labels }) => labels["cluster"] === "down").map(({ name }) => name),
    ["mirrord_audit_complete"],
  );
});
