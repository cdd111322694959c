import t from "tap";
import type { GrantSubject } from "../../lib/access/subject.ts";
import { isBootstrapGroup, nodeEnds } from "../../lib/audit/node-ends.ts";
import { namedAccounts } from "../../lib/audit/path-places.ts";

const pod = (namespace: string, account: string, node?: string) => ({
  namespace,
  name: account,
  account,
  targets: [],
  ...(node === undefined ? {} : { node }),
});
const pods = [pod("dev", "web", "n1"), pod("dev", "agent", "n1"), pod("qa", "api", "n2"), pod("qa", "late")];
const places = { facts: { pods }, nodesNamed: namedAccounts(pods, ({ node = "" }) => [node]) };
const jim: GrantSubject = { kind: "User", name: "jim" };
const account = (namespace: string, name: string): GrantSubject => ({ kind: "ServiceAccount", namespace, name });
const sa = (...names: string[]) => names.map((name) => `ServiceAccount sa:${name}`);

const cases: {
  name: string;
  reach: Parameters<typeof nodeEnds>[0]["reach"];
  namespace?: string;
  names?: string[];
  subject?: GrantSubject;
  want: string[];
}[] = [
  { name: "any node", reach: "node", want: ["@node"] },
  { name: "any user, and so any node", reach: "node-users", want: ["@node"] },
  {
    name: "the users of nodes that the rule names, and their group",
    reach: "node-users",
    names: ["system:node:n1", "ana"],
    want: [...sa("dev/agent", "dev/web", "qa/late"), "Group group:system:nodes"],
  },
  { name: "no user of a node", reach: "node-users", names: ["n1"], want: [] },
  { name: "every node, in a namespace", reach: "node-pods", namespace: "dev", want: ["@pods/dev"] },
  { name: "a node by its name", reach: "node-pods", namespace: "dev", names: ["n1"], want: sa("dev/agent", "dev/web") },
  { name: "a pod that may run anywhere", reach: "node-pods", names: ["n9"], want: sa("qa/late") },
  {
    name: "beside an account's own pods",
    reach: "own-node-pods",
    subject: account("dev", "agent"),
    want: sa("dev/agent", "dev/web", "qa/late"),
  },
  { name: "whose own pod may run anywhere", reach: "own-node-pods", subject: account("qa", "late"), want: ["@pods/"] },
  {
    name: "beside the pods of a group of accounts",
    reach: "own-node-pods",
    namespace: "dev",
    subject: { kind: "Group", name: "system:serviceaccounts:dev" },
    want: sa("dev/agent", "dev/web"),
  },
  { name: "whoever has no pods", reach: "own-node-pods", want: [] },
  { name: "bootstrap tokens everywhere", reach: "bootstrappers", want: ["@bootstrappers"] },
  { name: "in kube-system", reach: "bootstrappers", namespace: "kube-system", want: ["@bootstrappers"] },
  { name: "not elsewhere", reach: "bootstrappers", namespace: "dev", want: [] },
  {
    name: "under the name of one",
    reach: "bootstrappers",
    names: ["a", "bootstrap-token-x"],
    want: ["@bootstrappers"],
  },
  { name: "not under another", reach: "bootstrappers", names: ["a"], want: [] },
];
for (const { name, reach, namespace = "", names, subject = jim, want } of cases)
  t.test(`${reach}: ${name}`, async (t) => {
    const found = nodeEnds(
      { reach, namespace, names: names === undefined ? undefined : new Set(names), holder: { subject } },
      places,
    );
    t.same(found.toSorted(), want.toSorted());
  });

t.test("groups of bootstrap tokens", async (t) => {
  t.same(["system:bootstrappers", "system:bootstrappers:a", "system:bootstrappersa", "a"].map(isBootstrapGroup), [
    true,
    true,
    false,
    false,
  ]);
});
