import t from "tap";
import { planToRestart, rightsToRestart } from "../../../lib/mirrord/plan/session-rights.ts";
import { sessionOfEntry, type Session } from "../../../lib/mirrord/session/session.ts";

const session = (given: Partial<Session> = {}): Session => ({
  ...sessionOfEntry({ id: "AB", user: "Jim/jim@h", namespace: "dev", target: "deployment/web/container/app" }),
  ...given,
});

const verbs = (given: Session, features?: string[]): string[] =>
  (rightsToRestart(given, features) ?? []).map((right) =>
    "path" in right ? right.path : `${right.verb} ${right.resource}/${right.name ?? ""}`,
  );

t.test("the rights that start such a session again", async (t) => {
  t.same(verbs(session()), [
    "get mirrordoperators/operator",
    "create mirrordclusteroperatorusercredentials/",
    "get deployments/web",
    "list pods/",
    "proxy targets/deployment.web.container.app",
    "get deployments/web",
  ]);
});

t.test("a copy is made and connected to, a pipeline brings its key, a primary looks at nothing itself", async (t) => {
  t.ok(verbs(session({ kind: "copy" })).includes("create copytargets/"));
  t.notOk(verbs(session({ kind: "ci" })).some((right) => right.includes("usercredentials")));
  t.notOk(verbs(session({ kind: "multi-cluster" })).some((right) => right.includes("deployments")));
  t.ok(verbs(session(), ["CopyTarget"]).includes("get targets/deployment.web.container.app"), "an old operator");
});

t.test("a targetless session", async (t) => {
  const { target: _target, ...targetless } = session();
  t.match(planToRestart(targetless, undefined), { action: "targetless", target: { kind: "targetless" } });
});

t.test("nothing is known of a preview, an odd target, or a session without a place", async (t) => {
  const { namespace: _namespace, ...placeless } = session();
  for (const odd of [
    session({ kind: "preview" }),
    session({ target: "daemonset/odd" }),
    session({ target: "web" }),
    placeless,
  ])
    t.equal(rightsToRestart(odd, undefined), undefined);
});
