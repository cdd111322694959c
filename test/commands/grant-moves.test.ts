// What it comes to for people when organizations and teams move together with the grants to them.
import t from "tap";
import { exampleMemory, runGrant } from "./grant-world.ts";

const company = [
  ["org", "create", "acme"],
  ["org", "create", "beta"],
  ["team", "create", "acme/web"],
  ["team", "add", "acme/web", "ann"],
  ["org", "add", "beta", "boss"],
  ["team:acme/web", "--ns", "dev"],
];
const moves: [what: string, before: string[][], move: string[], says: RegExp][] = [
  [
    "a team takes its grants along, and nobody gets or loses anything",
    [],
    ["team", "move", "acme/web", "beta"],
    /^Team acme\/web is beta\/web now\.\n$/,
  ],
  ["so does an organization", [], ["org", "move", "acme", "zeta"], /^Organization acme is zeta now\.\n$/],
  [
    "what the new organization has the team gets",
    [["org:beta", "--ns", "qa"]],
    ["team", "move", "acme/web", "beta"],
    /now\.\n\nann gets clusterrole mirrord-operator-user in namespace qa\n$/,
  ],
  [
    "what the old one has the team loses",
    [["org:acme", "--ns", "qa"]],
    ["team", "move", "acme/web", "beta"],
    /now\.\n\nann no longer holds clusterrole mirrord-operator-user in namespace qa\n$/,
  ],
  [
    "and what it holds by its own grant as well it keeps",
    [["org:acme", "--ns", "dev"]],
    ["team", "move", "acme/web", "beta"],
    /^Team acme\/web is beta\/web now\.\n$/,
  ],
];
for (const [what, before, move, says] of moves) {
  t.test(what, async (t) => {
    const cluster = exampleMemory();
    for (const line of [...company, ...before]) t.equal((await runGrant(line, { cluster })).code, 0, line.join(" "));
    const moved = await runGrant([...move, "--cascade"], { cluster });
    t.equal(moved.code, 0, moved.stderr);
    t.match(moved.stdout, says);
    t.equal((await runGrant(["sync", "--check"], { cluster })).code, 0);
  });
}

const interrupted: [what: string, halfDone: string[][], move: string[], stderr: RegExp][] = [
  [
    "a team",
    [
      ["team", "create", "beta/web"],
      ["team", "add", "beta/web", "ann"],
    ],
    ["team", "move", "acme/web", "beta"],
    /team beta\/web is there already/,
  ],
  [
    "an organization",
    [
      ["org", "create", "zeta"],
      ["team", "create", "zeta/web"],
      ["team", "add", "zeta/web", "ann"],
    ],
    ["org", "move", "acme", "zeta"],
    /organization zeta is there already, and another/,
  ],
];
for (const [what, halfDone, move, stderr] of interrupted) {
  t.test(
    `the move of ${what} that was interrupted when the copy was made is finished by the same command`,
    async (t) => {
      const cluster = exampleMemory();
      for (const line of [...company, ...halfDone])
        t.equal((await runGrant(line, { cluster })).code, 0, line.join(" "));
      t.match(await runGrant([...move, "--cascade"], { cluster }), { code: 0, stderr: "" });
      const teams = await runGrant(["team", "list"], { cluster });
      t.notMatch(teams.stdout, /acme\/web/);
      t.match(teams.stdout, /^(beta|zeta)\/web +1 +1/m);
      t.equal((await runGrant(["sync", "--check"], { cluster })).code, 0);
    },
  );

  t.test(`${what} of that name with other members is another`, async (t) => {
    const cluster = exampleMemory();
    const [last = []] = halfDone.slice(-1);
    const lines = [...company, ...halfDone, [...last.slice(0, -1), "eve"]];
    for (const line of lines) t.equal((await runGrant(line, { cluster })).code, 0, line.join(" "));
    t.match(await runGrant([...move, "--cascade"], { cluster }), { code: 2, stderr });
  });
}
