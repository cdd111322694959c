// A team or an organization is moved, and somebody else changes it meanwhile: before each write of the one command the other runs from its beginning to
// its end. What is left is what one of the two orders leaves; of a command that fails, nothing that a sync does not clear away.
import t from "tap";
import { testBetween, testTogether } from "./at-once.ts";
import { exampleMemory, runGrant } from "./grant-world.ts";

const company = [
  ["org", "create", "acme"],
  ["org", "create", "beta"],
  ["org", "create", "zeta"],
  ["team", "create", "acme/web"],
  ["team", "create", "acme/cart"],
  ["team", "add", "acme/web", "ann"],
  ["team:acme/web", "--ns", "dev", "--ns", "qa"],
];
const move = ["team", "move", "acme/web", "beta", "--cascade"];

testBetween({ commands: company }, [
  ["while a team moves, somebody moves it elsewhere", move, ["team", "move", "acme/web", "zeta", "--cascade"]],
  ["while a team moves, somebody adds a member", move, ["team", "add", "acme/web", "bob"]],
  ["while a team moves, somebody deletes it", move, ["team", "delete", "acme/web", "--cascade", "-y"]],
  ["while somebody deletes a team, it moves", ["team", "delete", "acme/web", "--cascade", "-y"], move],
  ["while a team moves, another of the organization changes", move, ["team", "add", "acme/cart", "bob"]],
  ["while a team moves, its organization is renamed", move, ["org", "move", "acme", "apex", "--cascade"]],
  ["while a team moves, somebody grants it more", move, ["team:acme/web", "--ns", "prod"]],
  ["while somebody grants a team more, it moves", ["team:acme/web", "--ns", "prod"], move],
  ["while a team moves, somebody revokes what it was granted", move, ["revoke", "team:acme/web"]],
  ["while somebody revokes what a team was granted, it moves", ["revoke", "team:acme/web"], move],
  ["while a team moves, somebody revokes it in one namespace", move, ["revoke", "team:acme/web", "--ns", "dev"]],
  ["while a team moves, somebody syncs", move, ["sync", "-y"]],
  ["while a team moves, somebody moves it on", move, ["team", "move", "beta/web", "zeta", "--cascade"]],
  ["while a team moves, somebody adds a member where it arrives", move, ["team", "add", "beta/web", "bob"]],
  ["while a team moves, somebody deletes it where it arrives", move, ["team", "delete", "beta/web", "--cascade", "-y"]],
  ["while a team moves, somebody makes one of its name where it goes", move, ["team", "create", "beta/web"]],
  ["while a team moves, the organization it goes to is renamed", move, ["org", "move", "beta", "corp", "--cascade"]],
  ["while an organization is renamed, a team moves to it", ["org", "move", "beta", "corp", "--cascade"], move],
  ["while a team moves, the organization it goes to is deleted", move, ["org", "delete", "beta", "--cascade", "-y"]],
]);

const organization = [
  ["org", "create", "acme"],
  ["org", "create", "beta"],
  ["team", "create", "acme/web"],
  ["team", "add", "acme/web", "ann"],
  ["team:acme/web", "--ns", "dev", "--for", "2h"],
  ["org:acme", "--ns", "qa"],
];
const rename = ["org", "move", "acme", "apex", "--cascade"];
const extend = ["extend", "team:acme/web", "--for", "8h"];

testBetween({ commands: organization }, [
  ["while an organization is renamed, one of its teams moves", rename, move],
  [
    "while an organization is renamed, somebody renames it otherwise",
    rename,
    ["org", "move", "acme", "zeta", "--cascade"],
  ],
  ["while an organization is renamed, somebody adds a member to a team", rename, ["team", "add", "acme/web", "bob"]],
  ["while an organization is renamed, somebody adds a member", rename, ["org", "add", "acme", "bob"]],
  ["while an organization is renamed, somebody makes a team", rename, ["team", "create", "acme/cart"]],
  ["while an organization is renamed, somebody grants it more", rename, ["org:acme", "--ns", "prod"]],
  ["while somebody grants an organization more, it is renamed", ["org:acme", "--ns", "prod"], rename],
  ["while an organization is renamed, somebody revokes what it was granted", rename, ["revoke", "org:acme"]],
  ["while somebody revokes what an organization was granted, it is renamed", ["revoke", "org:acme"], rename],
  ["while an organization is renamed, somebody deletes it", rename, ["org", "delete", "acme", "--cascade", "-y"]],
  ["while an organization is renamed, another is renamed to the same", rename, ["org", "move", "beta", "apex"]],
  ["while an organization is renamed, somebody makes one of its new name", rename, ["org", "create", "apex"]],
  ["while an organization is renamed, somebody adds to it under its new name", rename, ["org", "add", "apex", "bob"]],
  ["while a team moves, somebody extends what it was granted", move, extend],
  ["while somebody extends what a team was granted, it moves", extend, move],
]);

// Two teams change places: each command has read the organizations before the other has made its copy. And two moves that are in each
// other's way begin at the same time, at two objects.
testTogether(
  {
    commands: [
      ["org", "create", "acme"],
      ["org", "create", "beta"],
      ["team", "create", "acme/web"],
      ["team", "create", "beta/data"],
      ["team", "add", "acme/web", "ann", "bob"],
      ["team", "add", "beta/data", "ann"],
      ["team:acme/web", "--ns", "qa"],
      ["org:acme", "--ns", "dev", "--role", "view"],
      ["team:beta/data", "--ns", "dev"],
    ],
  },
  [
    [move, ["team", "move", "beta/data", "acme", "--cascade"]],
    [move, ["org", "move", "beta", "corp", "--cascade"]],
    [rename, ["org", "move", "beta", "apex", "--cascade"]],
    [
      ["team", "move", "beta/data", "acme", "--cascade"],
      ["org", "delete", "beta", "--cascade", "-y"],
    ],
  ],
  [1, 2, 3, 4, 5, 6, 7, 8],
);

t.test(
  "of two moves in each other's way, the one that gives up says nothing of a change, and leaves no note",
  async (t) => {
    const cluster = exampleMemory();
    for (const words of company) await runGrant(words, { cluster });
    cluster.beforeWrite = (_count, what) => {
      const beta = cluster.objects().find(({ kind, metadata }) => kind === "Organization" && metadata.name === "beta");
      if (!what.includes("Organization acme") || beta === undefined) return;
      cluster.beforeWrite = () => undefined;
      const annotations = { "kubectl-mirrord.io/moving": '{"":"corp"}' };
      cluster.put({ ...beta, metadata: { ...beta.metadata, annotations } });
    };
    const { code, stderr } = await runGrant(move, { cluster });
    t.equal(code, 2);
    t.match(stderr, /^error: organization beta is being moved to corp\n/);
    t.notMatch(stderr, /Done before/);
    const acme = cluster.objects().find(({ kind, metadata }) => kind === "Organization" && metadata.name === "acme");
    t.equal(acme?.metadata.annotations?.["kubectl-mirrord.io/moving"], undefined);
  },
);

// Two who move the same: what the first takes away under the old name has not been revoked.
const again = (words: string[]): string[] => [...words];
testTogether({ commands: company }, [[move, again(move)]], [8, 68, 101]);
testTogether({ commands: organization }, [[rename, again(rename)]], [1, 2, 3, 4, 5, 6, 7, 8]);
