import t from "tap";
import { completeList } from "../../../lib/cli/completion/completers.ts";

const names = ["east", "west", "a,b"];
const cases: [current: string, want: string[]][] = [
  ["", names],
  ["ea", names],
  ["east,", [...names, "east,west", "east,a,b"]],
  ["east,w", [...names, "east,west", "east,a,b"]],
  ["west,east,", [...names, "west,east,a,b"]],
  ["nowhere,", names],
  ["east,,", names],
  ["a,", names],
];
for (const [current, want] of cases)
  t.test(`a list of names that begins ${JSON.stringify(current)}`, async (t) => {
    t.same(completeList(names, current), want);
  });
