import t from "tap";
import { DEFAULT_OPERATOR_NAMESPACE, isOfKubernetes, isSystemNamespace } from "../../lib/access/system-namespace.ts";

t.test("the namespaces of Kubernetes, of the operator and of sync are the system's", async (t) => {
  for (const name of ["kube-system", "kube-public", "kube-x", "ops", "mirrord-access"])
    t.equal(isSystemNamespace(name, "ops"), true, name);
  for (const name of ["dev", "kube", "my-kube-system", "mirrord", "mirrord-access-x"])
    t.equal(isSystemNamespace(name, "ops"), false, name);
  t.equal(isOfKubernetes("ops"), false);
  t.equal(isOfKubernetes("kube-system"), true);
  t.equal(DEFAULT_OPERATOR_NAMESPACE, "mirrord", "where the chart puts it");
});
