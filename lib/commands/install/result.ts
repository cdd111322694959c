import type { World } from "../../cli/world.ts";
import { objectIn, textIn } from "../../json.ts";
import type { Plan } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { OperatorInfo } from "../../mirrord/operator-info.ts";
import { OPERATOR_GROUP } from "../../mirrord/resources.ts";
import { printText, type Paragraph } from "../../view/text.ts";
import { licenseDaysLeft } from "../../mirrord/license.ts";
import { planCounts } from "../show-plan.ts";
import { writes } from "../write-plan.ts";

export interface Result {
  plan: Plan;
  objects: readonly KubernetesObject[];
  /** What the operator said; undefined where nobody waited for it. */
  info: OperatorInfo | undefined;
}

/** Prints what was reached; resolves to the exit code: 1 where no session can start, because the licence is over. */
export function showResult({ plan, objects, info }: Result, world: World): number {
  const days = licenseDaysLeft(info?.licenseExpiresAt, world.now());
  const isOver = days !== undefined && days <= 0;
  const done = writes(plan).length === 0 ? ["Nothing was changed."] : planCounts(plan);
  const next: Paragraph[] = isOver
    ? ["A newer licence goes into the same Secret, or:", { paste: "kubectl mirrord install --license-key-file FILE" }]
    : ["To let somebody use it:", { paste: "kubectl mirrord grant SUBJECT --ns NAMESPACE" }];
  printText([headline(objects, info, days), "", ...done, "", ...next], world);
  return isOver ? 1 : 0;
}

function headline(
  objects: readonly KubernetesObject[],
  info: OperatorInfo | undefined,
  days: number | undefined,
): string {
  const registration = objects.find(
    (object) => object.kind === "APIService" && objectIn(object["spec"])["group"] === OPERATOR_GROUP,
  );
  const namespace = textIn(objectIn(objectIn(registration?.["spec"])["service"])["namespace"]);
  const where = namespace === "" ? "" : ` in namespace ${namespace}`;
  if (info === undefined) return `The objects are applied${where}; whether the operator works was not waited for.`;
  const answers = `The mirrord operator ${info.version ?? ""} answers${where}`.replaceAll("  ", " ");
  const until = info.licenseExpiresAt ?? "";
  if (days === undefined) return `${answers}; how long its licence is valid it does not say.`;
  if (days <= 0) return `${answers}, but its licence is over since ${until}: no session can start.`;
  return `${answers}; its licence is valid until ${until} (${days} ${days === 1 ? "day" : "days"} left).`;
}
