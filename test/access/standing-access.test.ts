import t from "tap";
import type { SessionRight, SessionWay } from "../../lib/access/session-ways.ts";
import { openings, openQuestions, openRights, standingAccess, type Answers } from "../../lib/access/standing-access.ts";
import type { AccessAttributes, Answer } from "../../lib/kubernetes/access.ts";

const to = (verb: string, resource: string): AccessAttributes => ({
  verb,
  apiGroup: "operator.metalbear.co",
  resource,
  namespace: "dev",
});
const connect = to("proxy", "targets");
const copy = to("create", "copytargets");
const credential = to("create", "mirrordclusteroperatorusercredentials");
const find = to("get", "mirrordoperators");
const list = to("list", "pods");

const right = (name: SessionRight["right"], attributes: AccessAttributes): SessionRight => ({
  right: name,
  attributes,
});
const way = (use: SessionWay["use"], ...needs: AccessAttributes[]): SessionWay => ({
  use,
  target: "deployment/web",
  needs,
});
const chain = {
  ways: [way("connect", find, connect, list), way("connect", find, connect), way("copy", find, list, copy)],
  rights: [right("connect", connect), right("copy", copy), right("credential", credential)],
};
const answering =
  (allowed: readonly AccessAttributes[], others: Answer = "no"): Answers =>
  (attributes) =>
    allowed.includes(attributes) ? "yes" : others;

t.test("a way that is allowed as a whole has started, and rights stand by themselves", async (t) => {
  t.same(standingAccess(chain, answering([find, connect, credential])), {
    started: [chain.ways[1]],
    standing: [chain.rights[0], chain.rights[2]],
    missing: [],
    unasked: false,
  });
});

t.test("of the ways that are open the one that lacks least says what is missing", async (t) => {
  t.same(standingAccess(chain, answering([connect])).missing, [find]);
  t.same(standingAccess({ ...chain, ways: chain.ways.toReversed() }, answering([connect])).missing, [find]);
  t.same(standingAccess(chain, answering([copy])).missing, [find, list]);
  t.same(standingAccess(chain, answering([credential, find, list])).missing, [], "no way is open");
});

t.test("what could not be asked counts only where it would open something", async (t) => {
  const unknown =
    (attributes: AccessAttributes): Answers =>
    (each) =>
      each === attributes ? "unknown" : "no";
  t.equal(standingAccess(chain, unknown(connect)).unasked, true);
  t.equal(standingAccess(chain, unknown(copy)).unasked, true);
  t.equal(standingAccess(chain, unknown(credential)).unasked, false);
  t.equal(standingAccess(chain, unknown(find)).unasked, false);
});

t.test("each right is asked, and all of the ways that are open or were not refused so far, once", async (t) => {
  const rights = [connect, copy, credential];
  t.same(openQuestions(chain, answering([])), rights);
  t.same(openQuestions(chain, answering([connect])), [...rights, find, list]);
  t.same(openQuestions(chain, answering([find, list])), rights);
  t.same(openQuestions(chain, answering([find, connect, list])), [...rights, find, list]);
  t.same(openQuestions({ ...chain, rights: [] }, answering([], "unknown")), [find, connect, list, copy]);
});

t.test("what lets a way through is what is a right of its own, but for credentials", async (t) => {
  t.same(openings([way("connect", find, credential, connect, list)], chain), [connect]);
  t.same(openings([way("copy", { verb: "get", path: "/version" }, copy)], chain), [copy]);
  t.same(openRights(chain.rights), [connect, copy]);
});
