// A team is moved, and somebody else changes it meanwhile: before each write of the one command the other runs from its beginning to
// its end. What is left is what one of the two orders leaves; of a command that fails, nothing that a sync does not clear away.
import { testBetween } from "./at-once.ts";

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

testBetween(company, [
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
]);
