// Two or three random commands about one company at the same time, on a cluster in memory: what they leave and say is what some order
// of them does. Deterministic by seed: node test/long/at-once.ts FROM TO
import { impossibleOutcome, possibleOutcomes } from "../commands/at-once.ts";
import { random } from "../rbac/random.ts";

const company = [
  "org create acme",
  "org create beta",
  "team create acme/web",
  "team create beta/data",
  "team add acme/web ann bob",
  "team add beta/data ann",
  "collection create apps",
  "collection create tools",
  "collection assign apps --ns dev",
  "team:acme/web --ns qa",
  "org:acme --ns dev --role view",
  "jon --ns dev --ns qa",
  "team:beta/data --collection apps --accept-label-risk",
];

const commands = [
  "jon --ns prod --ns qa",
  "jon --ns dev --ns qa",
  "jon --ns qa",
  "eve --collection tools --accept-label-risk",
  "revoke jon",
  "revoke jon --ns dev",
  "revoke jon --ns qa",
  "team add acme/web eve",
  "team remove acme/web ann",
  "team remove beta/data ann",
  "team create acme/ops",
  "team move acme/web beta --cascade",
  "team move beta/data acme --cascade",
  "team delete beta/data --cascade -y",
  "team delete acme/web --cascade -y",
  "org move acme apex --cascade",
  "org delete beta --cascade -y",
  "org add acme tom",
  "team:acme/web --ns prod",
  "org:acme --collection tools --accept-label-risk --role view",
  "revoke team:acme/web",
  "revoke team:acme/web --ns qa",
  "revoke org:acme",
  "collection move --ns dev tools",
  "collection move --ns dev --ns qa apps",
  "collection unassign --ns dev",
  "collection assign tools --ns prod --ns qa",
  "collection move apps tools/apps",
  "collection move tools live",
  "collection delete tools",
  "collection delete apps --cascade -y",
  "sync -y",
];

/** Moves, and commands about what arrives by them. */
const moves: [[string, string[]], ...[string, string[]][]] = [
  [
    "team move acme/web beta --cascade",
    [
      "team move beta/web acme --cascade",
      "team move beta/web acme",
      "team create beta/web",
      "team add beta/web eve",
      "team remove beta/web ann",
      "team delete beta/web --cascade -y",
      "team:beta/web --ns prod",
      "team:beta/web --ns qa",
      "revoke team:beta/web",
      "org move beta corp --cascade",
      "org delete beta --cascade -y",
      "team move acme/web acme",
      "sync -y",
    ],
  ],
  [
    "org move acme apex --cascade",
    [
      "org create apex",
      "org add apex tom",
      "org delete apex --cascade -y",
      "org move apex acme --cascade",
      "org move beta apex --cascade",
      "org:apex --ns dev --role view",
      "team:apex/web --ns prod",
      "revoke org:apex",
      "revoke team:apex/web",
      "team add apex/web eve",
      "team move apex/web beta --cascade",
      "team move beta/data apex --cascade",
      "sync -y",
    ],
  ],
];

/** The same, but jon's grant and another of the team end. */
const endingCompany = [
  ...company.filter((line) => !line.startsWith("jon")),
  "jon --ns dev --ns qa --for 4h",
  "team:acme/web --ns qa --for 3h",
  "kim --ns dev",
];

/** About grants that end, and others of the same people. */
const ends = [
  "jon --ns dev --ns qa --for 2h",
  "jon --ns dev --ns qa --for 8h",
  "jon --ns dev --for 5h",
  "extend jon --for 6h -y",
  "extend jon --for 1h -y",
  "revoke jon",
  "revoke jon --ns dev",
  "revoke jon --ns qa",
  "team add acme/web eve",
  "team remove acme/web ann",
  "team move acme/web beta --cascade",
  "team:acme/web --ns qa --for 9h",
  "extend team:acme/web --for 7h -y",
  "extend team:acme/web --for 1h -y",
  "revoke team:acme/web",
  "kim --ns dev --for 2h",
  "revoke kim",
  "eve --ns dev --for 1h",
  "eve --ns dev --for 2h",
  "eve --ns dev --ns prod --for 3h",
  "sync -y",
];

const isAboutEnds = (seed: number): boolean => seed % 4 === 2;

/** Of four selections one is about grants that end, and two are about one of the moves. */
function selection(seed: number): string[] {
  const choices = random(seed);
  if (isAboutEnds(seed)) return choices.some(ends, 2, 3);
  if (seed % 2 === 0) return choices.some(commands, 2, 3);
  const [move, others] = choices.pick(moves);
  return choices.some([move, ...choices.some(others, 1, 2)], 2, 3);
}

const ORDERS = 4;
const print = (line: string) => void process.stdout.write(`${line}\n`);
const words = (line: string): string[] => line.split(" ");

const [from = 0, to = 100] = process.argv.slice(2).map(Number);
let wrong = 0;
for (let seed = from; seed < to; seed += 1) {
  const chosen = selection(seed);
  const together = chosen.map(words);
  const before = { commands: (isAboutEnds(seed) ? endingCompany : company).map(words) };
  const possible = await possibleOutcomes(before, together);
  for (let order = 1; order <= ORDERS; order += 1) {
    const found = await impossibleOutcome(before, together, { possible, seed: seed * 10 + order });
    if (found === undefined) continue;
    wrong += 1;
    print(`seed ${seed}, order ${order}: ${chosen.join("; ")}`);
    if (process.env["SHOW"] !== undefined) print([...found.said, ...found.left].join("\n"));
  }
}
print(`figure selections of commands: ${to - from}`);
print(`figure orders of their requests: ${(to - from) * ORDERS}`);
print(`figure outcomes that no order gives: ${wrong}`);
process.exitCode = wrong === 0 ? 0 : 1;
