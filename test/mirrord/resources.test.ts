import t from "tap";
import { isMirrordGroup } from "../../lib/mirrord/resources.ts";

const groups: [group: string, isMirrords: boolean][] = [
  ["operator.metalbear.co", true],
  ["policies.mirrord.metalbear.co", true],
  ["metalbear.co", true],
  ["evilmetalbear.co", false],
  ["metalbear.co.example.com", false],
  ["", false],
  ["*", false],
];
for (const [group, isMirrords] of groups) {
  t.test(`${JSON.stringify(group)} is ${isMirrords ? "a" : "no"} group of mirrord`, async (t) => {
    t.equal(isMirrordGroup(group), isMirrords);
  });
}
