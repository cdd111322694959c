import { operatorRoles } from "../../access/names.ts";
import { boundSubject, subjectIdentity } from "../../access/subject.ts";
import { listIn, objectIn } from "../../json.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { UserInfo } from "../../kubernetes/access.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { Feature } from "../features.ts";
import type { InstallationFinding } from "../installation-rules.ts";
import { AUTHENTICATION, NAME } from "../installed.ts";
import { roleRules } from "../rules.ts";
import { escalations, refusedRights, rightQuestions, tooManyRights, type RightsCheck } from "./rights.ts";

export interface OperatorPlace {
  namespace: string;
  /** The name of its ServiceAccount. */
  account: string;
  features: ReadonlySet<Feature>;
}

export interface AskedRights {
  findings: InstallationFinding[];
  count: number;
  /** Questions without an answer, and why the first of them has none; that may be empty. */
  unanswered: { count: number; why: string };
}

/** Asks the API server for every right of the operator, for those it must not have, and for those of somebody with each user role. */
export async function askRights(
  cluster: Cluster,
  place: OperatorPlace,
  rbac: readonly KubernetesObject[],
): Promise<AskedRights> {
  const { namespace, account } = place;
  const operator = subjectIdentity({ kind: "ServiceAccount", namespace, name: account });
  const checks = [...operatorChecks(place, operator), ...userChecks(place, rbac)];
  const [escalating, ...asked] = await Promise.all([
    cluster.review(escalations, operator),
    ...checks.map(async (check) => ({ check, answers: await cluster.review(check.questions, check.user) })),
  ]);
  const answers = asked.map(({ check, answers: given }) => ({ check, answers: given.map(({ answer }) => answer) }));
  const all = [...escalating, ...asked.flatMap(({ answers: given }) => given)];
  const open = all.filter(({ answer }) => answer === "unknown");
  return {
    findings: [
      ...answers.flatMap(({ check, answers: given }) => refusedRights(check, given)),
      ...tooManyRights(
        { kind: "ServiceAccount", name: account, namespace },
        escalating.map(({ answer }) => answer),
      ),
    ],
    count: all.length - open.length,
    unanswered: { count: open.length, why: open[0]?.reason ?? "" },
  };
}

function operatorChecks({ namespace, features }: OperatorPlace, user: UserInfo): RightsCheck[] {
  const own = features.has("multiCluster") ? roleRules.primaryOwn : roleRules.own;
  return [
    { role: { kind: "ClusterRole", name: NAME }, user, questions: rightQuestions(roleRules.operator(features), "") },
    { role: { kind: "Role", name: NAME, namespace }, user, questions: rightQuestions(own(features), namespace) },
    {
      role: { kind: "Role", name: AUTHENTICATION, namespace: "kube-system" },
      user,
      questions: rightQuestions(roleRules.apiserver(features), "kube-system"),
    },
  ];
}

/** Of each role for users the first that somebody is bound to; what is only for the whole cluster does nothing in a namespace. */
function userChecks({ features }: OperatorPlace, rbac: readonly KubernetesObject[]): RightsCheck[] {
  const everywhere = {
    [operatorRoles.user]: roleRules.user,
    [operatorRoles.ci]: roleRules.user,
    [operatorRoles.basic]: roleRules.basic,
  };
  return Object.entries(everywhere).flatMap(([name, rules]): RightsCheck[] => {
    const found = rbac.flatMap((binding) => holder(binding, name) ?? [])[0];
    if (found === undefined) return [];
    const { user, namespace } = found;
    const given =
      namespace === "" ? rules(features) : name === operatorRoles.basic ? [] : roleRules.namespacedUser(features);
    return [{ role: { kind: "ClusterRole", name }, user, questions: rightQuestions(given, namespace) }];
  });
}

function holder(binding: KubernetesObject, role: string): { user: UserInfo; namespace: string } | undefined {
  const { kind, name } = objectIn(binding["roleRef"]);
  if (kind !== "ClusterRole" || name !== role) return undefined;
  const { namespace } = binding.metadata;
  const [subject] = listIn(binding["subjects"]).flatMap((one) => boundSubject(objectIn(one), namespace) ?? []);
  return subject === undefined ? undefined : { user: subjectIdentity(subject), namespace: namespace ?? "" };
}
