import t from "tap";
import { opensEverywhere } from "../../lib/access/all-namespaces.ts";
import type { GrantRole } from "../../lib/access/intent.ts";

const sentences: [role: GrantRole, says: RegExp][] = [
  ["user", /namespaces to come, and allows ending everybody's sessions and getting credentials of branch databases\.$/],
  ["minimal", /^This holds in kube-system, in the operator's namespace and in namespaces to come\.$/],
  ["view", /, and shows everybody's sessions\.$/],
  ["privileged/hostPID", /^This holds in kube-system, in the operator's namespace and in namespaces to come\.$/],
  ["clusterrole/edit", /, and what clusterrole\/edit allows is allowed in the whole cluster\.$/],
];
for (const [role, says] of sentences) {
  t.test(
    `role ${role} in all namespaces is more than sessions`,
    async (t) => void t.match(opensEverywhere({ role }), says),
  );
}
