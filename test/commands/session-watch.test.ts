import t from "tap";
import type { Given } from "./session-cluster.ts";
import { entry, harmful, runSession, schemaErrors, sessionCluster } from "./session-cluster.ts";

/** One answer a look, and Ctrl-C when the last has been shown. */
async function watch(answers: (object[] | number)[], words: string[], terminal = false, more: Given = {}) {
  const abort = new AbortController();
  let looks = 0;
  const sessions: Given["sessions"] = () => {
    return answers[looks++] ?? answers.at(-1) ?? [];
  };
  const cluster = sessionCluster({ ...more, sessions });
  return await runSession(cluster, [...words, "--interval", "100ms"], () => ({
    signal: abort.signal,
    isTerminal: { stdin: false, stdout: terminal, stderr: terminal },
    printed: async () => {
      if (looks >= answers.length) abort.abort();
      return true;
    },
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
  t.same(events(stdout), ["ADDED A1", "ADDED B2", "MODIFIED B2", "ADDED C3", "DELETED B2"]);
  for (const line of stdout.trim().split("\n")) t.equal(schemaErrors("session-event.json", line), "No errors");
});

t.test("list -w is the same, with the filters", async (t) => {
  const { stdout } = await watch([[entry("A1"), entry("B2", { user: "Eve/eve@h" })]], ["list", "-w", "--user", "eve"]);
  t.same(events(stdout), ["ADDED B2"]);
});

t.test("on a terminal the table is drawn again; elsewhere a table follows the other", async (t) => {
  const shown = [
    "ID   USER   TARGET           KIND      PORTS    AGE\nA1   jim    deployment/web   session   <none>   60s\n",
    "No sessions found.\n",
  ];
  const redrawn = await watch([[entry("A1")], []], ["watch", "-n", "dev"], true);
  t.equal(redrawn.stdout, shown.map((table) => `\u001b[H\u001b[2J\u001b[3J${table}`).join(""));
  const piped = await watch([[entry("A1")], []], ["watch", "-otable"]);
  t.equal(piped.stdout, shown.map((table) => `${table}\n`).join(""));
  const wide = await watch([[]], ["watch", "-owide"]);
  t.equal(wide.stdout, "No sessions found.\n\n");
});

t.test("a namespace that does not exist is a mistake, as it is for the list", async (t) => {
  const objects = { namespaces: [{ apiVersion: "v1", kind: "Namespace", metadata: { name: "dev" } }] };
  for (const words of [["watch"], ["list", "-w"]]) {
    const { code, stderr } = await watch([[]], [...words, "-n", "nope"], false, { objects });
    t.equal(code, 2);
    t.match(stderr, /namespace "nope" was not found/);
    t.equal((await watch([[]], [...words, "-n", "dev"], false, { objects })).code, 0);
    t.equal((await watch([[]], [...words, "-A"], false, { objects })).code, 0);
  }
});

t.test("what a session says cannot break out of its line", async (t) => {
  const { stdout } = await watch([[entry("A1", { user: "x\n{}\u001b[2J\u202e/jim@h" })]], ["watch"]);
  t.notMatch(stdout, harmful);
  t.same(events(stdout), ["ADDED A1"], "it is one line");
  t.match(JSON.parse(stdout), { session: { user: { text: "x\n{}\u001b[2J\u202e/jim@h" } } }, "and says what was said");
});

t.test("it ends when nobody reads any more", async (t) => {
  const cluster = sessionCluster({ sessions: [entry("A1")] });
  for (const words of [["watch"], ["list", "-w", "-otable"]]) {
    cluster.lists = 0;
    const { code } = await runSession(cluster, [...words, "--interval", "100ms"], () => ({
      printed: async () => cluster.lists < 3,
    }));
    t.equal(code, 0);
    t.equal(cluster.lists, 3);
  }
});

t.test("elsewhere than on a terminal a table that is the same is not printed again", async (t) => {
  const same = await watch(
    [[entry("A1")], [entry("A1")], [entry("A1")], [entry("A1"), entry("B2")]],
    ["watch", "-otable"],
  );
  const first =
    "ID   USER   TARGET           KIND      PORTS    AGE\nA1   jim    deployment/web   session   <none>   60s\n";
  t.equal(same.stdout, `${first}\n${first}B2   jim    deployment/web   session   <none>   60s\n\n`);
});

t.test("an operator that goes away is asked again, and watching goes on", async (t) => {
  const { code, stdout, stderr } = await watch([[entry("A1")], 503, 500, [entry("A1"), entry("B2")]], ["watch"]);
  t.equal(code, 0);
  t.same(events(stdout), ["ADDED A1", "ADDED B2"], "nothing ended in between");
  t.equal(
    stderr.replaceAll(/^.*it answers (\d+)$/gm, "$1"),
    "503\nLooking again in 1 s.\n500\nLooking again in 1 s.\n",
  );
});

/** Looks of which one source answers so each time, and the others always the same. */
async function watchBesides(given: Omit<Given, "sessions">, looks: number) {
  return await watch(
    Array.from({ length: looks }, () => [entry("A1")]),
    ["watch", "-A"],
    false,
    given,
  );
}

const preview = {
  id: "pr-1",
  namespace: "dev",
  target: "deployment/web",
  phase: "Ready",
  durationSecs: 1,
  idleSecs: 1,
};
const record = (id: string) => ({
  apiVersion: "mirrord.metalbear.co/v1alpha",
  kind: "MirrordClusterSession",
  metadata: { name: id.toLowerCase() },
  spec: {
    owner: { username: "Jim Raynor", k8sUsername: "jim", hostname: "laptop" },
    namespace: "dev",
    target: { apiVersion: "apps/v1", kind: "Deployment", name: "web", container: "main" },
    ciInfo: {},
  },
});
const inTurn = <Answer>(...answers: [Answer, ...Answer[]]) => {
  let at = 0;
  return (): Answer => answers[Math.min(at++, answers.length - 1)] ?? answers[0];
};

const besides: { name: string; given: Omit<Given, "sessions">; want: string[]; says: RegExp | "" }[] = [
  {
    name: "previews do not end because the status fails for a while",
    given: {
      operator: inTurn<object | number>({ status: { preview_sessions: [preview] } }, 503, {
        status: { preview_sessions: [preview] },
      }),
    },
    want: ["ADDED A1", "ADDED pr-1"],
    says: /answers 503\nLooking again in 1 s/,
  },
  {
    name: "a CI session does not change because its record cannot be read for a while",
    given: { records: inTurn<RecordList>([record("A1")], 500, [record("A1")]) },
    want: ["ADDED A1"],
    says: /answers 500\nLooking again in 1 s/,
  },
  {
    name: "rights that are lost do not come back by waiting: it goes on with what there is",
    given: { records: inTurn<RecordList>([record("A1")], 403) },
    want: ["ADDED A1", "MODIFIED A1"],
    says: "",
  },
  {
    name: "what never could be read is not waited for",
    given: { records: () => 500, operator: () => 503 },
    want: ["ADDED A1"],
    says: "",
  },
];
type RecordList = ReturnType<typeof record>[] | number;

for (const { name, given, want, says } of besides)
  t.test(name, async (t) => {
    const { code, stdout, stderr } = await watchBesides(given, 3);
    t.equal(code, 0);
    t.same(events(stdout), want);
    if (says === "") t.equal(stderr, "");
    else t.match(stderr, says);
  });

t.test("previews of two namespaces may have one name", async (t) => {
  const previews = [preview, { ...preview, namespace: "qa" }];
  const { stdout } = await watchBesides({ operator: { status: { preview_sessions: previews } } }, 2);
  t.same(events(stdout), ["ADDED A1", "ADDED pr-1", "ADDED pr-1"]);
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
