// Several administrators change when the same grants end, at once: what is left ends when some order of their commands says, by one
// Job in each namespace.
import { testTogether } from "./at-once.ts";

const company = [
  ["org", "create", "acme"],
  ["team", "create", "acme/web"],
  ["team", "add", "acme/web", "ann", "bob"],
  ["jon", "--ns", "dev", "--ns", "qa", "--for", "4h"],
  ["team:acme/web", "--ns", "qa", "--for", "3h"],
];
const eve = (hours: number) => ["eve", "--ns", "dev", "--for", `${hours}h`];
const sooner = ["extend", "jon", "--for", "1h", "-y"];
const notInQa = () => ["revoke", "jon", "--ns", "qa"];

testTogether(
  { commands: company },
  [
    [eve(1), eve(2)],
    [eve(3), eve(2)],
    [notInQa(), sooner],
    [notInQa(), notInQa()],
    [notInQa(), ["jon", "--ns", "dev", "--for", "5h"]],
    [
      ["sync", "-y"],
      ["extend", "team:acme/web", "--for", "7h", "-y"],
      ["team", "remove", "acme/web", "ann"],
    ],
  ],
  // 250 left two Jobs, 3173 somebody in a team's grant who is not in the team.
  [1, 2, 3, 4, 250, 3173],
);
