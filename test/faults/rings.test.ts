import t from "tap";
import { dispatcher } from "../../lib/cli/dispatcher.ts";
import { load, type Command, type Verb } from "../../lib/cli/grammar/command.ts";
import { requests } from "../../lib/commands/permissions/requests.ts";
import { all } from "../../plugins/all.ts";
import { allPositions, pairedPositions, stepPlaces } from "./positions.ts";
import { faults } from "./proxy.ts";
import { rings } from "./rings.ts";

const list = rings(t.testdir({}));
const covered = new Set(list.flatMap(({ steps }) => steps.flatMap(({ command }) => command ?? [])));

async function commands(verb: Verb): Promise<Command[]> {
  const command = await load(verb);
  return [command, ...(await Promise.all(command.verbs.map(commands))).flat()];
}

/** What they change is not in a cluster, or only as a dry run. */
const elsewhere = new Set(["session start", "completion install", "install-links", "policy diff"]);

t.test("every command that changes a cluster is tried with every fault", async (t) => {
  const words = (await commands(dispatcher(all, "kubectl-mirrord", "")))
    .filter(({ run, flags }) => run !== undefined && ("dry-run" in flags || "yes" in flags || "dryRun" in flags))
    .map(({ name }) => name);
  const sends = Object.entries(requests)
    .filter(([, lines]) => lines.some(isWrite))
    .map(([command]) => command);
  const changing = [...new Set([...words, ...sends])].filter((command) => !elsewhere.has(command));
  t.ok(changing.length > 30);
  t.same(
    changing.filter((command) => !covered.has(command)),
    [],
  );
});

function isWrite(line: string): boolean {
  const [verb = "", ...types] = line.split(" ");
  return (
    /^(create|update|patch|delete|deletecollection)$/.test(verb) && types.some((type) => !type.includes("reviews."))
  );
}

t.test("each command and each fault is tried at the first, the middle and the last request", async (t) => {
  const sent = Array.from({ length: 9 }, (_, index) => ({ method: "GET", url: "", isWrite: index === 6 }));
  const places = [...stepPlaces(list)].map(([{ command }, place]) => ({ command, place }));
  const firsts = places.filter(({ place: { isRepeated } }) => !isRepeated);
  const chosen = firsts.flatMap(({ command, place }) =>
    faults.map((fault) => ({ command, fault, at: pairedPositions(sent, fault, place) })),
  );
  const remarkable = (found: typeof chosen) => new Set(found.flatMap(({ at }) => at));
  for (const [key, values] of [
    ["command", firsts.flatMap(({ command }) => command ?? [])],
    ["fault", faults],
  ] as const) {
    for (const value of values) {
      const found = remarkable(chosen.filter((each) => each[key] === value));
      t.ok(
        [1, 5, 9].every((at) => found.has(at)),
        value,
      );
    }
  }
  const place = { index: 0, isRepeated: false, isSlow: false };
  t.same(allPositions(sent, "500", place), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  t.ok([...remarkable(chosen)].includes(7), "and a write in the middle");
});
