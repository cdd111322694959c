import t from "tap";
import { stockRules } from "../../lib/rbac/stock-rules.ts";
import { clusterRole, role } from "./objects.ts";

t.test("the roles of controllers, nodes, add-ons and people are known with their rules", async (t) => {
  t.same(stockRules(clusterRole("cluster-admin", []))?.[0], { apiGroups: ["*"], resources: ["*"], verbs: ["*"] });
  t.same(stockRules(clusterRole("system:certificates.k8s.io:kube-apiserver-client-approver", [])), [
    {
      apiGroups: ["certificates.k8s.io"],
      resources: ["signers"],
      verbs: ["approve"],
      resourceNames: ["kubernetes.io/kube-apiserver-client"],
    },
  ]);
  t.same(stockRules(clusterRole("system:service-account-issuer-discovery", [])), [
    {
      verbs: ["get"],
      nonResourceURLs: [
        "/.well-known/openid-configuration",
        "/.well-known/openid-configuration/",
        "/openid/v1/jwks",
        "/openid/v1/jwks/",
      ],
    },
  ]);
  t.same(stockRules(role("kube-public", "system:controller:bootstrap-signer", []))?.[0]?.verbs, [
    "get",
    "list",
    "watch",
  ]);
});

t.test("what a cluster does not begin with has no rules to begin with", async (t) => {
  t.equal(stockRules(clusterRole("view", [])), undefined, "it is what is aggregated into it");
  t.equal(stockRules(clusterRole("system:provider:agent", [])), undefined);
  t.equal(stockRules(role("dev", "system:node", [])), undefined, "a Role is not the ClusterRole of that name");
  t.equal(stockRules({ ...clusterRole("system:node", []), kind: "ClusterRoleBinding" }), undefined);
});
