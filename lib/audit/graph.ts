/** A directed edge; without a label it costs nothing: who is at its start is at its end as well. */
export interface Edge<Label> {
  from: string;
  to: string;
  label?: Label;
}

export interface Graph<Label> {
  /** Edges by their end. */
  into: Map<string, Edge<Label>[]>;
}

export function addEdge<Label>({ into }: Graph<Label>, edge: Edge<Label>): void {
  const known = into.get(edge.to);
  if (known === undefined) into.set(edge.to, [edge]);
  else known.push(edge);
}

/** Edges without a label, each once, from the first of a pair to the second. */
export function addDistinctEdges<Label>(graph: Graph<Label>, pairs: readonly [string, string][]): void {
  const seen = new Set<string>();
  for (const [from, to] of pairs) {
    if (seen.has(`${from} ${to}`)) continue;
    seen.add(`${from} ${to}`);
    addEdge(graph, { from, to });
  }
}

/**
 * For every node that reaches the goal, the edge with which its shortest way begins; of equally short ways the one that was
 * added first. Edges without a label count nothing.
 * @param among only through these nodes; left out: through all
 */
export function shortestWays<Label>(
  { into }: Graph<Label>,
  goal: string,
  among?: ReadonlySet<string>,
): Map<string, Edge<Label>> {
  const first = new Map<string, Edge<Label>>();
  const done = new Set<string>();
  let level: string[] = [goal];
  while (level.length > 0) {
    const next: string[] = [];
    // Free edges belong to the level of their end: the list grows while it is walked.
    for (const node of level) {
      if (done.has(node)) continue;
      done.add(node);
      for (const edge of into.get(node) ?? []) {
        if (done.has(edge.from) || among?.has(edge.from) === false) continue;
        if (edge.label === undefined) {
          first.set(edge.from, edge);
          level.push(edge.from);
        } else next.push(edge.from);
      }
    }
    for (const node of level)
      for (const edge of into.get(node) ?? [])
        if (
          edge.label !== undefined &&
          !done.has(edge.from) &&
          !first.has(edge.from) &&
          among?.has(edge.from) !== false
        )
          first.set(edge.from, edge);
    level = next.filter((node) => !done.has(node));
  }
  return first;
}

/** These nodes and all that they lead to. */
export function reachableFrom<Label>({ into }: Graph<Label>, starts: readonly string[]): Set<string> {
  const outOf = new Map<string, string[]>();
  for (const edges of into.values())
    for (const { from, to } of edges) {
      const known = outOf.get(from);
      if (known === undefined) outOf.set(from, [to]);
      else known.push(to);
    }
  const reached = new Set(starts);
  // The set grows while it is walked.
  for (const node of reached) for (const next of outOf.get(node) ?? []) reached.add(next);
  return reached;
}

/** The edges from a node to the goal of these ways; none where it does not reach it. */
export function wayFrom<Label>(ways: ReadonlyMap<string, Edge<Label>>, start: string): Edge<Label>[] {
  const way: Edge<Label>[] = [];
  for (let edge = ways.get(start); edge !== undefined; edge = ways.get(edge.to)) way.push(edge);
  return way;
}
