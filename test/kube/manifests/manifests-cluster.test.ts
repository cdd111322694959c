import { join } from "node:path";
import t from "tap";
import type { ConnectionFlags } from "../../../lib/kube/config/connection-config.ts";
import { connect } from "../../../lib/kube/connect.ts";

const examples = join(import.meta.dirname, "../../../examples");

const callers: { flags: ConnectionFlags; name: string; groups: string[]; mayBind: string }[] = [
  {
    flags: {},
    name: "manifests-administrator",
    groups: ["system:masters", "system:authenticated"],
    mayBind: "yes",
  },
  { flags: { as: "jim", asGroup: ["web"] }, name: "jim", groups: ["web", "system:authenticated"], mayBind: "no" },
  {
    flags: { as: "jim", asGroup: ["system:masters"] },
    name: "jim",
    groups: ["system:masters", "system:authenticated"],
    mayBind: "yes",
  },
];
for (const { flags, name, groups, mayBind } of callers)
  t.test(`in a folder, the caller is ${name} in ${groups.join(", ")}`, async (t) => {
    const context = { env: {}, signal: new AbortController().signal, warn: () => {} };
    const cluster = await connect({ manifests: [examples], ...flags }, context, async () => ({
      types: [],
      inForce: (objects) => objects,
    }));
    t.same(await cluster.identity(), { name, groups });
    const question = {
      verb: "create",
      apiGroup: "rbac.authorization.k8s.io",
      resource: "rolebindings",
      namespace: "dev",
    };
    t.match(await cluster.review([question]), [{ answer: mayBind }]);
    cluster.close();
  });
