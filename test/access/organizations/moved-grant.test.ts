import t from "tap";
import { movedGrant } from "../../../lib/access/organizations/moved-grant.ts";
import { decodeIntent, encodeIntent, grantId, type Intent } from "../../../lib/access/intent.ts";
import { annotations } from "../../../lib/access/names.ts";

const intent: Intent = {
  subject: { kind: "Team", name: "acme/web" },
  role: "user",
  set: { kind: "namespaces", namespaces: ["dev"] },
  targets: [],
  reads: true,
};

t.test("a grant to another subject is another grant with the same history and end", async (t) => {
  const binding = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: {
      name: "x",
      uid: "u",
      annotations: { [annotations.intent]: encodeIntent(intent), [annotations.reason]: "INC-1" },
    },
  };
  const moved = movedGrant({ id: grantId(intent), intent, binding, expiresAt: 7, objects: [] }, intent, {
    kind: "Team",
    name: "beta/web",
  });
  t.not(moved.id, grantId(intent));
  t.same(decodeIntent(moved.binding?.metadata.annotations?.[annotations.intent])?.subject, {
    kind: "Team",
    name: "beta/web",
  });
  t.match(moved, {
    expiresAt: 7,
    objects: { length: 0 },
    binding: { metadata: { annotations: { [annotations.reason]: "INC-1" } } },
  });
  t.equal(moved.binding?.metadata.uid, undefined, "nothing of it is stored yet");
  t.equal(movedGrant({ ...moved, binding: undefined }, intent, intent.subject).binding, undefined);
});
