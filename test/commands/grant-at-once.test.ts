// Several administrators change the same grants or namespaces at once: what is left is what some order of their commands leaves.
import { testBetween, testTogether } from "./at-once.ts";

const grants = [
  ["jon", "--ns", "dev", "--ns", "qa", "--ns", "prod"],
  ["jon", "--ns", "dev", "--ns", "qa", "--role", "view"],
];
const all = ["revoke", "jon"];
const inDev = ["revoke", "jon", "--ns", "dev"];
const inQa = ["revoke", "jon", "--ns", "qa"];
const again = ["jon", "--ns", "dev", "--ns", "qa", "--ns", "prod"];
const rest = ["jon", "--ns", "qa", "--ns", "prod"];

testBetween({ commands: grants }, [
  ["while everything is revoked, somebody revokes one namespace", all, inDev],
  ["while one namespace is revoked, somebody revokes everything", inDev, all],
  ["while one namespace is revoked, somebody revokes another", inDev, inQa],
  ["while one namespace is revoked, somebody grants what is left", inDev, rest],
]);

const seeds = [1, 2, 3, 4, 17];
testTogether(
  { commands: grants },
  [
    [all, inDev],
    [inDev, inQa],
    [inDev, inQa, all],
    [inDev, inQa, again],
  ],
  seeds,
);

const collections = [
  ["collection", "create", "apps"],
  ["collection", "create", "tools"],
  ["collection", "assign", "apps", "--ns", "qa"],
  ["jon", "--collection", "apps", "--accept-label-risk"],
];
const intoApps = ["collection", "move", "--ns", "dev", "--ns", "qa", "apps"];
const intoTools = ["collection", "move", "--ns", "qa", "--ns", "dev", "tools"];
testTogether(
  { commands: collections },
  [
    [intoApps, intoTools, ["collection", "unassign", "--ns", "dev", "--ns", "qa"]],
    [intoApps, intoTools, ["jon", "--collection", "tools", "--accept-label-risk"]],
  ],
  [...seeds, 32],
);
