import { shellQuote } from "../../text/shell-quote.ts";
import { objectIn } from "../../json.ts";
import type { KubernetesObject, ObjectReference } from "../../kubernetes/object.ts";
import { rbacIndex } from "../../rbac/decide/rbac-index.ts";
import { whoCan } from "../../rbac/decide/who-can.ts";
import type { Subject } from "../../rbac/types.ts";
import { OPERATOR_API_SERVICE } from "../../reading/operator-pod.ts";
import { finding, type InstallationFinding } from "../installation-rules.ts";
import type { InstalledSettings } from "../installed-settings.ts";
import { NAME } from "../installed.ts";

/** What the list of how to harden an installation is judged by; what is undefined may not be read, and is not judged. */
export interface HardeningFacts {
  /** The operator's. */
  namespace: string;
  settings: InstalledSettings | undefined;
  apiService: KubernetesObject | undefined;
  /** Agents are added to running pods. */
  ephemeralAgents: boolean;
  /** Of the operator's namespace. */
  networkPolicies: readonly KubernetesObject[] | undefined;
  namespaces: readonly KubernetesObject[] | undefined;
  /** All roles and bindings. */
  rbac: readonly KubernetesObject[] | undefined;
  /** How the secure defaults judge what users make. */
  secureDefaults: "off" | "audit" | "enforce" | undefined;
}

/** Pure. Source: operator contract, section 8 (hardening list). */
export function hardeningFindings(facts: HardeningFacts): InstallationFinding[] {
  return [
    ...settingFindings(facts),
    ...namespaceFindings(facts),
    ...networkFindings(facts),
    ...podSecurityFindings(facts),
    ...optionalFindings(facts),
  ];
}

function settingFindings({ settings, apiService, namespace }: HardeningFacts): InstallationFinding[] {
  if (settings === undefined) return [];
  const { environment } = settings;
  const deployment = { kind: "Deployment", name: NAME, namespace };
  const isOn = (name: string) => environment.get(name) === "true";
  const skipsCheck = apiService !== undefined && objectIn(apiService["spec"])["insecureSkipTLSVerify"] === true;
  const service = { kind: "APIService", name: OPERATOR_API_SERVICE };
  return [
    ...(isOn("OPERATOR_REQUIRE_FRONT_PROXY_CLIENT_CERT")
      ? []
      : [
          finding(
            "front-proxy-unchecked",
            deployment,
            "It does not ask for the API server's client certificate.",
            "Set operator.requireFrontProxyClientCert to true.",
          ),
        ]),
    ...(skipsCheck
      ? [
          finding(
            "unverified-server",
            service,
            "It skips the check of the operator's certificate.",
            "Give the operator a certificate (tls.data or tls.certManager), and set tls.apiService.insecureSkipTLSVerify to false.",
          ),
        ]
      : []),
    ...(isOn("OPERATOR_AGENT_CONNECTION_TLS")
      ? []
      : [finding("agents-in-clear", deployment, "Agents are reached without TLS.", "Set agent.tls to true.")]),
  ];
}

/** Each lets its holder reach the licence, or act as the operator. */
const dangers = [
  { verb: "get", apiGroup: "", resource: "secrets" },
  { verb: "create", apiGroup: "", resource: "pods" },
  { verb: "create", apiGroup: "", resource: "pods", subresource: "exec" },
  { verb: "update", apiGroup: "apps", resource: "deployments" },
  { verb: "create", apiGroup: "", resource: "serviceaccounts", subresource: "token" },
] as const;

const NAMED = 4;

function namespaceFindings({ namespace, rbac }: HardeningFacts): InstallationFinding[] {
  if (rbac === undefined) return [];
  const index = rbacIndex(rbac);
  const administrators = new Set(whoCan(index, { verb: "*", apiGroup: "*", resource: "*" }).subjects.map(subjectText));
  const holders = dangers.flatMap((danger) => whoCan(index, { ...danger, namespace }).subjects);
  const others = new Set(
    holders
      .filter((subject) => !isOwn(subject, namespace))
      .map(subjectText)
      .filter((one) => !administrators.has(one)),
  );
  if (others.size === 0) return [];
  const subject = { kind: "Namespace", name: namespace };
  const fix = `See who: kubectl mirrord audit who-can get secrets -n ${shellQuote(namespace)}. Leave that namespace out of their bindings.`;
  return [finding("operator-namespace-open", subject, `Open to ${named([...others])}.`, fix)];
}

/** The operator itself, and what the control plane runs as. */
function isOwn({ kind, name, namespace: place }: Subject, namespace: string): boolean {
  if (kind === "ServiceAccount") return place === "kube-system" || (place === namespace && name.startsWith(NAME));
  return name.startsWith("system:");
}

const subjectText = ({ kind, name, namespace }: Subject): string =>
  `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;

const named = (texts: readonly string[]): string =>
  texts.length <= NAMED ? texts.join(", ") : `${texts.slice(0, NAMED).join(", ")} and ${texts.length - NAMED} more`;

function networkFindings({ namespace, networkPolicies, ephemeralAgents }: HardeningFacts): InstallationFinding[] {
  if (networkPolicies === undefined || networkPolicies.length > 0 || ephemeralAgents) return [];
  const subject = { kind: "Namespace", name: namespace };
  const fix = "Let in what comes from the API server and from agents, and nothing else.";
  return [finding("network-open", subject, "It has no NetworkPolicy.", fix)];
}

const ENFORCE = "pod-security.kubernetes.io/enforce";

/** The cluster's own, which need what baseline refuses. */
const isSystem = (name: string): boolean => name.startsWith("kube-") || name.startsWith("openshift");

function podSecurityFindings({ namespace, namespaces }: HardeningFacts): InstallationFinding[] {
  const open = (namespaces ?? [])
    .filter(({ metadata: { labels = {} } }) => !["baseline", "restricted"].includes(labels[ENFORCE] ?? ""))
    .map(({ metadata }) => metadata.name ?? "")
    .filter((name) => name !== namespace && !isSystem(name));
  const [first] = open;
  if (first === undefined) return [];
  const subject: ObjectReference = { kind: "Namespace", name: first };
  const message =
    open.length === 1
      ? "It does not enforce baseline."
      : `It and ${open.length - 1} more do not enforce baseline: ${named(open)}.`;
  return [
    finding(
      "pod-security",
      subject,
      message,
      `Label them: kubectl label namespace NAME ${shellQuote(ENFORCE)}=baseline`,
    ),
  ];
}

function optionalFindings({ secureDefaults }: HardeningFacts): InstallationFinding[] {
  if (secureDefaults === undefined || secureDefaults === "enforce") return [];
  const subject = { kind: "ClusterRole", name: "mirrord-operator-user" };
  const message =
    secureDefaults === "off"
      ? "Nothing keeps users from making agents."
      : "The secure defaults only warn of agents of users.";
  return [
    finding(
      "operator-optional",
      subject,
      message,
      "Run kubectl mirrord install --secure-defaults=enforce, and set operator: true in configurations.",
    ),
  ];
}
