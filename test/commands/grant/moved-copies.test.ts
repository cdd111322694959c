// A team that moves while what it was granted is revoked: the copies that the move makes are found until it has ended, and then said.
import t from "tap";
import { movedCopies } from "../../../lib/commands/grant/organizations/moved-copies.ts";
import { MOVING_ANNOTATION } from "../../../lib/access/names.ts";
import { readGrants } from "../../../lib/reading/grants.ts";
import { organizationObject } from "../../access/organizations/organization-object.ts";
import { afterListing } from "../../kube/memory-cluster.ts";
import { exampleMemory, runGrant } from "../grant-world.ts";

const teams = [{ name: "web", members: ["ann"] }];
const moving = { ...organizationObject("acme", { teams }) };
moving.metadata = { ...moving.metadata, annotations: { [MOVING_ANNOTATION]: '{"web":"beta"}' } };
const moved = organizationObject("acme", { teams: [] });

/** Both are granted; the copy is what the move has made since the revocation began. */
async function duringMove() {
  const cluster = exampleMemory(organizationObject("acme", { teams }), organizationObject("beta", { teams }));
  await runGrant(["team:acme/web", "--ns", "dev"], { cluster });
  const chosen = await readGrants(cluster);
  cluster.put(moving);
  const copies = movedCopies(cluster);
  t.same(await copies.find(chosen, chosen), []);
  await runGrant(["team:beta/web", "--ns", "dev", "--force"], { cluster });
  return { cluster, copies };
}

t.test("as long as the team moves, the copy goes with what was revoked", async (t) => {
  const { copies } = await duringMove();
  t.match(await copies.findLater(), [{ intent: { subject: { name: "beta/web" } } }]);
});

t.test("when it has moved, where it is now is said", async (t) => {
  const { cluster, copies } = await duringMove();
  cluster.put(moved);
  await t.rejects(copies.findLater(), { message: /^team acme\/web is beta\/web now, and what it was granted/ });
});

t.test("a move that ends between two looks is one of the two", async (t) => {
  const { cluster, copies } = await duringMove();
  afterListing(cluster, "Organization", () => cluster.put(moved));
  t.match(await copies.findLater(), [{ intent: { subject: { name: "beta/web" } } }]);
});

t.test("what was found as a copy once goes along, although the move has ended by the next attempt", async (t) => {
  const { cluster } = await duringMove();
  const all = await readGrants(cluster);
  const chosen = all.filter(({ intent }) => intent?.subject.name === "acme/web");
  const copies = movedCopies(cluster);
  const copy = [{ intent: { subject: { name: "beta/web" } } }];
  t.match(await copies.find(chosen, all), copy);
  cluster.put(moved);
  t.match(await copies.find(chosen, all), copy);
  t.match(await copies.findLater(), copy);
});
