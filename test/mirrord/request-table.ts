import type { AccessAttributes } from "../../lib/kubernetes/access.ts";
import type { SessionPlan } from "../../lib/mirrord/plan/session-plan.ts";
import { parseTarget } from "../../lib/mirrord/target.ts";

/** Every request that some client of mirrord sends, with what the API server's RBAC checks, and a plan that leads to it. */
export interface TableRow {
  id: string;
  attributes: AccessAttributes;
  plan: Partial<SessionPlan>;
}

const operator = "operator.metalbear.co";
const profiles = "profiles.mirrord.metalbear.co";

/** `verb group/resource[/subresource] [name]`; a `*` group is the core group. */
function attributes(text: string, where: "cluster" | "dev"): AccessAttributes {
  const [verb = "", path = "", name] = text.split(" ");
  const [apiGroup = "", resource = "", subresource] = path.split("/");
  return {
    verb,
    apiGroup: apiGroup === "*" ? "" : apiGroup,
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(where === "cluster" ? {} : { namespace: where }),
    ...(name === undefined ? {} : { name }),
  };
}

const row = (id: string, text: string, where: "cluster" | "dev", plan: Partial<SessionPlan>): TableRow => ({
  id,
  attributes: attributes(text, where),
  plan,
});

const to = (target: string): Partial<SessionPlan> => ({ target: parseTarget(target) });
const copy: Partial<SessionPlan> = { action: "copy", copy: true };
const preview: Partial<SessionPlan> = { action: "preview" };
const kill: Partial<SessionPlan> = { action: "kill-sessions" };
const list: Partial<SessionPlan> = { action: "list-sessions" };

/** The plan is completed to a plain mirroring of deployment/web in namespace dev. */
export const requestTable: TableRow[] = [
  row("profile-cluster", `get ${profiles}/mirrordclusterprofiles p`, "cluster", { profile: { name: "p" } }),
  row("profile-ns", `get ${profiles}/mirrordprofiles p`, "dev", { profile: { name: "p", namespace: "dev" } }),
  row("operator-get", `get ${operator}/mirrordoperators operator`, "cluster", {}),
  { id: "discovery", attributes: { verb: "get", path: `/apis/${operator}/v1` }, plan: { discovery: true } },
  row("credential-new", `create ${operator}/mirrordclusteroperatorusercredentials`, "cluster", {}),
  row("credential-old", `create ${operator}/mirrordoperators/certificate operator`, "cluster", {
    features: new Set(["ProxyApi"]),
  }),
  row("native-get-deployment", "get apps/deployments web", "dev", {}),
  row("native-get-statefulset", "get apps/statefulsets db", "dev", to("statefulset/db")),
  row("native-get-replicaset", "get apps/replicasets web-1", "dev", to("replicaset/web-1")),
  row("native-get-rollout", "get argoproj.io/rollouts web", "dev", to("rollout/web")),
  row("native-get-job", "get batch/jobs j1", "dev", { ...to("job/j1"), copy: true }),
  row("native-get-cronjob", "get batch/cronjobs cj1", "dev", { ...to("cronjob/cj1"), copy: true }),
  row("native-get-service", "get */services websvc", "dev", to("service/websvc")),
  row("native-get-pod", "get */pods web-1", "dev", to("pod/web-1")),
  row("native-list-pods", "list */pods", "dev", {}),
  row("native-rollout-probe", "get argoproj.io/rollouts web", "dev", { copy: true, rolloutProbe: true }),
  row("connect-proxy", `proxy ${operator}/targets deployment.web`, "dev", {}),
  row("connect-get", `get ${operator}/targets deployment.web`, "dev", { features: new Set() }),
  row("copy-list", `list ${operator}/copytargets`, "dev", copy),
  row("copy-create", `create ${operator}/copytargets`, "dev", copy),
  row("copy-poll", `get ${operator}/copytargets`, "dev", copy),
  row("copy-connect", `proxy ${operator}/copytargets`, "dev", copy),
  { id: "version", attributes: { verb: "get", path: "/version" }, plan: {} },
  row("ls-pods", "list */pods", "dev", { command: "list-targets" }),
  row("ls-deployments", "list apps/deployments", "dev", { command: "list-targets" }),
  row("ls-rollouts", "list argoproj.io/rollouts", "dev", { command: "list-targets" }),
  row("ls-jobs", "list batch/jobs", "dev", { command: "list-targets" }),
  row("ls-cronjobs", "list batch/cronjobs", "dev", { command: "list-targets" }),
  row("ls-statefulsets", "list apps/statefulsets", "dev", { command: "list-targets" }),
  row("ls-services", "list */services", "dev", { command: "list-targets" }),
  row("ls-replicasets", "list apps/replicasets", "dev", { command: "list-targets" }),
  row("ls-namespaces", "list */namespaces", "cluster", { command: "list-targets" }),
  row("targets-list-legacy", `list ${operator}/targets`, "dev", { command: "list-targets", legacyClient: true }),
  row("target-get-legacy", `get ${operator}/targets deploy.web`, "dev", { legacyClient: true }),
  row("target-get-preview", `get ${operator}/targets deploy.web`, "dev", preview),
  row("session-list-ns", `list ${operator}/sessions`, "dev", list),
  row("session-list-all", `list ${operator}/sessions`, "cluster", { ...list, allNamespaces: true }),
  // `mirrord operator session stop` and `mirrord session stop` name the session by different numbers; the plan has no session.
  row("session-stop", `delete ${operator}/sessions`, "cluster", kill),
  row("session-kill-all", `deletecollection ${operator}/sessions`, "cluster", kill),
  row("session-retain-active", `delete ${operator}/sessions inactive`, "cluster", kill),
  row("events", `watch ${operator}/events`, "cluster", { command: "subscribe" }),
  row("queues-list", `list ${operator}/queuesplits`, "dev", { command: "queues" }),
  row("queues-get", `get ${operator}/queuesplits`, "dev", { command: "queues" }),
  row("ping", `get ${operator}/mirrordoperators/ping operator`, "cluster", { command: "diagnose" }),
  row("branchcredentials", `create ${operator}/branchcredentials`, "cluster", { branchCredentials: true }),
  row("previewsecretmounts", `create ${operator}/previewsecretmounts`, "cluster", {
    ...preview,
    previewSecretMounts: true,
  }),
  row("preview-list", "list preview.mirrord.metalbear.co/previewsessions", "dev", preview),
  row("preview-create", "create preview.mirrord.metalbear.co/previewsessions", "dev", preview),
  row("preview-watch", "watch preview.mirrord.metalbear.co/previewsessions", "dev", preview),
  row("preview-delete", "delete preview.mirrord.metalbear.co/previewsessions", "dev", preview),
  row("previews-view", `get ${operator}/previews`, "dev", { ...preview, multiClusterPrimary: true }),
  row("ci-key", `create ${operator}/mirrordclusteroperatorusercredentials`, "cluster", { action: "ci" }),
];
