import t from "tap";
import type { InstallationRule } from "../../../lib/install/installation-rules.ts";
import { hardeningFindings, type HardeningFacts } from "../../../lib/install/verify/hardening.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { saysKept } from "../../kept-text.ts";

const object = (kind: string, name: string, more: object = {}, metadata: object = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name, ...metadata },
  ...more,
});

const namespace = (name: string, enforce?: string) =>
  object(
    "Namespace",
    name,
    {},
    enforce === undefined ? {} : { labels: { "pod-security.kubernetes.io/enforce": enforce } },
  );

const environment = (...on: string[]) => ({
  image: "operator",
  version: "3.187.0",
  environment: new Map(on.map((name) => [name, "true"])),
  features: new Set<never>(),
});

const FRONT = "OPERATOR_REQUIRE_FRONT_PROXY_CLIENT_CERT";
const TLS = "OPERATOR_AGENT_CONNECTION_TLS";

const hardened: HardeningFacts = {
  namespace: "mirrord",
  settings: environment(FRONT, TLS),
  apiService: object("APIService", "v1.operator.metalbear.co", { spec: { insecureSkipTLSVerify: false } }),
  ephemeralAgents: false,
  networkPolicies: [object("NetworkPolicy", "operator")],
  namespaces: [
    namespace("mirrord"),
    namespace("dev", "baseline"),
    namespace("qa", "restricted"),
    namespace("kube-system"),
  ],
  rbac: [],
  secureDefaults: "enforce",
};

const rbac = "rbac.authorization.k8s.io";

function bound(kind: "RoleBinding" | "ClusterRoleBinding", role: string, ...subjects: object[]): KubernetesObject {
  const metadata = kind === "RoleBinding" ? { namespace: "mirrord" } : {};
  const roleRef = { apiGroup: rbac, kind: "ClusterRole", name: role };
  return { ...object(kind, `b-${role}`, { roleRef, subjects }, metadata), apiVersion: `${rbac}/v1` };
}

const role = (name: string, ...rules: object[]): KubernetesObject => ({
  ...object("ClusterRole", name, { rules }),
  apiVersion: `${rbac}/v1`,
});

const user = (name: string) => ({ kind: "User", apiGroup: rbac, name });
const account = (name: string, place: string) => ({ kind: "ServiceAccount", name, namespace: place });
const everything = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };
const secrets = { apiGroups: [""], resources: ["secrets"], verbs: ["get"] };

const cases: { name: string; facts: Partial<HardeningFacts>; want: InstallationRule[]; message?: RegExp }[] = [
  { name: "all of the list", facts: {}, want: [] },
  { name: "no TLS to agents", facts: { settings: environment(FRONT) }, want: ["agents-in-clear"] },
  { name: "no check of the front proxy", facts: { settings: environment(TLS) }, want: ["front-proxy-unchecked"] },
  {
    name: "no check of the operator's certificate",
    facts: { apiService: object("APIService", "x", { spec: { insecureSkipTLSVerify: true } }) },
    want: ["unverified-server"],
  },
  { name: "a Deployment that may not be read", facts: { settings: undefined, apiService: undefined }, want: [] },
  { name: "no NetworkPolicy", facts: { networkPolicies: [] }, want: ["network-open"] },
  { name: "no NetworkPolicy, with ephemeral agents", facts: { networkPolicies: [], ephemeralAgents: true }, want: [] },
  { name: "policies that may not be read", facts: { networkPolicies: undefined }, want: [] },
  {
    name: "a namespace without Pod Security",
    facts: { namespaces: [namespace("dev")] },
    want: ["pod-security"],
    message: /^It does not/,
  },
  {
    name: "many namespaces without",
    facts: { namespaces: ["a", "b", "c", "d", "e"].map((name) => namespace(name, "privileged")) },
    want: ["pod-security"],
    message: /^It and 4 more .*: a, b, c, d and 1 more\.$/,
  },
  { name: "namespaces that may not be listed", facts: { namespaces: undefined }, want: [] },
  {
    name: "secure defaults that are off",
    facts: { secureDefaults: "off" },
    want: ["operator-optional"],
    message: /Nothing/,
  },
  {
    name: "secure defaults that audit",
    facts: { secureDefaults: "audit" },
    want: ["operator-optional"],
    message: /only warn/,
  },
  { name: "secure defaults that may not be read", facts: { secureDefaults: undefined }, want: [] },
  {
    name: "a user who reads Secrets beside the operator",
    facts: { rbac: [role("reader", secrets), bound("RoleBinding", "reader", user("jim"), account("app", "dev"))] },
    want: ["operator-namespace-open"],
    message: /^Open to .*User jim/,
  },
  {
    name: "administrators, the control plane and the operator",
    facts: {
      rbac: [
        role("admin", everything),
        bound("ClusterRoleBinding", "admin", user("root")),
        role("reader", secrets),
        bound(
          "RoleBinding",
          "reader",
          user("root"),
          user("system:kube-scheduler"),
          account("x", "kube-system"),
          account("mirrord-operator", "mirrord"),
        ),
      ],
    },
    want: [],
  },
  { name: "RBAC objects that may not be read", facts: { rbac: undefined }, want: [] },
];

for (const { name, facts, want, message } of cases) {
  t.test(`${name}: ${want.join(", ") || "nothing"}`, async (t) => {
    const findings = hardeningFindings({ ...hardened, ...facts });
    t.same(
      findings.map(({ rule }) => rule),
      want,
    );
    if (message !== undefined) t.match(findings[0]?.message, message);
    saysKept(t, import.meta.filename, name, () => findings);
  });
}
