import { edges } from "./edges.ts";
import { auditFinding, someOf, type AuditFinding, type ShownStep } from "./finding.ts";
import type { AccessPath, PathStep } from "./paths.ts";
import { formatSubject } from "../access/subject.ts";

/** One finding for all who go the same way through the same binding: the binding is what has to change. */
export function pathFindings(paths: readonly AccessPath[]): AuditFinding[] {
  const alike = Map.groupBy(paths, pathKey);
  return [...alike.values()].flatMap((group) => {
    const [path] = group;
    const [first] = path?.steps ?? [];
    if (path === undefined || first === undefined) return [];
    const who = group.map(({ start }) => start);
    const names = who.map(formatSubject).toSorted();
    return [
      auditFinding(first.edge, {
        subject: first.through.binding,
        who,
        // The gravest is what leads to everything or to the operator; sessions of another are less.
        ...(path.goal === "sessions" ? { severity: "warning" as const } : {}),
        message: pathText(someOf(names), path),
        evidence: path.steps.flatMap(({ through }) => [through.binding, through.role]),
        path: path.steps.map(shownStep),
        leadsTo: pathEnd(path),
      }),
    ];
  });
}

function pathKey({ goal, place, steps }: AccessPath): string {
  return JSON.stringify([
    goal,
    place,
    steps.map(({ edge, becomes, namespace, through }) => [edge, becomes, namespace, through.binding]),
  ]);
}

function shownStep({ edge, becomes, namespace, through }: PathStep): ShownStep {
  const place = namespace === undefined ? {} : { namespace };
  return { becomes, by: edges[edge].by, ...place, binding: through.binding, role: through.role };
}

const ends: Readonly<Record<AccessPath["goal"], string>> = {
  administrator: "who may do everything in the cluster",
  operator: "mirrord's operator",
  manage: "who may make any grant",
  guards: "who can switch off what guards grants",
  sessions: "who may start sessions",
};

const pathEnd = ({ goal, place }: AccessPath): string =>
  `${ends[goal]}${goal === "sessions" && place !== undefined ? ` in ${place}` : ""}`;

/** `jim can become sa:dev/ci by running a pod as it in dev: who may do everything in the cluster`. */
function pathText(start: string, path: AccessPath): string {
  const { steps } = path;
  const end = pathEnd(path);
  const parts = steps.map(({ edge, becomes, namespace }) => {
    const where = namespace === undefined ? "" : ` in ${namespace}`;
    return `${becomes === "" ? end : becomes} by ${edges[edge].by}${where}`;
  });
  const last = steps.at(-1)?.becomes === "" ? "" : `: ${end}`;
  return `${start} can become ${parts.join(", then ")}${last}`;
}
