import t from "tap";
import type { AccessAttributes } from "../../lib/kubernetes/access.ts";
import { roleObjects } from "../../lib/preview/fix-role.ts";
import { authorizer } from "../../lib/rbac/authorizer.ts";
import { saysKept } from "../kept-text.ts";

const inDev: AccessAttributes = { verb: "list", apiGroup: "", resource: "pods", namespace: "dev" };
const inQa: AccessAttributes = { verb: "get", apiGroup: "apps", resource: "deployments", namespace: "qa", name: "web" };
const anywhere: AccessAttributes = { verb: "get", apiGroup: "", resource: "nodes" };

const cases: { name: string; user: string; requests: AccessAttributes[] }[] = [
  { name: "nothing", user: "jim", requests: [] },
  { name: "in a namespace", user: "jim", requests: [inDev] },
  { name: "in several, and in the whole cluster", user: "jim", requests: [inDev, inQa, anywhere] },
  { name: "to a service account", user: "system:serviceaccount:ci:runner", requests: [inDev] },
  { name: "to a user of Kubernetes itself, whom no grant takes", user: "system:kube-scheduler", requests: [inDev] },
  { name: "to a name that is none of RBAC's", user: "", requests: [inDev] },
  { name: "to a long name", user: `--${"Long.Name@".repeat(6)}--`, requests: [inDev] },
];
for (const { name, user, requests } of cases) {
  t.test(`the roles that allow something to somebody: ${name}`, async (t) => {
    const objects = roleObjects(user, requests);
    saysKept(t, import.meta.filename, name, () => objects);
    const { authorize } = authorizer(objects);
    const may = (request: AccessAttributes) => authorize({ user: { name: user, groups: [] }, ...request }).allowed;
    t.same(
      [inDev, inQa, anywhere].filter(may),
      [inDev, inQa, anywhere].filter((one) => requests.includes(one)),
    );
  });
}

t.test("another change has another name, so that neither takes the other back", async (t) => {
  const names = [[inDev], [{ ...inDev, verb: "get" }], [inDev, { ...inDev, verb: "get" }]].map(
    (requests) => roleObjects("jim", requests)[0]?.metadata.name,
  );
  t.equal(new Set(names).size, 3);
  t.same(roleObjects("jim", [inDev]), roleObjects("jim", [inDev]));
});
