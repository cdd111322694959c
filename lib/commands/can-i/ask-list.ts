import type { World } from "../../cli/world.ts";
import { formatTarget } from "../../mirrord/target.ts";
import type { Action } from "../../mirrord/plan/session-plan.ts";
import { requireNamespace } from "../../reading/namespaces.ts";
import { previewMatrix, type Matrix } from "../../preview/matrix.ts";
import type { TargetAnswers } from "../../preview/target-answers.ts";
import type { Columns } from "../../view/columns.ts";
import { printOutput, type Output } from "../../view/output.ts";
import { wrapLine } from "../../view/text.ts";
import type { AskOptions } from "./ask-one.ts";
import { asCaller } from "../connection.ts";
import { HANG, shownMatrix } from "./matrix-lines.ts";
import { identityAsked } from "./identity-flags.ts";
import { listedActions, parseListedActions } from "../question/question.ts";

/** Every target with every action, for one identity. Resolves to the exit code: 3 when there may be more targets. */
export async function askList(options: AskOptions, world: World): Promise<number> {
  const chosen = parseListedActions(options.words);
  const actions = chosen.length === 0 ? listedActions : chosen;
  const as = identityAsked(options);
  const cluster = await world.connect(asCaller(options));
  const progress = world.progress("Asking about targets");
  const matrix = await previewMatrix(cluster, {
    actions,
    now: world.now(),
    policies: !options.noPolicies,
    onProgress: (targets) => progress.update(`Asked about ${targets} targets`),
    ...(options.allNamespaces ? {} : { namespace: options.namespace ?? cluster.namespace }),
    ...(as === undefined ? {} : { as }),
    ...(options.via === undefined ? {} : { via: options.via }),
    ...(options.clientVersion === undefined ? {} : { clientVersion: options.clientVersion }),
  }).finally(() => progress.end());
  if (!options.allNamespaces && matrix.rows.every(({ target }) => target.kind === "targetless"))
    await requireNamespace(cluster, options.namespace);
  const { output: format, noHeaders } = options;
  const rows = format === "name" ? matrix.rows.filter(isUsable) : matrix.rows;
  const shown = format === "table" ? shownMatrix(rows, actions) : { rows, actions, below: [] };
  const output = matrixOutput({ ...matrix, ...shown }, shown.actions, options.allNamespaces);
  await printOutput(output, { format, noHeaders }, world);
  if (shown.below.length > 0) {
    const width = world.isTerminal.stdout ? world.columns : Infinity;
    const below = shown.below.flatMap((line) => wrapLine(line, width, HANG));
    world.print([...(shown.rows.length === 0 ? [] : [""]), ...below]);
  }
  for (const assumption of matrix.assumptions) world.note(`assuming: ${assumption}`);
  if (matrix.incomplete.length === 0) return 0;
  world.warn(`you may not list ${matrix.incomplete.join(", ")}: there may be more targets`);
  return 3;
}

type Column = [header: string, cell: Columns<TargetAnswers>[string]];

const isUsable = ({ cells }: TargetAnswers) => Object.values(cells).some(({ answer }) => answer === "yes");

function matrixOutput(
  { rows, identity, incomplete, assumptions }: Matrix,
  actions: readonly Action[],
  allNamespaces: boolean,
): Output<TargetAnswers> {
  const namespaceColumn: Column = ["NAMESPACE", ({ namespace }) => namespace];
  const columns: Column[] = [
    ...(allNamespaces ? [namespaceColumn] : []),
    ["TARGET", ({ target }) => formatTarget(target)],
    ...actions.map((action): Column => [action.toUpperCase(), { word: ({ cells }) => cells[action]?.answer }]),
    ["WHY", { wide: (row) => firstReason(row, actions) }],
  ];
  return {
    kind: "SessionMatrix",
    value: {
      identity: {
        ...(identity.nameless === true ? {} : { name: identity.user.name }),
        groups: identity.user.groups,
        groupsKnown: identity.groupsKnown,
      },
      actions,
      items: rows.map(({ namespace, target, cells }) => ({ namespace, target: formatTarget(target), answers: cells })),
      incomplete,
      assumptions,
    },
    rows,
    columns: Object.fromEntries(columns),
    // What can be used: `mirrord exec -t`.
    name: ({ namespace, target }) => `${allNamespaces ? `${namespace}/` : ""}${formatTarget(target)}`,
    empty: "No targets found",
  };
}

function firstReason({ cells }: TargetAnswers, actions: readonly Action[]): string {
  const refused = actions
    .map((action) => cells[action])
    .find((cell) => cell?.answer === "no" || cell?.answer === "unknown");
  return refused?.reason ?? "";
}
