import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import type { Cluster } from "../../lib/kube/cluster.ts";
import { exampleMemory, runGrant, type Ran } from "./grant-world.ts";
import { entry, sessionCluster, type Given, type SessionCluster } from "./session-cluster.ts";

// What `grant revoke` says of the sessions that go on, and what --kill-sessions ends: as `session kill` would.

const ofOperator = new Set(["sessions", "mirrordoperators", "mirrordclustersessions"]);

/** Grants in memory, and an operator with these sessions. */
function clusterWith(given: Given): Cluster & Pick<SessionCluster, "deleted" | "lists"> {
  const memory = exampleMemory();
  const operator = sessionCluster(given);
  return {
    ...memory,
    get: (type, ...rest) => (ofOperator.has(type.resource) ? operator : memory).get(type, ...rest),
    list: (type, ...rest) => (ofOperator.has(type.resource) ? operator : memory).list(type, ...rest),
    delete: (type, ...rest) => (ofOperator.has(type.resource) ? operator : memory).delete(type, ...rest),
    deleted: operator.deleted,
    get lists() {
      return operator.lists;
    },
  };
}

async function revoked(
  given: Given,
  granted: readonly (readonly string[])[],
  words: readonly string[],
): Promise<Ran & { deleted: string[]; lists: number }> {
  const cluster = clusterWith(given);
  for (const grant of granted) {
    const { code, stderr } = await runGrant(grant, { cluster });
    if (code !== 0) throw new Error(stderr);
  }
  const run = await runGrant(["revoke", ...words], { cluster });
  return { ...run, deleted: cluster.deleted.toSorted(), lists: cluster.lists };
}

const inDev = [["jim", "--ns", "dev"]];
const of = (user: string) => ({ user: `Real Name/${user}@laptop` });

const killed: { name: string; given: Given; granted?: string[][]; want: string[]; code?: number; says?: RegExp }[] = [
  {
    name: "only the subject's, and only where the grant was",
    given: {
      sessions: [entry("A1", of("jim")), entry("B2", of("jimmy")), entry("C3", { ...of("jim"), namespace: "qa" })],
    },
    want: ["A1"],
    says: /^session A1 of Real Name\/jim@laptop on deployment\/web in namespace dev was ended\.$/m,
  },
  {
    name: "an id that is another session's in decimal is sent in its other spelling",
    given: { sessions: [entry("1234", of("jim")), entry("4D2", of("eve"))] },
    want: ["4660"],
  },
  {
    name: "an id with no spelling of its own is left, and said",
    given: { sessions: [entry("1234", of("jim")), entry("4D2", of("eve")), entry("4660", of("eve"))] },
    want: [],
    code: 1,
    says: /session 1234 .* could not be ended: its name could be read as that of another session/,
  },
  {
    name: "an id that the operator lists twice is left, and said",
    given: { sessions: [entry("A1", of("jim")), entry("A1", of("eve"))] },
    want: [],
    code: 1,
    says: /session A1 .* could not be ended: the operator lists another session with the same id/,
  },
  {
    name: "the second spelling is tried where the first is not known",
    given: { sessions: [entry("A1", of("jim"))], deletion: (name) => name === "161" },
    want: ["161", "A1"],
    says: /session A1 .* was ended/,
  },
  {
    name: "the second spelling is tried where the first is forbidden",
    given: { sessions: [entry("A1", of("jim"))], deletion: (name) => (name === "161" ? true : 403) },
    want: ["161", "A1"],
    says: /session A1 .* was ended/,
  },
  {
    name: "an operator that does not know its own session has not ended it",
    given: { sessions: [entry("A1", of("jim"))], deletion: () => false },
    want: ["161", "A1"],
    code: 1,
    says: /session A1 .* could not be ended: mirrord operator 3\.187\.0 answers that it does not know it/,
  },
  {
    name: "one that may not be ended is said in the server's words",
    given: { sessions: [entry("A1", of("jim"))], deletion: () => 403 },
    want: ["161", "A1"],
    code: 1,
    says: /session A1 .* could not be ended: .*it answers 403/,
  },
  {
    name: "a session over several clusters has one name",
    given: {
      sessions: [],
      operator: { status: { sessions: [], multi_cluster_sessions: [{ id: "mc-a1", ...of("jim"), namespace: "dev" }] } },
    },
    want: ["mc-a1"],
  },
  {
    name: "whose user can be read in more than one way is left, and said",
    given: { sessions: [entry("A1", { user: "Eve/eve/jim@laptop" })] },
    want: [],
    says: /session A1 .* may be of the same user, and goes on\.$[^]*^  kubectl mirrord session kill A1$/m,
  },
  {
    name: "a preview is nobody's session",
    given: { sessions: [entry("p1", { user: "preview-env" })] },
    want: [],
  },
  {
    name: "where the sessions cannot be listed, those of the status",
    given: { sessions: 404, operator: { status: { sessions: [entry("A1", of("jim"))] } } },
    want: ["A1"],
    says: /^The operator has no sessions API: only those that its status shows are known\.$/m,
  },
  {
    name: "whoever may not list them is told that others may be missing",
    given: { sessions: 403, operator: { status: { sessions: [entry("A1", of("jim"))] } } },
    want: ["A1"],
    says: /was ended\.\nYou may not list sessions: only those that the operator's status shows are known\.$/m,
  },
  {
    name: "an operator that is down: the access is gone all the same, and it is said",
    given: { sessions: 503, operator: 503 },
    want: [],
    code: 1,
    says: /jim can no longer use mirrord[^]*Live sessions are not known: .*it answers 503/,
  },
  {
    name: "a group's cannot be told from others",
    given: { sessions: [entry("A1", of("jim"))] },
    granted: [["group:web", "--ns", "dev"]],
    want: [],
    code: 1,
    says: /Live sessions are not known: sessions do not say in which groups their users are\./,
  },
  {
    name: "each once, although two grants were for it",
    given: { sessions: [entry("A1", of("jim"))] },
    granted: [
      ["jim", "--ns", "dev"],
      ["jim", "--ns", "dev", "--ns", "qa", "--role", "minimal"],
    ],
    want: ["A1"],
  },
  {
    name: "none, where the grant's labels matched nothing",
    given: { sessions: [entry("A1", of("jim")), entry("B2", { ...of("jim"), namespace: "prod" })] },
    granted: [["jim", "-l", "env=nowhere", "--accept-label-risk"]],
    want: [],
  },
];

for (const { name, given, granted = inDev, want, code = 0, says } of killed)
  t.test(`--kill-sessions ends ${want.join(" ") || "nothing"}: ${name}`, async (t) => {
    const subject = granted[0]?.[0] ?? "";
    const run = await revoked(given, granted, [subject, "--kill-sessions"]);
    t.equal(run.code, code, run.stdout + run.stderr);
    t.same(run.deleted, want);
    if (says !== undefined) t.match(run.stdout, says);
  });

t.test(
  "without --kill-sessions nothing ends, and what goes on is named; it is no failure that it is not known",
  async (t) => {
    const run = await revoked({ sessions: [entry("A1", of("jim"))] }, inDev, ["jim"]);
    t.match(run, { code: 0, deleted: { length: 0 } });
    t.match(
      run.stdout,
      /session A1 .* goes on\.$[^]*^To end it \(--kill-sessions does so at once\):\n  kubectl mirrord session kill A1$/m,
    );
    t.equal(run.lists, 1);
    t.match(await revoked({ sessions: 503, operator: 503 }, inDev, ["jim"]), { code: 0, stdout: /are not known/ });
  },
);

t.test("sessions that go on after a revocation are found again, and ended", async (t) => {
  const given = { sessions: [entry("A1", of("jim")), entry("B2", of("eve"))] };
  const again = await revoked(given, [], ["jim"]);
  t.match(again, { code: 0, deleted: { length: 0 }, stderr: /no grant of jim was found/ });
  t.match(again.stdout, /session A1 .* goes on\.[^]*^  kubectl mirrord session kill A1$/m);
  t.match(await revoked(given, [], ["jim", "--kill-sessions"]), {
    code: 0,
    deleted: ["A1"],
    stdout: /A1 .* was ended/,
  });
});

t.test("in JSON, as the schema says", async (t) => {
  const file = join(import.meta.dirname, "../../docs/schema/grant-revocation.json");
  const ajv = new Ajv2020({ allErrors: true, strict: true });
  const validate = ajv.compile(JSON.parse(readFileSync(file, "utf8")) as object);
  const sessions = [entry("A1", of("jim")), entry("B2", of("jim")), entry("C3", { user: "Eve/eve/jim@laptop" })];
  const given: Given = { sessions, deletion: (name) => (name === "B2" ? 500 : true) };
  const known = await revoked(given, inDev, ["jim", "--kill-sessions", "-o", "json"]);
  t.equal(known.code, 1);
  t.ok(validate(JSON.parse(known.stdout)), ajv.errorsText(validate.errors));
  t.match(JSON.parse(known.stdout), {
    sessions: [
      { known: true, killed: true, sessions: [{ id: "A1" }, { id: "B2", refusal: /500/ }], unsure: [{ id: "C3" }] },
    ],
  });
  const unknown = await revoked({ sessions: 503, operator: 503 }, inDev, ["jim", "--kill-sessions", "-o", "json"]);
  t.ok(validate(JSON.parse(unknown.stdout)), ajv.errorsText(validate.errors));
  t.match(JSON.parse(unknown.stdout), { sessions: [{ known: false, why: /503/, killed: false }] });
});

t.test("hostile text of a session does not reach the terminal", async (t) => {
  const given: Given = { sessions: [entry("A1", { ...of("jim"), target: "deployment/\u001b[31mx\u202e" })] };
  const { stdout } = await revoked(given, inDev, ["jim"]);
  t.match(stdout, /session A1 .* goes on/);
  // oxlint-disable-next-line no-control-regex -- that none is left is the point
  t.notMatch(stdout, /[\u0000-\u0008\u001b\u202e]/);
});
