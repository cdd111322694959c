import { isControlPlane } from "../../audit/control-plane.ts";
import { accessMatrix, groupRows, SOME_NAMESPACE, type MatrixAction, type ShownRow } from "../../audit/matrix.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { Action } from "../../mirrord/plan/session-plan.ts";
import { impossibleBecause, isAboutTarget } from "../../mirrord/plan/session-question.ts";
import { sessionRequests } from "../../mirrord/session-requests.ts";
import type { Target } from "../../mirrord/target.ts";
import { likelyPlan } from "../../preview/resolve.ts";
import type { HtmlMatrix } from "../../view/html/report.ts";
import type { InCluster } from "./clusters/report.ts";

/** Of any Deployment: no rule names it. */
export const anyTarget: Target = { kind: "deployment", name: SOME_NAMESPACE };

/** Those that need the same rights are one column. */
export const shownActions = [
  "mirror",
  "steal",
  "copy",
  "preview",
  "ci",
  "kill-sessions",
] as const satisfies readonly Action[];

export interface MatrixLine extends ShownRow {
  /** Empty: any Deployment. */
  target: string;
}

/** Everybody's access to one target, without the control plane. */
export const sessionMatrix = (rbac: readonly KubernetesObject[], target: Target): ReturnType<typeof accessMatrix> =>
  accessMatrix(rbac, matrixActions(target), (_binding, _role, subject) => !isControlPlane(subject));

function matrixActions(target: Target): MatrixAction[] {
  return shownActions.flatMap((action): MatrixAction[] => {
    if (isAboutTarget(action) && impossibleBecause({ action, target }) !== undefined) return [];
    const plan = likelyPlan({ action, target, namespace: SOME_NAMESPACE });
    return [{ action, requests: sessionRequests({ ...plan, namespace: SOME_NAMESPACE }) }];
  });
}

const EVERYWHERE = "*";
const shownName = (name: string): string => (name === EVERYWHERE ? "<all>" : name);

/** The lines as the page shows them. */
export function htmlMatrix(lines: readonly InCluster<MatrixLine>[], groupBy: string, hasTargets: boolean): HtmlMatrix {
  const hasClusters = lines.some(({ cluster }) => cluster !== undefined);
  const who = groupBy === "subject" ? "in which namespaces it may do so" : "who may do so";
  return {
    caption: `A line for each ${groupBy}; a cell says ${who}. <all> is everywhere, also in namespaces that come later.`,
    columns: [groupBy, ...(hasClusters ? ["cluster"] : []), ...(hasTargets ? ["target"] : []), ...shownActions],
    actionsFrom: 1 + Number(hasClusters) + Number(hasTargets),
    rows: lines.map(({ cluster = "", name, target, cells }) => [
      shownName(name),
      ...(hasClusters ? [cluster] : []),
      ...(hasTargets ? [target] : []),
      ...shownActions.map((action) => (cells[action] ?? []).map(shownName).join(", ")),
    ]),
  };
}

/** The lines of a whole report: every subject, any Deployment. */
export function subjectLines(rbac: readonly KubernetesObject[]): MatrixLine[] {
  const { rows } = sessionMatrix(rbac, anyTarget);
  return groupRows(rows, "subject", () => []).map((line) => ({ ...line, target: "" }));
}
