import t from "tap";
import { encodeIntent } from "../../lib/access/intent.ts";
import { annotations, GRANT_LABEL } from "../../lib/access/names.ts";
import { grantOrigins } from "../../lib/preview/grant-origin.ts";

const now = new Date("2026-11-22T12:00:00Z");

for (const [name, shown] of [
  ["jim", "jim"],
  ["list", "user:list"],
  ["team", "user:team"],
] as const) {
  t.test(`a grant of user ${name} is shown as it can be written: ${shown}`, async (t) => {
    const intent = encodeIntent({
      subject: { kind: "User", name },
      role: "user",
      set: { kind: "namespaces", namespaces: ["dev"] },
      targets: [],
      reads: true,
    });
    const carrier = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "carrier", labels: { [GRANT_LABEL]: "abc" }, annotations: { [annotations.intent]: intent } },
    };
    const { metadata } = carrier;
    const binding = {
      ...carrier,
      kind: "RoleBinding",
      metadata: { ...metadata, name: "b", namespace: "dev", annotations: {} },
    };
    const originOf = grantOrigins([carrier, binding], now);
    t.same(originOf({ kind: "RoleBinding", name: "b", namespace: "dev" }), {
      id: "abc",
      subject: shown,
      expired: false,
    });
    t.equal(originOf({ kind: "RoleBinding", name: "other", namespace: "dev" }), undefined);
  });
}

t.test("only bindings that carry a label have a grant behind them", async (t) => {
  const at = (kind: string, name: string, labels: Record<string, string>, notes: Record<string, string> = {}) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind,
    metadata: { name, labels, annotations: notes },
  });
  const origin = grantOrigins(
    [
      at("ClusterRoleBinding", "none", {}),
      at("ClusterRole", "role", { [GRANT_LABEL]: "abc" }),
      at("ClusterRoleBinding", "lost", { [GRANT_LABEL]: "lost" }),
      at(
        "ClusterRoleBinding",
        "over",
        { [GRANT_LABEL]: "over" },
        {
          [annotations.intent]: "{}",
          [annotations.expiresAt]: "2026-11-22T12:00:00Z",
        },
      ),
      at(
        "ClusterRoleBinding",
        "yet",
        { [GRANT_LABEL]: "yet" },
        {
          [annotations.intent]: "{}",
          [annotations.expiresAt]: "2026-11-22T12:00:01Z",
        },
      ),
    ],
    now,
  );
  t.equal(origin({ kind: "ClusterRoleBinding", name: "none" }), undefined);
  t.equal(origin({ kind: "ClusterRole", name: "role" } as never), undefined);
  t.same(origin({ kind: "ClusterRoleBinding", name: "lost" }), { id: "lost", expired: false });
  t.same(origin({ kind: "ClusterRoleBinding", name: "over" }), {
    id: "over",
    expiresAt: "2026-11-22T12:00:00Z",
    expired: true,
  });
  t.match(origin({ kind: "ClusterRoleBinding", name: "yet" }), { expired: false });
});
