import t from "tap";
import { plainPlan } from "../../../lib/mirrord/plan/session-plan.ts";
import {
  beyondClient,
  isLegacyClient,
  knownFeatures,
  clientVersion,
  isOlder,
  parseVersion,
} from "../../../lib/mirrord/plan/client-age.ts";

const texts: [text: string, version: readonly number[] | undefined][] = [
  ["3.118.0", [3, 118, 0]],
  ["v3.118.0", [3, 118, 0]],
  ["3.118", [3, 118, 0]],
  ["3.250.0-rc.1", [3, 250, 0]],
  ["3.250.0+abc", [3, 250, 0]],
  [" 3.1.2 ", [3, 1, 2]],
  ["3", undefined],
  ["", undefined],
  ["latest", undefined],
  ["3.1.2.4", undefined],
  ["3.-1.2", undefined],
  ["99999999999.1.1", undefined],
];
for (const [text, version] of texts) {
  t.test(`${JSON.stringify(text)} is ${JSON.stringify(version)}`, async (t) => t.same(parseVersion(text), version));
}

t.test("versions are compared part by part, as numbers", async (t) => {
  t.ok(isOlder([3, 9, 0], [3, 10, 0]));
  t.notOk(isOlder([3, 10, 0], [3, 9, 9]));
  t.notOk(isOlder([3, 10, 0], [3, 10, 0]));
  t.ok(isOlder([2, 99, 99], [3, 0, 0]));
  t.ok(isOlder([3, 10, 0], [3, 10, 1]));
});

t.test("what is no version is refused", async (t) => {
  t.throws(() => clientVersion("new"), { name: "UserError", kind: "usage" });
});

t.test("the ages at which the client's requests changed", async (t) => {
  const plan = plainPlan("copy", { kind: "label", labels: { a: "b" } }, "dev");
  const features = (text: string) => knownFeatures(plan.features, clientVersion(text));
  t.equal(isLegacyClient(clientVersion("3.118.0")), true);
  t.equal(isLegacyClient(clientVersion("3.118.1")), false);
  t.notOk(features("3.163.9").has("ExtendableUserCredentials"));
  t.ok(features("3.164.0").has("ExtendableUserCredentials"));
  t.notOk(features("3.51.0").has("ProxyApi"), "they get the target instead");
  t.ok(features("3.51.1").has("ProxyApi"));
  t.equal(knownFeatures(plan.features, undefined), plan.features, "a current client is what the plan is made for");
  t.equal(isLegacyClient(undefined), false);
  t.match(beyondClient(plan, clientVersion("3.74.9")), /copy targets, which came with 3.75.0/);
  t.match(beyondClient(plan, clientVersion("3.245.0")), /label targets, which came with 3.246.0/);
  t.equal(beyondClient(plan, clientVersion("3.246.0")), undefined);
  t.equal(beyondClient(plan, undefined), undefined);
});
