import t from "tap";
import { askOtherYes, unshownAccess } from "../../lib/audit/unshown.ts";
import { UserError } from "../../lib/errors.ts";
import type { ReviewAnswer } from "../../lib/kube/cluster.ts";
import type { AccessAttributes, UserInfo } from "../../lib/kubernetes/access.ts";
import { fakeCluster, type FakeOptions } from "../preview/fake-cluster.ts";
import { clusterRole, clusterRoleBinding, rule, user } from "../rbac/objects.ts";

const objects = [
  clusterRole("reader", [rule("", "pods", "get")]),
  clusterRoleBinding("ann-reads", "reader", [user("ann")]),
];
const ann: UserInfo = { name: "ann", groups: ["system:authenticated"] };
const pods: AccessAttributes = { verb: "get", apiGroup: "", resource: "pods", namespace: "dev" };
const log: AccessAttributes = { ...pods, subresource: "log", name: "web-0" };
const yes = (reason: string) => (): ReviewAnswer => ({ answer: "yes", reason });
const byRbac = 'RBAC: allowed by ClusterRoleBinding "ann-reads" of ClusterRole "reader" to User "ann"';

async function unshown(options: FakeOptions, ...questions: AccessAttributes[]): Promise<string[]> {
  const cluster = fakeCluster({ objects, caller: ann, ...options });
  return await unshownAccess(cluster, objects, await askOtherYes(cluster, questions));
}

const cases: { name: string; given: FakeOptions; asked: AccessAttributes; want: string[] }[] = [
  { name: "RBAC says why", given: { answer: yes(byRbac) }, asked: pods, want: [] },
  {
    name: "another authorizer says yes, with its reason",
    given: { answer: yes("cloud: owner of the project") },
    asked: log,
    want: [
      'another authorizer than RBAC allows you to get pods/log named web-0 in dev ("cloud: owner of the project")',
    ],
  },
  {
    name: "another authorizer says yes without a word",
    given: { answer: yes("") },
    asked: { verb: "get", path: "/metrics" },
    want: ["another authorizer than RBAC allows you to get /metrics"],
  },
  {
    name: "of the whole cluster",
    given: { answer: yes("") },
    asked: { verb: "list", apiGroup: "", resource: "nodes" },
    want: ["another authorizer than RBAC allows you to list nodes"],
  },
  {
    name: "another one is asked first, and the objects say the same",
    given: { answer: yes("cloud") },
    asked: pods,
    want: [],
  },
  {
    name: "no, whatever the reason",
    given: { answer: () => ({ answer: "no", reason: "cloud: denied" }) },
    asked: log,
    want: [],
  },
  {
    name: "it could not be asked",
    given: { answer: () => ({ answer: "unknown", reason: "forbidden" }) },
    asked: log,
    want: [],
  },
  {
    name: "a member of system:masters needs no object",
    given: { answer: yes(""), caller: { name: "root", groups: ["system:masters"] } },
    asked: log,
    want: [],
  },
  { name: "a folder has one authorizer, ours", given: { answer: yes("cloud"), offline: true }, asked: log, want: [] },
];
for (const { name, given, asked, want } of cases) t.test(name, async (t) => t.same(await unshown(given, asked), want));

t.test("each request is looked at by itself", async (t) => {
  const answer = (question: AccessAttributes): ReviewAnswer =>
    question === log ? { answer: "yes", reason: "cloud" } : { answer: "yes", reason: byRbac };
  t.match(await unshown({ answer }, pods, log, pods), [/pods\/log/]);
  t.equal((await unshown({ answer }, pods, log, pods)).length, 1);
});

t.test("where the server does not answer, what objects show is all that is said", async (t) => {
  const failing = () => Promise.reject(new Error("down"));
  const cluster = fakeCluster({ objects, caller: ann, answer: yes("cloud") });
  const refused = () => Promise.reject(new UserError("undetermined", "the server is down"));
  t.same(await askOtherYes({ ...cluster, review: refused }, [log]), []);
  t.same(await unshownAccess({ ...cluster, identity: refused }, objects, await askOtherYes(cluster, [log])), []);
  await t.rejects(askOtherYes({ ...cluster, review: failing }, [log]), { message: "down" }, "a bug is no answer");
});
