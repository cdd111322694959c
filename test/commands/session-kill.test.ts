import t from "tap";
import type { AccessAttributes } from "../../lib/kubernetes/access.ts";
import type { FakeWorld } from "../cli/fake-world.ts";
import { entry, runSession, schemaErrors, sessionCluster, type Given } from "./session-cluster.ts";

const three = [
  entry("A1", { user: "Jim/jim@h", duration_secs: 8000 }),
  entry("B2", { user: "Eve/eve@h", target: "pod/web-1", key: "pr-1" }),
  entry("C3", { user: "Jim/jim@h", namespace: "qa" }),
];
const cluster = (given: Given = {}) => sessionCluster({ sessions: three, ...given });

const selections: { words: string[]; want: string[] }[] = [
  { words: ["A1"], want: ["A1"] },
  { words: ["a1", "session.operator.metalbear.co/C3"], want: ["A1", "C3"] },
  { words: ["161"], want: ["A1"] },
  { words: ["A1", "161", "A1"], want: ["A1"] },
  { words: ["--user", "jim"], want: ["A1", "C3"] },
  { words: ["--user", "jim", "-n", "dev"], want: ["A1"] },
  { words: ["--target", "deploy/web"], want: ["A1", "C3"] },
  { words: ["--key", "pr-1"], want: ["B2"] },
  { words: ["--longer-than", "2h"], want: ["A1"] },
  { words: ["-n", "dev"], want: ["A1", "B2"] },
  { words: ["--all"], want: ["A1", "B2", "C3"] },
  { words: ["C3", "-n", "qa"], want: ["C3"] },
];

for (const { words, want } of selections)
  t.test(`kill ${words.join(" ")} ends ${want.join(" ")}, each by its own name at cluster scope`, async (t) => {
    const target = cluster();
    const { code, stdout, stderr } = await runSession(target, ["kill", ...words, "--yes"]);
    t.equal(code, 0, stderr);
    t.same(target.deleted.toSorted(), want);
    for (const id of want) t.match(stdout, new RegExp(`^session ${id} of .* ended$`, "m"));
    t.equal(stdout.split("\n").length, want.length + 1);
    const dry = cluster();
    const shown = await runSession(dry, ["kill", ...words, "--dry-run"]);
    t.same(dry.deleted, []);
    for (const id of want) t.match(shown.stdout, new RegExp(`^session ${id} of .* would end \\(dry run\\)$`, "m"));
  });

const recordOf = (id: string, user: string, more: object = {}) => ({
  apiVersion: "mirrord.metalbear.co/v1alpha",
  kind: "MirrordClusterSession",
  metadata: { name: id.toLowerCase() },
  spec: {
    owner: { username: user, k8sUsername: user.toLowerCase(), hostname: "h", userId: "Zg" },
    namespace: "dev",
    target: { apiVersion: "apps/v1", kind: "Deployment", name: "web", container: "main" },
    ...more,
  },
});

t.test("a record of somebody else with the id of a session neither hides it nor hands it over", async (t) => {
  const records = [recordOf("A1", "Eve", { namespace: "qa" }), recordOf("B2", "Jim")];
  for (const [user, want] of [
    ["jim", ["A1", "C3"]],
    ["eve", ["B2"]],
  ] as const) {
    const target = cluster({ records });
    const { code, stderr } = await runSession(target, ["kill", "--user", user, "--yes"]);
    t.equal(code, 0);
    t.same(target.deleted.toSorted(), want);
    t.match(stderr, /session A1: mirrordclustersession a1 has its id, and is of Eve\/eve@h on .* in namespace qa/);
  }
  const listed = await runSession(cluster({ records }), ["list", "-A", "-ojson"]);
  t.match(listed.stderr, /session B2: mirrordclustersession b2 has its id, and is of Jim\/jim@h/);
  t.equal(schemaErrors("session-list.json", listed.stdout), "No errors");
  const described = await runSession(cluster({ records }), ["describe", "A1"]);
  t.match(described.stdout, /User: +Jim\/jim@h/);
  t.match(described.stderr, /mirrordclustersession a1 has its id/);
});

const refused: { words: string[]; why: RegExp }[] = [
  { words: [], why: /say which sessions to end/ },
  { words: ["A1", "--all"], why: /ID and --all exclude each other/ },
  { words: ["A1", "--user", "jim"], why: /ID and --user exclude each other/ },
  { words: ["--all", "--stale"], why: /--all and --stale exclude each other/ },
  { words: ["--all", "-n", "dev"], why: /--all is about the whole cluster/ },
  { words: ["--inactive", "-n", "dev"], why: /--inactive is about the whole cluster/ },
  { words: ["--target", "daemonset/x"], why: /cannot target a DaemonSet/ },
  { words: ["--all", "--dry-run=server"], why: /an operator that does not know it would end the sessions/ },
  { words: ["--user", ""], why: /--user is empty/ },
  { words: ["--key="], why: /--key is empty/ },
  { words: ["--target", ""], why: /--target is empty/ },
  { words: ["-n", ""], why: /--namespace is empty/ },
  { words: ["A1", "-n", ""], why: /--namespace is empty/ },
  { words: ["--all", "--manifests", "."], why: /a folder of manifests has no live sessions/ },
  { words: ["A"], why: /session "A" not found; it begins A1\n.*Nothing was ended/ },
  { words: ["NOPE"], why: /session "NOPE" not found\n.*Nothing was ended/ },
  { words: ["A1", "-n", "qa"], why: /session "A1" is in namespace "dev", not in "qa"\n.*Nothing was ended/ },
  { words: [""], why: /session "" not found/ },
  { words: ["inactive"], why: /session "inactive" not found/ },
];

for (const { words, why } of refused)
  t.test(`kill ${JSON.stringify(words)} is refused, and ends nothing`, async (t) => {
    const target = cluster();
    t.match(await runSession(target, ["kill", ...words, "--yes"]), { code: 2, stdout: "", stderr: why });
    t.same(target.deleted, []);
  });

t.test("what started in between is left alone", async (t) => {
  let looks = 0;
  const target = cluster({ sessions: () => (looks++ === 0 ? three : [...three, entry("D4", { user: "Jim/jim@h" })]) });
  const { code } = await runSession(target, ["kill", "--all"], (world) => ({
    ask: { ...world.ask, input: async () => (looks++, "3") },
  }));
  t.equal(code, 0);
  t.same(target.deleted.toSorted(), ["A1", "B2", "C3"]);
});

t.test("while the question stood: what ended is over, and an id that is somebody else's by now goes on", async (t) => {
  let asked = false;
  const later = [entry("A1", { user: "Eve/eve@h" }), three[1] as object, entry("4D2"), entry("1234", { key: "new" })];
  const target = cluster({ sessions: () => (asked ? later : [...three, entry("1234")]) });
  const { code, stdout, stderr } = await runSession(target, ["kill", "--all"], (world) => ({
    ask: { ...world.ask, input: async () => ((asked = true), "4") },
  }));
  t.equal(code, 4);
  t.match(stdout, /^session B2 .* ended\nsession 1234 .* ended\nsession C3 .* was over already\n$/);
  t.match(stderr, /error: session A1 was not ended: its id is that of another session now/);
  t.same(target.deleted.toSorted(), ["4660", "B2"], "what started meanwhile is not hit by another spelling either");
});

t.test("nothing ends when the second look fails", async (t) => {
  let asked = false;
  const target = cluster({ sessions: () => (asked ? 503 : three) });
  const ran = await runSession(target, ["kill", "A1"], (world) => ({
    ask: { ...world.ask, confirm: async () => (asked = true) },
  }));
  t.match(ran, { code: 3, stdout: "" });
  t.same(target.deleted, []);
});

t.test("an id that is listed twice ends neither: one of them was not shown", async (t) => {
  for (const twin of ["A1", "a1", "0A1"]) {
    const target = cluster({ sessions: [...three, entry(twin, { namespace: "qa" })] });
    const ran = await runSession(target, ["kill", "-n", "dev", "-y"]);
    t.match(ran, { code: 4, stderr: /error: session A1 was not ended: the operator lists another session/ }, twin);
    t.same(target.deleted, ["B2"], twin);
  }
});

t.test("what was done is told, although the operator goes away before it is verified", async (t) => {
  let looks = 0;
  const target = cluster({ sessions: () => (looks++ === 0 ? three : 503), deletion: (name) => name === "B2" });
  const { code, stdout, stderr } = await runSession(target, ["kill", "--all", "-y"]);
  t.equal(code, 4);
  t.match(stdout, /^session B2 .* ended\n$/);
  for (const id of ["A1", "C3"])
    t.match(stderr, new RegExp(`session ${id} was not ended: .*could not be asked whether`));
  looks = 0;
  t.match(await runSession(target, ["kill", "--inactive", "-y"]), {
    code: 3,
    stderr: /which have ended could not be read/,
  });
});

t.test("5,000 sessions end in a moment, each by a name of its own", async (t) => {
  const many = Array.from({ length: 5000 }, (_, index) => entry((index + 2 ** 40).toString(16).toUpperCase()));
  const target = sessionCluster({ sessions: many });
  t.equal((await runSession(target, ["kill", "--all", "-y"])).code, 0);
  t.equal(new Set(target.deleted).size, 5000, "each session was ended");
});

const deny = (question: AccessAttributes) => ("verb" in question && question.verb === "delete" ? "no" : "yes");

t.test("whether sessions may be ended is asked first, at cluster scope, and the missing rule is named", async (t) => {
  const asked: AccessAttributes[] = [];
  const target = cluster({ review: (question) => (asked.push(question), deny(question)) });
  const ask = { confirm: () => t.fail("nothing to ask about") };
  const { code, stdout, stderr } = await runSession(target, ["kill", "A1"], () => ({ ask: ask as never }));
  t.equal(code, 4);
  t.equal(stdout, "");
  t.match(stderr, 'error: "me" cannot delete sessions.operator.metalbear.co in the whole cluster');
  t.match(stderr, "apiGroups: [operator.metalbear.co], resources: [sessions], verbs: [delete]");
  t.match(stderr, /kubectl create clusterrolebinding .* --user=me$/m);
  t.same(target.deleted, []);
  t.match(asked, [{ verb: "delete", resource: "sessions" }, { name: "A1" }, { name: "161" }]);
  t.ok(asked.every((question) => !("namespace" in question)));
});

t.test("a rule that names the session, in either spelling, is enough", async (t) => {
  for (const name of ["A1", "161"]) {
    const target = cluster({ review: (question) => ("name" in question && question.name === name ? "yes" : "no") });
    t.equal((await runSession(target, ["kill", "A1", "-y"])).code, 0, name);
  }
});

t.test("what could not be asked is left to the server", async (t) => {
  const target = cluster({ review: () => "unknown" });
  t.match(await runSession(target, ["kill", "A1", "-y"]), {
    code: 0,
    stderr: /could not be found out whether you may/,
  });
});

t.test("each session that could not be ended is named, with exit code 4", async (t) => {
  const target = cluster({ deletion: (name) => (name === "B2" ? 500 : true) });
  const { code, stdout, stderr } = await runSession(target, ["kill", "--all", "-y"]);
  t.equal(code, 4);
  t.match(stdout, /^session A1 .* ended\nsession C3 .* ended\n$/);
  t.match(stderr, /error: session B2 was not ended: Error from server \(InternalError\): it answers 500/);
  const json = await runSession(cluster({ deletion: (name) => (name === "B2" ? 500 : true) }), [
    "kill",
    "--all",
    "-y",
    "-ojson",
  ]);
  t.equal(json.code, 4);
  t.equal(schemaErrors("session-kill.json", json.stdout), "No errors");
  t.match(JSON.parse(json.stdout), {
    items: [{ outcome: "ended" }, { outcome: "failed", reason: /500/ }, { outcome: "ended" }],
  });
});

t.test("an id that is no session's does not keep the others alive, and is not forgotten", async (t) => {
  const target = cluster();
  const { code, stdout, stderr } = await runSession(target, ["kill", "A1", "NOPE", "-y"]);
  t.equal(code, 4);
  t.match(stdout, /^session A1 .* ended\n$/);
  t.match(stderr, /error: session "NOPE" not found/);
});

t.test("a name that is forbidden or unknown is tried in the other spelling", async (t) => {
  for (const answer of [403, 400, false]) {
    const target = cluster({ deletion: (name) => (name === "A1" ? answer : true) });
    t.match(await runSession(target, ["kill", "A1", "-y"]), { code: 0, stdout: /A1 .* ended/ }, String(answer));
    t.same(target.deleted, ["A1", "161"]);
  }
  const broken = cluster({ deletion: () => 500 });
  t.match(await runSession(broken, ["kill", "A1", "-y"]), { code: 4 });
  t.same(broken.deleted, ["A1"], "other failures are not");
});

t.test("a spelling that could be another session's is never sent", async (t) => {
  const target = sessionCluster({ sessions: [entry("1234"), entry("4D2")] });
  t.equal((await runSession(target, ["kill", "1234", "-y"])).code, 0);
  t.same(target.deleted, ["4660"]);
  const both = sessionCluster({ sessions: [entry("1234"), entry("4D2"), entry("4660")] });
  t.match(await runSession(both, ["kill", "1234", "-y"]), {
    code: 4,
    stderr: /could be read as that of another session/,
  });
  t.same(both.deleted, []);
});

t.test("a session over several clusters has one name", async (t) => {
  const status = { sessions: [], multi_cluster_sessions: [{ id: "mc-a1", user: "Jim/jim@h", namespace: "dev" }] };
  const target = cluster({ operator: { status } });
  t.equal((await runSession(target, ["kill", "mc-a1", "-y"])).code, 0);
  t.same(target.deleted, ["mc-a1"]);
});

t.test("one that was over already is no failure; one that only seems so is", async (t) => {
  let looks = 0;
  const gone = cluster({ sessions: () => (looks++ === 0 ? three : three.slice(1)), deletion: () => false });
  t.match(await runSession(gone, ["kill", "A1", "-y"]), { code: 0, stdout: /A1 .* was over already/ });
  const deaf = cluster({ deletion: () => false });
  t.match(await runSession(deaf, ["kill", "A1", "-y"]), {
    code: 4,
    stdout: "",
    stderr: /A1 was not ended: mirrord operator 3.187.0/,
  });
});

t.test("previews are not ended, by whichever way they are meant", async (t) => {
  const preview = entry("preview-1", { user: "preview-env" });
  const target = cluster({ sessions: [preview] });
  t.match(await runSession(target, ["kill", "preview-1", "-y"]), { code: 2, stderr: /mirrord preview stop/ });
  t.match(await runSession(target, ["kill", "--all", "-y"]), { code: 0, stdout: "", stderr: /No sessions to end/ });
  t.same(target.deleted, []);
});

t.test("a session without an id is told of, and left", async (t) => {
  const { id: _id, ...nameless } = three[0] as { id: string };
  const target = sessionCluster({ sessions: 404, operator: { status: { sessions: [nameless, three[1]] } } });
  t.match(await runSession(target, ["kill", "--all", "-y"]), { code: 0, stderr: /1 sessions have no id/ });
  t.same(target.deleted, ["B2"]);
});

t.test("a user that may be meant is named and left alone", async (t) => {
  const target = cluster({ sessions: [entry("A1", { user: "Jim/jim@h" }), entry("B2", { user: "x/y/jim@h" })] });
  const { stderr } = await runSession(target, ["kill", "--user", "jim", "-y"]);
  t.same(target.deleted, ["A1"]);
  t.match(stderr, /session B2 is left alone/);
});

/** A terminal at which somebody answers. */
function answering(reply: string | boolean, asked: string[] = []) {
  return (world: FakeWorld): Partial<FakeWorld> => ({
    ask: {
      ...world.ask,
      confirm: async (question: string) => (asked.push(question), reply === true),
      input: async (question: string) => (asked.push(question), String(reply)),
    },
  });
}

t.test("a few sessions are confirmed by a key, all of them by their number", async (t) => {
  const asked: string[] = [];
  t.equal((await runSession(cluster(), ["kill", "--user", "jim"], answering(true, asked))).code, 0);
  t.equal((await runSession(cluster(), ["kill", "--all"], answering("3", asked))).code, 0);
  t.same(asked, ["End 2 sessions of 1 user?", "End 3 sessions of 2 users? Type 3 to go on, or nothing to stop:"]);
  const many = Array.from({ length: 10 }, (_, index) => entry(`F${index}`, { user: "Jim/jim@h" }));
  await runSession(sessionCluster({ sessions: many }), ["kill", "--user", "jim"], answering("10", asked));
  t.match(asked[2], /Type 10/, "so are many");
});

t.test("whoever does not agree ends nothing, and is told so", async (t) => {
  for (const [words, reply] of [
    [["A1"], false],
    [["--all"], ""],
    [["--all"], "2"],
  ] as const) {
    const target = cluster();
    const ran = await runSession(target, ["kill", ...words], answering(reply));
    t.match(ran, { code: 1, stdout: "declined: nothing was ended\n" });
    t.same(target.deleted, []);
  }
});

t.test("what would end is shown before the question, exactly", async (t) => {
  const { stderr } = await runSession(cluster(), ["kill", "--user", "jim"], answering(false));
  t.match(stderr, /These sessions will end:\nNAMESPACE +ID .*\ndev +A1 .*\nqa +C3 .*\n/);
  t.notMatch(stderr, "B2");
});

t.test("--inactive leaves the choice to the operator, says so, and reports what ended", async (t) => {
  let looks = 0;
  const target = cluster({ sessions: () => (looks++ === 0 ? three : three.slice(1)) });
  const asked: string[] = [];
  const { code, stdout, stderr } = await runSession(target, ["kill", "--inactive"], answering("3", asked));
  t.equal(code, 0);
  t.same(target.deleted, ["inactive"]);
  t.match(stdout, /^session A1 .* ended\n$/);
  t.match(stderr, /Only the operator knows which sessions are inactive/);
  t.match(asked[0], /^End those of 3 sessions of 2 users that are inactive\?/);
});

t.test("-o name prints what kill takes", async (t) => {
  const { stdout } = await runSession(cluster(), ["kill", "--all", "-y", "-oname"]);
  t.same((await runSession(cluster(), ["kill", "-y", ...stdout.trim().split("\n")])).code, 0);
});

t.test("an operator that is down is exit code 3, and nothing is asked of anybody", async (t) => {
  const target = cluster({ sessions: 503, operator: 503 });
  t.match(await runSession(target, ["kill", "--all", "-y"]), { code: 3, stdout: "", stderr: /kubectl get apiservice/ });
  t.same(target.deleted, []);
});

t.test("an id that is nobody's is one error", async (t) => {
  const { code, stdout, stderr } = await runSession(sessionCluster({ sessions: [entry("A1")] }), ["kill", "nope"]);
  t.equal(code, 2);
  t.equal(stdout, "");
  t.equal(
    stderr,
    'error: session "nope" not found\nNothing was ended.\nSee what is there: kubectl mirrord session list -A\n',
  );
});

t.test("where the answer to an end was lost, a second look says whether it is over", async (t) => {
  let isOver = false;
  const lost = (): number => {
    isOver = true;
    return 504;
  };
  const ended = cluster({ sessions: () => (isOver ? three.slice(1) : three), deletion: lost });
  t.match(await runSession(ended, ["kill", "A1", "-y"]), { code: 0, stdout: /^session A1 .* ended\n/ });
  const goesOn = cluster({ deletion: () => 504 });
  t.match(await runSession(goesOn, ["kill", "A1", "-y"]), { code: 4, stderr: /session A1 was not ended/ });
  isOver = false;
  const unread = cluster({ sessions: () => (isOver ? 503 : three), deletion: lost });
  t.match(await runSession(unread, ["kill", "A1", "-y"]), { code: 4, stderr: /it may be over by now/ });
});
