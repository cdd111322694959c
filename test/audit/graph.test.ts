import t from "tap";
import { addEdge, shortestWays, wayFrom, type Edge, type Graph } from "../../lib/audit/graph.ts";
import { random } from "../rbac/random.ts";

/** `a b x` is an edge from a to b with label x; `a b` is free. */
function graph(...lines: string[]): Graph<string> {
  const made: Graph<string> = { into: new Map() };
  for (const line of lines) {
    const [from = "", to = "", label] = line.split(" ");
    addEdge(made, { from, to, ...(label === undefined ? {} : { label }) });
  }
  return made;
}

const text = (way: Edge<string>[]) => way.map(({ to, label = "" }) => `${label}>${to}`).join(" ");

const cases: { name: string; edges: string[]; from: string; want: string }[] = [
  { name: "one step", edges: ["a goal x"], from: "a", want: "x>goal" },
  { name: "no way", edges: ["goal a x"], from: "a", want: "" },
  { name: "the shorter of two", edges: ["a b x", "b goal y", "a goal z"], from: "a", want: "z>goal" },
  { name: "the first of two that are equally short", edges: ["a goal x", "a goal y"], from: "a", want: "x>goal" },
  {
    name: "a free edge counts nothing",
    edges: ["a h1 x", "h1 h2", "h2 b", "b goal", "a c y", "c goal z"],
    from: "a",
    want: "x>h1 >h2 >b >goal",
  },
  { name: "a free way to the goal beats a step", edges: ["a goal x", "a b", "b goal"], from: "a", want: ">b >goal" },
  { name: "a circle", edges: ["a b x", "b a y", "b goal z"], from: "a", want: "x>b z>goal" },
];
for (const { name, edges, from, want } of cases)
  t.test(name, async (t) => t.equal(text(wayFrom(shortestWays(graph(...edges), "goal"), from)), want));

t.test("every way of a random graph is as short as breadth-first search from its start says", async (t) => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const choices = random(seed);
    const lines = Array.from(
      { length: 40 },
      () => `${choices.below(15)} ${choices.below(15)}${choices.chance(0.4) ? "" : " x"}`,
    );
    const ways = shortestWays(graph(...lines), "0");
    for (let start = 1; start < 15; start += 1) {
      const way = wayFrom(ways, String(start));
      const found = way.length === 0 ? Infinity : way.filter(({ label }) => label !== undefined).length;
      t.equal(found, distance(lines, String(start)), `seed ${seed}, from ${start}`);
    }
  }
});

/** Bellman-Ford: slow and plain. */
function distance(lines: readonly string[], start: string): number {
  const known = new Map([[start, 0]]);
  for (let round = 0; round < 15; round += 1)
    for (const line of lines) {
      const [from = "", to = "", label] = line.split(" ");
      const cost = (known.get(from) ?? Infinity) + (label === undefined ? 0 : 1);
      if (cost < (known.get(to) ?? Infinity)) known.set(to, cost);
    }
  return known.get("0") ?? Infinity;
}
