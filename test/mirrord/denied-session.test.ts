import t from "tap";
import type { AccessAttributes } from "../../lib/kubernetes/access.ts";
import { deniedSessions, refusalBesideAccess, type DeniedSession } from "../../lib/mirrord/denied-session.ts";

const connect = (name: string): AccessAttributes => ({
  verb: "proxy",
  apiGroup: "operator.metalbear.co",
  resource: "targets",
  namespace: "dev",
  name,
});
const read = (apiGroup: string, resource: string, more: object = {}): AccessAttributes => ({
  verb: "get",
  apiGroup,
  resource,
  namespace: "dev",
  name: "web",
  ...more,
});
const on = (target: DeniedSession["target"], action: DeniedSession["action"] = "mirror"): DeniedSession => ({
  action,
  target,
  namespace: "dev",
});

const cases: { name: string; denied: AccessAttributes; plain?: boolean; want: DeniedSession[] }[] = [
  {
    name: "a connection names its target",
    denied: connect("deployment.web"),
    plain: true,
    want: [on({ kind: "deployment", name: "web" })],
  },
  { name: "targetless", denied: connect("targetless"), want: [on({ kind: "targetless" }, "targetless")] },
  { name: "labels are not in the name", denied: connect("label"), want: [] },
  { name: "a name that no client uses", denied: connect("web"), want: [] },
  {
    name: "a container, or a pod of that name",
    denied: connect("pod.web.container.app"),
    want: [on({ kind: "pod", name: "web.container.app" }), on({ kind: "pod", name: "web", container: "app" })],
  },
  {
    name: "a workload that mirrord could not read",
    denied: read("apps", "deployments"),
    want: [on({ kind: "deployment", name: "web" })],
  },
  { name: "a job is copied", denied: read("batch", "jobs"), want: [on({ kind: "job", name: "web" }, "copy")] },
  { name: "a workload that somebody else could not read", denied: read("apps", "deployments"), plain: true, want: [] },
  { name: "another verb", denied: read("apps", "deployments", { verb: "patch" }), want: [] },
  { name: "a subresource", denied: read("", "pods", { subresource: "log" }), want: [] },
  { name: "no name", denied: read("", "pods", { name: "" }), want: [] },
  { name: "no namespace", denied: read("", "pods", { namespace: "" }), want: [] },
  { name: "no target", denied: read("", "secrets"), want: [] },
  { name: "a path", denied: { verb: "get", path: "/metrics" }, want: [] },
];
for (const { name, denied, plain = false, want } of cases)
  t.test(name, async (t) => t.same(deniedSessions([denied], !plain), want));

const texts: { text: string; what: RegExp | undefined }[] = [
  {
    text: 'Stealing traffic from port 80 is forbidden by the mirrord policy "no-steal" for this target (your organization …).',
    what: /^the mirrord policy "no-steal" forbids this/,
  },
  {
    text: "Mirroring traffic from port 80 is forbidden by a mirrord policy for this target",
    what: /^a mirrord policy/,
  },
  {
    text: 'roles.rbac.authorization.k8s.io "x" is forbidden: user "jim" (groups=["a"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["get"]}',
    what: /^this is about granting more than one has/,
  },
  { text: 'pods "x" is forbidden: violates PodSecurity "restricted:latest": privileged', what: /^an admission rule/ },
  { text: "error: You must be logged in to the server (Unauthorized)", what: /does not know who this is/ },
  { text: "connection refused", what: undefined },
];
for (const { text, what } of texts)
  t.test(`${text.slice(0, 60)}: not a matter of rights`, async (t) => {
    const said = refusalBesideAccess(text);
    if (what === undefined) t.equal(said, undefined);
    else t.match(said, { what, hint: /./ });
  });
