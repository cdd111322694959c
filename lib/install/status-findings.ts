import { shellQuote } from "../text/shell-quote.ts";
import { operatorRoles } from "../access/names.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { licenseDaysLeft } from "../mirrord/license.ts";
import { compactRules, ruleText } from "../rbac/compact.ts";
import { uncovered } from "../rbac/covers.ts";
import { roleRules as rulesIn } from "../rbac/decode.ts";
import type { PolicyRule } from "../rbac/types.ts";
import { OPERATOR_API_SERVICE } from "../reading/operator-pod.ts";
import { OPERATOR_VERSION } from "./chart.ts";
import type { DefinitionState } from "./definition-state.ts";
import type { Feature } from "./features.ts";
import { finding, type InstallationFinding, type InstallationRule } from "./installation-rules.ts";
import { NAME } from "./installed.ts";
import { roleRules } from "./rules.ts";
import { installedObject, type InstallationStatus } from "./status.ts";

const LICENSE_WARNING_DAYS = 14;

/** What is wrong with an installation, gravest first within what it is about. Pure. */
export function statusFindings(status: InstallationStatus, now: Date): InstallationFinding[] {
  if (isMissing(status)) {
    const subject = { kind: "APIService", name: OPERATOR_API_SERVICE };
    return [finding("not-installed", subject, "There is no operator in this cluster.", "Run kubectl mirrord install.")];
  }
  return [
    ...apiFindings(status),
    ...replicaFindings(status),
    ...licenseFindings(status, now),
    ...status.definitions.flatMap(definitionFindings),
    ...roleFindings(status),
  ];
}

/** Neither is it registered, nor is there a Deployment; what may not be read counts as there. */
function isMissing({ apiService, installed, settings }: InstallationStatus): boolean {
  return apiService.state === "missing" && settings === undefined && !installed.unreadable.includes("deployments");
}

function apiFindings({ apiService, operator, installed }: InstallationStatus): InstallationFinding[] {
  const subject = { kind: "APIService", name: OPERATOR_API_SERVICE };
  const { state, reason, message } = apiService;
  if (state === "missing") {
    return [
      finding(
        "api-service-down",
        subject,
        "It is not there: nobody reaches the operator.",
        "Run kubectl mirrord install.",
      ),
    ];
  }
  if (state === "unavailable") {
    const words = [reason, message].filter((text) => text !== "").join(": ") || "its availability is not known";
    const text = `It is not available (${words}). While it is not, no namespace of the cluster can be deleted.`;
    return [finding("api-service-down", subject, text, "Run kubectl mirrord session status --probe --logs.")];
  }
  if (!operator.failed || installed.unreadable.includes("mirrordoperators")) return [];
  const text = `mirrordoperators/operator could not be read: ${operator.error.message}`;
  return [finding("operator-silent", subject, text, "Run kubectl mirrord session status --probe --logs.")];
}

function replicaFindings({ replicas, installed: { namespace } }: InstallationStatus): InstallationFinding[] {
  if (replicas === undefined) return [];
  const { ready, wanted, updated } = replicas;
  const subject = { kind: "Deployment", name: NAME, namespace };
  const fix = `Look at its pods: kubectl get pods -n ${shellQuote(namespace)} -l ${shellQuote(`app=${NAME}`)}`;
  if (wanted === 0)
    return [
      finding(
        "not-ready",
        subject,
        "It is scaled to 0.",
        `Run kubectl scale deployment ${shellQuote(NAME)} -n ${shellQuote(namespace)} --replicas 1.`,
      ),
    ];
  if (ready < wanted) return [finding("not-ready", subject, `${ready} of ${wanted} pods are ready.`, fix)];
  return updated < wanted
    ? [finding("not-ready", subject, `${updated} of ${wanted} pods are of the newest version.`, fix)]
    : [];
}

function licenseFindings({ operator }: InstallationStatus, now: Date): InstallationFinding[] {
  const expiresAt = operator.failed ? undefined : operator.value.license.expiresAt;
  const days = licenseDaysLeft(expiresAt, now);
  if (expiresAt === undefined || days === undefined || days > LICENSE_WARNING_DAYS) return [];
  const subject = { kind: "MirrordOperator", name: "operator" };
  const fix = "Renew it, and give the new one to kubectl mirrord install upgrade.";
  return days <= 0
    ? [finding("license-over", subject, `The licence ended on ${expiresAt}.`, fix)]
    : [
        finding(
          "license-ends",
          subject,
          `The licence ends on ${expiresAt}, in ${days} ${days === 1 ? "day" : "days"}.`,
          fix,
        ),
      ];
}

const UPGRADE = "Run kubectl mirrord install upgrade.";

/** At most so many fields are named. */
const NAMED_FIELDS = 3;

function definitionFindings({ name, state, lacks, storedIn }: DefinitionState): InstallationFinding[] {
  const subject = { kind: "CustomResourceDefinition", name };
  const about = (rule: InstallationRule, message: string, fix = UPGRADE) => finding(rule, subject, message, fix);
  const stored =
    storedIn.length === 0
      ? []
      : [
          about(
            "definition-stored",
            `Objects are stored in ${storedIn.join(", ")}.`,
            "Write each of them again, then take the version out of status.storedVersions.",
          ),
        ];
  switch (state) {
    case "missing":
      return [about("definition-missing", "It is not there.")];
    case "ending":
      return [
        about(
          "definition-missing",
          "It is being deleted, with every object of its kind.",
          "See what holds it: kubectl get crd -o yaml",
        ),
      ];
    case "unserved":
      return [
        about("definition-missing", "The API server does not serve it.", "See why: kubectl describe crd"),
        ...stored,
      ];
    case "older": {
      const more = lacks.length > NAMED_FIELDS ? ` and ${lacks.length - NAMED_FIELDS} more` : "";
      return [about("definition-older", `It lacks ${lacks.slice(0, NAMED_FIELDS).join(", ")}${more}.`), ...stored];
    }
    case "same":
    case "newer":
    case "other":
    case "extra":
      return stored;
  }
}

/** What each ClusterRole is installed with. */
const clusterRoles: Readonly<Record<string, (features: ReadonlySet<Feature>) => PolicyRule[]>> = {
  [operatorRoles.user]: roleRules.user,
  [operatorRoles.basic]: roleRules.basic,
  [operatorRoles.ci]: roleRules.user,
  [NAME]: roleRules.operator,
};

function roleFindings({ installed, settings }: InstallationStatus): InstallationFinding[] {
  if (installed.unreadable.includes("clusterroles")) return [];
  return Object.entries(clusterRoles).flatMap(([name, rules]) => {
    const role = installedObject(installed, "ClusterRole", name);
    const subject = { kind: "ClusterRole", name };
    if (role === undefined)
      return [finding("role-missing", subject, "It is not there.", "Run kubectl mirrord install.")];
    return differences(role, rules, settings?.features ?? new Set());
  });
}

/** Only the rules themselves show whether this switch is on. */
const UNSEEN: Feature = "dbBranchingLiteralCredentials";

function differences(
  role: KubernetesObject,
  rules: (features: ReadonlySet<Feature>) => PolicyRule[],
  features: ReadonlySet<Feature>,
): InstallationFinding[] {
  const held = rulesIn(role);
  const lacks = uncovered(held, rules(features));
  const adds = uncovered(rules(new Set([...features, UNSEEN])), held);
  const subject = { kind: "ClusterRole", name: role.metadata.name ?? "" };
  const said = (found: readonly PolicyRule[]) => compactRules(found).map(ruleText).join(", ");
  const compared = `as ${OPERATOR_VERSION} has it`;
  return [
    ...(lacks.length === 0 ? [] : [finding("role-lacks", subject, `It lacks, ${compared}: ${said(lacks)}.`, UPGRADE)]),
    ...(adds.length === 0
      ? []
      : [
          finding(
            "role-adds",
            subject,
            `It also holds: ${said(adds)}.`,
            "See who put it there: kubectl get clusterrole -o yaml --show-managed-fields",
          ),
        ]),
  ];
}
