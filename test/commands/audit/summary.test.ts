import t from "tap";
import type { AccessSummary } from "../../../lib/audit/access-summary.ts";
import { accessFacts } from "../../../lib/commands/audit/summary.ts";

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
