import { shellQuote } from "../text/shell-quote.ts";
import type { V1ValidatingAdmissionPolicyBindingSpec } from "@kubernetes/client-node";
import { secureDefaults } from "../access/names.ts";
import { CANARY, podOffences, type Offence } from "../access/privileged-options.ts";
import { attributeUse } from "../access/session-access.ts";
import { subjectIdentity } from "../access/subject.ts";
import { DEFAULT_OPERATOR_NAMESPACE } from "../access/system-namespace.ts";
import { listIn } from "../json.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { Answer } from "../kubernetes/access.ts";
import { fieldsIn } from "../kubernetes/api-types.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import type { SessionPlan } from "../mirrord/plan/session-plan.ts";
import { podSpec } from "../mirrord/workload.ts";
import { lookUp } from "../reading/look-up.ts";
import type { Lookup } from "../access/places.ts";
import type { Obstacle } from "./obstacles.ts";

/** What the secure defaults have against the session: nothing, mostly. */
export type CopyRefusal = (
  plan: Pick<SessionPlan, "copy" | "namespace">,
  workload: KubernetesObject | undefined,
  operatorNamespace: string | undefined,
) => Promise<Obstacle[]>;

/**
 * The operator makes the copy of a target, with the target's own specification, in the target's namespace: there it is exempt from
 * the secure defaults only if somebody exempted it. They are looked up once, and only for a target that has privileged options.
 */
export function copyRefusal(cluster: Cluster): CopyRefusal {
  let looked: Promise<Lookup> | undefined;
  return async ({ copy, namespace }, workload, operatorNamespace) => {
    const found = copy && workload !== undefined ? podOffences(podSpec(workload)) : [];
    // By name, as the policies have it.
    if (found.length === 0 || namespace === "kube-system") return [];
    const name = `${secureDefaults.policyPrefix}pods`;
    const binding = await (looked ??= lookUp(cluster, nativeResources.admissionPolicyBindings, name));
    if (binding === "absent" || (typeof binding !== "string" && !denies(binding))) return [];
    const paths = found.map(({ path }) => path).join(", ");
    const what = `a copy of the target would have ${paths}`;
    if (binding === "forbidden") {
      return [
        {
          answer: "unknown",
          reason: `${what}, and you may not read whether the secure defaults refuse that`,
          hint: `Ask somebody who may: kubectl get validatingadmissionpolicybindings ${shellQuote(name)}`,
        },
      ];
    }
    const answer = await isExempt(cluster, found, namespace, operatorNamespace ?? DEFAULT_OPERATOR_NAMESPACE);
    if (answer === "yes") return [];
    const refused = `${what}, which the secure defaults refuse the operator in ${namespace}`;
    return [
      {
        answer,
        reason: answer === "no" ? refused : `${refused}, unless it is exempt there, which you may not ask`,
        hint: "Mirror or steal from the target itself: only its copy is refused.",
      },
    ];
  };
}

function denies({ spec }: KubernetesObject): boolean {
  const { validationActions } = fieldsIn<V1ValidatingAdmissionPolicyBindingSpec>(spec);
  return listIn(validationActions).includes("Deny");
}

async function isExempt(
  cluster: Cluster,
  found: readonly Offence[],
  namespace: string,
  operatorNamespace: string,
): Promise<Answer> {
  const options = [...new Set(found.map(({ option }) => option))];
  const operator = subjectIdentity({ kind: "ServiceAccount", namespace: operatorNamespace, name: "mirrord-operator" });
  const answers = await cluster.review(
    [CANARY, ...options].map((option) => attributeUse(option, namespace)),
    operator,
  );
  const [wildcard, ...exempt] = answers.map(({ answer }) => answer);
  if (wildcard === "yes" || exempt.includes("no")) return "no";
  return [wildcard === "no", ...exempt.map((answer) => answer === "yes")].every(Boolean) ? "yes" : "unknown";
}
