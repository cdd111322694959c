import t from "tap";
import type { AccessDiff } from "../../../lib/audit/diff/diff.ts";
import { diffRows, withWhen } from "../../../lib/commands/audit/diff-tables.ts";

const jim = { kind: "User", name: "jim" } as const;
const session = { subject: jim, change: "gains", actions: ["mirror", "steal"], namespaces: ["dev", "qa"] } as const;

const found: AccessDiff = {
  members: [{ member: jim, change: "joins", place: { kind: "Team", name: "acme/web" } }],
  sessions: [
    { ...session, actions: [...session.actions], namespaces: ["*", "dev"], targets: ["*"] },
    { ...session, actions: ["ci"], namespaces: [], targets: [], when: "sync" },
  ],
  rights: [
    {
      subject: { kind: "Group", name: "oidc:web" },
      change: "loses",
      namespaces: ["dev"],
      rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] }],
    },
  ],
  policies: [
    { change: "added", kind: "MirrordPolicy", namespace: "dev", name: "no-steal" },
    { change: "removed", kind: "MirrordClusterPolicy", name: "all" },
  ],
};

t.test("every change is a row, with when it is so", async (t) => {
  const texts = diffRows(found).map(({ about, who, change, what, namespaces = "", targets = "", when }) =>
    [about, who, change, what, namespaces, targets, when].join(" | "),
  );
  t.same(texts, [
    "member | jim | joins | team:acme/web |  |  | at once",
    "session | jim | gains | mirror, steal | <all>, dev | <all> | at once",
    "session | jim | gains | ci |  |  | after sync",
    "right | group:oidc:web | loses | get, list pods | dev |  | at once",
    "policy | MirrordPolicy dev/no-steal | added |  |  |  | at once",
    "policy | MirrordClusterPolicy all | removed |  |  |  | at once",
  ]);
});

t.test("a table says when only where something waits", async (t) => {
  const columns = { WHAT: ({ what }: { what: string; when?: "sync" }) => what };
  t.same(Object.keys(withWhen(columns, [{ what: "a" }])), ["WHAT"]);
  t.same(Object.keys(withWhen(columns, [{ what: "a" }, { what: "b", when: "sync" }])), ["WHAT", "WHEN"]);
});
