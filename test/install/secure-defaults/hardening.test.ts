import t from "tap";
import { networkPolicies, podSecurity } from "../../../lib/install/secure-defaults/hardening.ts";
import type { Offender } from "../../../lib/install/secure-defaults/offenders.ts";
import { objectIn } from "../../../lib/json.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";

const ENFORCE = "pod-security.kubernetes.io/enforce";
const space = (name: string, enforced?: string, more: object = {}): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, ...(enforced === undefined ? {} : { labels: { [ENFORCE]: enforced } }), ...more },
});
const offender = (namespace: string, attribute: Offender["attributes"][number]): Offender => ({
  kind: "Pod",
  namespace,
  name: "p",
  attributes: [attribute],
  paths: [],
  managers: [],
  byAddOn: false,
});

const cases: {
  name: string;
  namespace: KubernetesObject;
  offenders?: Offender[];
  want: "labelled" | "left" | "ignored";
}[] = [
  { name: "an ordinary one", namespace: space("dev"), want: "labelled" },
  { name: "one that has the label", namespace: space("dev", "baseline"), want: "labelled" },
  { name: "one that is stricter", namespace: space("dev", "restricted"), want: "ignored" },
  { name: "one that says privileged", namespace: space("dev", "privileged"), want: "ignored" },
  { name: "one of Kubernetes", namespace: space("kube-public"), want: "ignored" },
  { name: "the operator's", namespace: space("mirrord"), want: "ignored" },
  { name: "ours", namespace: space("mirrord-access"), want: "ignored" },
  { name: "one that is going", namespace: space("dev", undefined, { deletionTimestamp: "x" }), want: "ignored" },
  { name: "one with an offender", namespace: space("dev"), offenders: [offender("dev", "hostPID")], want: "left" },
  {
    name: "one whose offender is none to baseline",
    namespace: space("dev"),
    offenders: [offender("dev", "allowPrivilegeEscalation")],
    want: "labelled",
  },
];
for (const { name, namespace, offenders = [], want } of cases)
  t.test(`${name} is ${want}`, async (t) => {
    const { objects, left } = podSecurity([namespace], "mirrord", offenders);
    t.equal(objects.length, want === "labelled" ? 1 : 0);
    t.equal(left.length, want === "left" ? 1 : 0);
    t.match(objects, want === "labelled" ? [{ metadata: { labels: { [ENFORCE]: "baseline" } } }] : []);
  });

t.test("an operator whose ports nobody knows is reached by all", async (t) => {
  const ingress = (deployment?: KubernetesObject) => {
    const [operator] = networkPolicies("mirrord", deployment);
    return objectIn(operator?.["spec"])["ingress"];
  };
  t.same(ingress(), [{}]);
  const container = { ports: [{ containerPort: 443 }, { containerPort: 53, protocol: "UDP" }, { containerPort: "x" }] };
  const spec = { template: { spec: { containers: [container, {}] } } };
  const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "o" }, spec };
  t.same(ingress(deployment), [
    {
      ports: [
        { port: 443, protocol: "TCP" },
        { port: 53, protocol: "UDP" },
      ],
    },
  ]);
});
