import type { AccessSummary } from "../../audit/access-summary.ts";
import { grades } from "../../audit/grades.ts";
import type { AuditFinding } from "../../audit/finding.ts";
import type { AuditRule } from "../../audit/rules.ts";
import type { Metric, Sample } from "../../view/metrics.ts";

/** A cluster, as far as its metrics tell of it. */
export interface MeasuredCluster {
  /** Undefined in a report about a single one: its metrics have no such label. */
  cluster: string | undefined;
  /** Left out: nothing of it could be read, so that its other numbers are unknown. */
  access?: AccessSummary;
  complete: boolean;
}

export interface Measured {
  clusters: readonly MeasuredCluster[];
  findings: readonly AuditFinding[];
  /** All that was looked for, by id. */
  rules: Readonly<Record<string, AuditRule>>;
  excepted: number;
  /** Seconds since 1970. */
  now: number;
}

const accessMetrics = {
  administrators: ["administrators", "Subjects that may do everything in the cluster, beside the control plane."],
  sessions: ["session_subjects", "Subjects that may start mirrord sessions somewhere, administrators aside."],
  sessionsEverywhere: ["session_subjects_everywhere", "Those of them that may in every namespace."],
  namespaces: ["session_namespaces", "Namespaces in which somebody may start sessions who may not everywhere."],
  grants: ["grants", "Grants that are stored."],
  bindings: ["bindings", "RoleBindings and ClusterRoleBindings that were looked at."],
  roles: ["roles", "Roles and ClusterRoles that were looked at."],
} as const satisfies Record<keyof AccessSummary, readonly [string, string]>;

/**
 * The numbers of a report. Labels are the cluster, the rule and its severity: how many series there are depends on the rules
 * and clusters alone, not on who or what is in a cluster. A rule that found nothing is 0, and of a cluster that could not be
 * read there is no number at all, nor of what the caller may not list there, so that an alert on either is possible.
 */
export function findingsMetrics({ clusters, findings, rules, excepted, now }: Measured): Metric[] {
  const read = clusters.flatMap(({ access, ...each }) => (access === undefined ? [] : [{ ...each, access }]));
  const gauge = (name: string, help: string, samples: readonly Sample[]): Metric => ({
    name: `mirrord_audit_${name}`,
    help,
    samples,
  });
  return [
    gauge("findings", "Findings by rule and severity; those that exceptions take away are not counted.", [
      ...read.flatMap(({ cluster }) =>
        counts(
          findings.filter((finding) => finding.cluster === cluster),
          rules,
          inCluster(cluster),
        ),
      ),
      ...aboutNone(findings, clusters),
    ]),
    gauge("findings_excepted", "Findings that exceptions took away.", [{ labels: {}, value: excepted }]),
    gauge(
      "complete",
      "1: everything was looked at; 0: something could not be read.",
      clusters.map(({ cluster, complete }) => ({ labels: inCluster(cluster), value: Number(complete) })),
    ),
    ...Object.entries(accessMetrics).map(([field, [name, help]]) =>
      gauge(
        name,
        help,
        read.flatMap(({ cluster, access }) => {
          const value = access[field as keyof AccessSummary];
          return value === undefined ? [] : [{ labels: inCluster(cluster), value }];
        }),
      ),
    ),
    gauge("last_run_timestamp_seconds", "When the audit was run, in seconds since 1970.", [{ labels: {}, value: now }]),
  ];
}

const inCluster = (cluster: string | undefined): Record<string, string> => (cluster === undefined ? {} : { cluster });

/** What is about no cluster of several: exceptions that are over, or fit nothing. */
function aboutNone(findings: readonly AuditFinding[], clusters: readonly MeasuredCluster[]): Sample[] {
  if (clusters.every(({ cluster }) => cluster === undefined)) return [];
  return counts(
    findings.filter(({ cluster }) => cluster === undefined),
    {},
    { cluster: "" },
  );
}

/** Every rule at its own severity, 0 where nothing was found, and at others only what was found. */
function counts(
  findings: readonly AuditFinding[],
  rules: Measured["rules"],
  labels: Readonly<Record<string, string>>,
): Sample[] {
  const byKey = new Map<string, Sample>();
  const add = (rule: string, severity: AuditFinding["severity"], more: number) => {
    const key = `${rule} ${severity}`;
    const value = (byKey.get(key)?.value ?? 0) + more;
    byKey.set(key, { labels: { ...labels, rule, severity: grades[severity] }, value });
  };
  for (const [id, { severity }] of Object.entries(rules)) add(id, severity, 0);
  for (const { rule, severity } of findings) add(rule, severity, 1);
  return [...byKey.values()];
}
