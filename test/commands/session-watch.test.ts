import t from "tap";
import type { Given } from "./session-cluster.ts";
import { entry, harmful, runSession, schemaErrors, sessionCluster } from "./session-cluster.ts";

/** One answer a look, and Ctrl-C after the last. */
async function watch(answers: (object[] | number)[], words: string[], terminal = false) {
  const abort = new AbortController();
  let looks = 0;
  const sessions: Given["sessions"] = () => {
    const answer = answers[looks++] ?? answers.at(-1) ?? [];
    if (looks >= answers.length) setTimeout(() => abort.abort(), 20);
    return answer;
  };
  const cluster = sessionCluster({ sessions });
  return await runSession(cluster, [...words, "--interval", "100ms"], () => ({
    signal: abort.signal,
    isTerminal: { stdin: false, stdout: terminal, stderr: terminal },
  }));
}

const events = (stdout: string) =>
  stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; session: { id: string } })
    .map(({ type, session }) => `${type} ${session.id}`);

t.test("a line of JSON for each session that comes, changes and goes; that time goes by is no change", async (t) => {
  const { code, stdout, stderr } = await watch(
    [
      [entry("A1"), entry("B2")],
      [entry("A1", { duration_secs: 99 }), entry("B2", { locked_ports: [{ port: 80, kind: "steal" }] })],
      [entry("A1"), entry("C3")],
    ],
    ["watch"],
  );
  t.equal(code, 0);
  t.equal(stderr, "");
  t.same(
    events(stdout),
    ["ADDED A1", "ADDED B2", "MODIFIED B2", "ADDED C3", "MODIFIED B2", "DELETED B2"].filter((_, at) => at !== 4),
  );
  for (const line of stdout.trim().split("\n")) t.equal(schemaErrors("session-event.json", line), "No errors");
});

t.test("list -w is the same, with the filters", async (t) => {
  const { stdout } = await watch([[entry("A1"), entry("B2", { user: "Eve/eve@h" })]], ["list", "-w", "--user", "eve"]);
  t.same(events(stdout), ["ADDED B2"]);
});

t.test("on a terminal the table is drawn again; elsewhere a table follows the other", async (t) => {
  const { stdout } = await watch([[entry("A1")], []], ["watch", "-n", "dev"], true);
  const [, first = "", second = ""] = stdout.split("\u001b[H\u001b[2J\u001b[3J");
  t.match(first, /^ID +USER .*\nA1 +jim /);
  t.match(second, /^No sessions found\.\n$/);
  const piped = await watch([[entry("A1")], []], ["watch", "-owide"]);
  t.notMatch(piped.stdout, "\u001b");
  t.match(piped.stdout, /FILTER/);
});

t.test("what a session says cannot break out of its line", async (t) => {
  const { stdout } = await watch([[entry("A1", { user: "x\n{}\u001b[2J\u202e/jim@h" })]], ["watch"]);
  t.notMatch(stdout, harmful);
  t.equal(stdout.trim().split("\n").length, 1);
});

t.test("an operator that goes away is asked again, and watching goes on", async (t) => {
  const { code, stdout, stderr } = await watch([[entry("A1")], 503, 500, [entry("A1"), entry("B2")]], ["watch"]);
  t.equal(code, 0);
  t.same(events(stdout), ["ADDED A1", "ADDED B2"], "nothing ended in between");
  t.match(stderr, /it answers 503\nLooking again in 1 s\.\n[^]*it answers 500\nLooking again/);
});

t.test("the first look must succeed, and lost rights do not come back by waiting", async (t) => {
  t.match(await watch([503], ["watch"]), { code: 3, stdout: "", stderr: /it answers 503/ });
  const forbidden = sessionCluster({ sessions: 403, operator: 403 });
  t.match(await runSession(forbidden, ["watch"]), { code: 3, stderr: /rejected the request/ });
  t.match(await watch([[entry("A1")], 401], ["watch"]), { code: 3, stderr: /logged in/ });
});

t.test("what cannot be watched is refused", async (t) => {
  for (const words of [
    ["list", "-w", "-ocsv"],
    ["list", "-w", "-oname"],
    ["list", "-w", "--stale"],
    ["watch", "--stale"],
    ["watch", "--interval", "10ms"],
    ["watch", "-oyaml"],
  ])
    t.match(await runSession(sessionCluster({}), words), { code: 2, stdout: "" }, words.join(" "));
});
