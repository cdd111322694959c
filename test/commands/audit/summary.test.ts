import t from "tap";
import type { AccessSummary } from "../../../lib/audit/access-summary.ts";
import { accessFacts } from "../../../lib/commands/audit/summary.ts";
import { runAudit } from "./run.ts";

const summary = (change: Partial<AccessSummary> = {}): AccessSummary => ({
  administrators: 0,
  sessions: 0,
  sessionsEverywhere: 0,
  namespaces: 0,
  grants: 0,
  bindings: 0,
  roles: 0,
  ...change,
});

for (const { name, given, says } of [
  { name: "nobody", given: {}, says: "0" },
  { name: "one, in one namespace", given: { sessions: 1, namespaces: 1 }, says: "1 in 1 namespace" },
  { name: "several in several", given: { sessions: 3, namespaces: 2 }, says: "3 in 2 namespaces" },
  { name: "all of them everywhere", given: { sessions: 2, sessionsEverywhere: 2 }, says: "2 everywhere" },
  {
    name: "some everywhere",
    given: { sessions: 5, sessionsEverywhere: 2, namespaces: 7 },
    says: "2 everywhere, 3 in 7 namespaces",
  },
])
  t.test(`who may start sessions: ${name}`, async (t) => {
    const [sessions, , , lookedAt] = accessFacts(summary({ ...given, bindings: 1, roles: 2 }));
    t.same(sessions, { name: "Subjects that may start sessions", value: says });
    t.equal(lookedAt?.value, "1 binding, 2 roles");
  });

const rbac = ["clusterroles", "roles", "clusterrolebindings", "rolebindings"];

t.test('what may not be listed is unknown, not 0, and nothing found in it is no "No findings."', async (t) => {
  const text = await runAudit({ forbidden: rbac });
  t.equal(
    text.stdout,
    [
      "Subjects that may start sessions   unknown",
      "Administrators                     unknown",
      "Grants                             unknown",
      "Looked at                          unknown",
      "",
      "",
    ].join("\n"),
  );
  t.match(text.stderr, /^No findings in what could be read\.$/m);
  t.notMatch(text.stderr, /No findings\./);
  const json = JSON.parse((await runAudit({ forbidden: rbac }, "-o", "json")).stdout);
  t.match(json, { complete: false });
  t.same(json.access, {});
  const markdown = await runAudit({ forbidden: rbac }, "findings", "-o", "markdown");
  t.match(markdown.stdout, /^No findings in what could be read\.\n\nNot everything was looked at:/);
  const metrics = await runAudit({ forbidden: rbac }, "-o", "metrics");
  t.match(metrics.stdout, /^mirrord_audit_complete 0$/m);
  t.notMatch(metrics.stdout, /^mirrord_audit_(administrators|session_\w+|grants|bindings|roles)(\{.*\})? /m);
});

t.test("what is left of it is told apart", async (t) => {
  const { stdout } = await runAudit({ forbidden: ["roles"] });
  t.match(stdout, /^Subjects that may start sessions {3}unknown$/m);
  t.match(stdout, /^Grants {29}0$/m);
  t.match(stdout, /^Looked at {26}0 bindings, roles unknown$/m);
});
