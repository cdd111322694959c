import t from "tap";
import { directory } from "../../../lib/access/organizations/directory.ts";
import { noOrganization, noShared, noTeam } from "../../../lib/access/organizations/missing.ts";
import { organizationObject } from "./organization-object.ts";

const known = directory([organizationObject("acme", { teams: [{ name: "web" }] })]);

t.test("what is not there is said with what is near, and how to make it", async (t) => {
  t.match(noOrganization(known, "acne"), {
    message: "organization acne was not found",
    hint: /mean acme\?\nMake it: .*org create acne/,
  });
  t.match(noOrganization(known, "zeta"), { hint: /^Make it/ });
  t.match(noTeam(known, "acme/wep"), {
    message: "team acme/wep was not found",
    hint: /mean acme\/web\?\nMake it: .*team create/,
  });
  t.match(noTeam(known, "acme/zz-top"), { hint: /^Make it/ });
  t.equal(noShared(known, { kind: "Team", name: "acme/zz" }).message, "team acme/zz was not found");
  t.equal(noShared(known, { kind: "Organization", name: "zz" }).message, "organization zz was not found");
  t.match(noTeam(known, "zeta/web"), { message: "organization zeta was not found" });
});
