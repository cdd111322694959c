import t from "tap";
import { chooseSessions, type SessionFilter } from "../../../lib/mirrord/session/session-filter.ts";
import { sessionOfEntry } from "../../../lib/mirrord/session/session.ts";

const sessions = [
  { id: "A", user: "Jim/jim@h", namespace: "dev", target: "deployment/web", duration_secs: 100, key: "pr-1" },
  { id: "B", user: "Jim/jim@h", namespace: "qa", target: "deploy/web/container/app", duration_secs: 50 },
  { id: "C", user: "Eve/eve@h", namespace: "dev", target: "pod/web-1", key: "pr-1" },
  { id: "D", user: "x/y/jim@h", namespace: "dev", target: null, duration_secs: 7200 },
  { id: "E", user: "Z/z@h", namespace: "dev", target: "daemonset/odd", duration_secs: 1 },
].map(sessionOfEntry);

const cases: { filter: SessionFilter; want: string; maybe?: string; why?: string }[] = [
  { filter: {}, want: "A,B,C,D,E" },
  { filter: { namespace: "qa" }, want: "B" },
  { filter: { user: "jim" }, want: "A,B", maybe: "D" },
  { filter: { user: "jim", namespace: "qa" }, want: "B" },
  { filter: { user: "ji" }, want: "" },
  { filter: { target: "deploy/web" }, want: "A,B", why: "whichever container, and however it is spelled" },
  { filter: { target: "deployment/web/container/app" }, want: "B" },
  { filter: { target: "deployment/we" }, want: "" },
  { filter: { target: "deployments.apps/web" }, want: "A,B", why: "as kubectl spells it" },
  { filter: { target: "web" }, want: "A,B", why: "a name of whichever kind" },
  { filter: { target: "odd" }, want: "E" },
  { filter: { target: "targetless" }, want: "D" },
  { filter: { key: "pr-1" }, want: "A,C" },
  { filter: { longerThan: 50_000 }, want: "A,D", why: "not one that is just as old, nor one of unknown age" },
  { filter: { key: "pr-1", user: "eve" }, want: "C" },
];

for (const { filter, want, maybe = "", why = "all that are given hold" } of cases)
  t.test(`${JSON.stringify(filter)} is ${want || "nothing"}: ${why}`, async (t) => {
    const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id).join();
    const chosen = chooseSessions(sessions, filter);
    t.equal(ids(chosen.sessions), want);
    t.equal(ids(chosen.maybe), maybe);
  });

t.test("a target that cannot be one is a mistake, not an empty answer", async (t) => {
  t.throws(() => chooseSessions(sessions, { target: "daemonset/odd" }), {
    name: "UserError",
    message: "mirrord cannot target a DaemonSet",
  });
});
