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
