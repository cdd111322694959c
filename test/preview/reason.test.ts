import t from "tap";
import { authorizer } from "../../lib/rbac/authorizer.ts";
import { parseReason } from "../../lib/preview/reason.ts";
import { bound, rule, user } from "./objects.ts";

const cases: { reason: string; want: object | undefined }[] = [
  {
    reason: 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "r" to User "jim"',
    want: {
      binding: { kind: "ClusterRoleBinding", name: "b" },
      role: { kind: "ClusterRole", name: "r" },
      subject: { kind: "User", name: "jim" },
    },
  },
  {
    reason: 'RBAC: allowed by RoleBinding "b/dev" of Role "r" to Group "oidc:web/team"',
    want: {
      binding: { kind: "RoleBinding", name: "b", namespace: "dev" },
      role: { kind: "Role", name: "r", namespace: "dev" },
      subject: { kind: "Group", name: "oidc:web/team" },
    },
  },
  {
    reason: 'RBAC: allowed by RoleBinding "mirrord:grant:x:reads/dev" of ClusterRole "r" to ServiceAccount "bot/ci"',
    want: {
      binding: { kind: "RoleBinding", name: "mirrord:grant:x:reads", namespace: "dev" },
      role: { kind: "ClusterRole", name: "r" },
      subject: { kind: "ServiceAccount", name: "bot", namespace: "ci" },
    },
  },
  {
    reason: String.raw`RBAC: allowed by ClusterRoleBinding "a\"b\\c\n\x00\u202e\U0001f4a9" of ClusterRole "r" to User "jim"`,
    want: { binding: { name: 'a"b\\c\n\u0000\u202e\u{1f4a9}' } },
  },
  { reason: "", want: undefined },
  { reason: "allowed by a webhook", want: undefined },
  { reason: 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "r" to User "jim" and more', want: undefined },
  { reason: 'RBAC: clusterrole.rbac.authorization.k8s.io "r" not found', want: undefined },
];
for (const { reason, want } of cases) {
  t.test(
    `${JSON.stringify(reason)} ${want === undefined ? "is somebody else's words" : "is understood"}`,
    async (t) => {
      if (want === undefined) t.equal(parseReason(reason), undefined);
      else t.match(parseReason(reason), want);
    },
  );
}

t.test("what our own authorizer says can be read back, whatever the names are", async (t) => {
  for (const name of [
    "plain",
    'q"uote',
    "back\\slash",
    "new\nline",
    "ünï",
    "\u{1f4a9}",
    "\u202e",
    "a/b",
    "\u0000\u007f",
  ]) {
    const { reason } = authorizer(bound("b", user(name), [rule("", ["pods"], ["get"])])).explain({
      user: { name, groups: [] },
      verb: "get",
      apiGroup: "",
      resource: "pods",
    });
    t.equal(parseReason(reason)?.subject.name, name, JSON.stringify(name));
  }
});
