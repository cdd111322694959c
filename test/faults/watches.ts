// What somebody between does to the events of a watch, and to the requests that a watching command begins with: it misses no
// change for good, or ends and says why.
import type { Test } from "tap";
import { GRANT_LABEL } from "../../lib/access/names.ts";
import { apiRequest } from "../control-plane/request.ts";
import type { Ran } from "../commands/grant-world.ts";
import type { PermissionsCluster } from "../permissions/world.ts";
import { until } from "../until.ts";
import { readFaults, withTimeout } from "./reads.ts";
import type { Bench } from "./matrix.ts";
import type { Fault, WatchFault } from "./proxy.ts";

export const watchFaults: readonly WatchFault[] = ["duplicate", "cut", "expired", "missing"];

const bindings = `/apis/rbac.authorization.k8s.io/v1/namespaces/qa/rolebindings`;

/** `grant sync --watch` restores what somebody deletes, whatever happens to the event that says so. */
export async function watchSpoiled(t: Test, { cluster, proxy, time }: Bench, fault: WatchFault): Promise<void> {
  const { token } = cluster.plane.admin;
  const list = async () => {
    const { body } = await apiRequest(cluster.plane, { token, path: `${bindings}?labelSelector=${GRANT_LABEL}` });
    return (body as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name).toSorted();
  };
  const whole = await list();
  t.ok(whole.length > 0);
  const abort = new AbortController();
  time.start();
  proxy.arm("500", 0);
  proxy.spoil(fault);
  let code: number | undefined;
  void cluster
    .run(token, ["grant", "sync", "--watch", "-y"], { server: proxy.server, signal: abort.signal })
    .then(({ ran }) => (code = ran.code));
  const watches = () => proxy.seen().filter(({ url }) => url.includes("watch=true")).length;
  await until("everything is watched", () => watches() >= 5);
  await apiRequest(cluster.plane, { token, method: "DELETE", path: `${bindings}/${whole[0]}` });
  await until("it is restored", async () => {
    // Of what nobody tells, the next regular round hears.
    if (fault === "missing" && proxy.happened()) time.round();
    return JSON.stringify(await list()) === JSON.stringify(whole);
  });
  t.ok(proxy.happened(), "its event was spoiled");
  t.equal(code, undefined, "it goes on");
  abort.abort();
  t.equal(await until("it ends", () => code), 130);
  proxy.spoil(undefined);
}

/** A command that shows what changes until it is interrupted. */
export interface Watcher {
  words: readonly string[];
  /** It asks again and again, and hears of no events. */
  isPolling?: true;
  change: (cluster: PermissionsCluster) => unknown;
  /** In what it prints, or in the address of a request: the change has been seen. */
  shows: RegExp;
  /** Undoes the change. */
  undo: (cluster: PermissionsCluster) => unknown;
}

export const watchers: readonly Watcher[] = [
  {
    words: ["grant", "list", "-w"],
    change: (cluster) => cluster.run(cluster.plane.admin.token, ["grant", "wes", "--ns", "dev"]),
    shows: /\bwes\b/,
    undo: (cluster) => cluster.run(cluster.plane.admin.token, ["grant", "revoke", "wes"]),
  },
  ...["list -A -w", "watch -A"].map((words): Watcher => ({
    words: ["session", ...words.split(" "), "--interval", "100ms"],
    isPolling: true,
    change: ({ operator }) => operator.control.addSession({ namespace: "qa", target: "deployment.web", user: "wes" }),
    shows: /\bwes\b/,
    undo: (cluster) => cluster.run(cluster.plane.admin.token, ["session", "kill", "--user", "wes", "-y"]),
  })),
];

/** One fault at one of the requests that it begins with: it shows what changes afterwards all the same, or says why it ends. */
export async function watchFaulted(t: Test, bench: Bench, watcher: Watcher): Promise<void> {
  const clean = await watched(bench, watcher, { fault: "500", at: 0 });
  t.match(clean.ran.stdout, watcher.shows, clean.ran.stderr);
  for (const [index, fault] of readFaults.entries()) {
    const at = 1 + (index % clean.begun);
    const { ran } = await watched(bench, watcher, { fault, at });
    t.ok(bench.proxy.happened(), `${fault} at request ${at} has happened`);
    if (watcher.shows.test(ran.stdout)) continue;
    t.equal(ran.code, 3, `${fault} at request ${at}: ${ran.code}: ${ran.stderr}`);
    t.match(ran.stderr, /\w/, `${fault} at request ${at}: it says why it ends`);
  }
}

/** And what is done to the events. */
export async function watchTampered(t: Test, bench: Bench, watcher: Watcher, spoils: WatchFault): Promise<void> {
  const { ran } = await watched(bench, watcher, { fault: "500", at: 0, spoils });
  t.ok(bench.proxy.happened(), `its events were spoiled: ${spoils}`);
  t.match(ran.stdout, watcher.shows, ran.stderr);
}

async function watched(
  { cluster, proxy, time }: Bench,
  { words, isPolling, change, shows, undo }: Watcher,
  { fault, at, spoils }: { fault: Fault; at: number; spoils?: WatchFault },
): Promise<{ ran: Ran; begun: number }> {
  const { token } = cluster.plane.admin;
  time.start();
  proxy.arm(fault, at, () => time.pass());
  proxy.spoil(spoils);
  let ran: Ran | undefined;
  const typed = fault === "half-open" ? withTimeout(words) : words;
  void cluster.run(token, typed, { server: proxy.server, until: shows }).then((run) => (ran = run.ran));
  const isWatching = () =>
    isPolling === true
      ? proxy.seen().length >= 8
      : proxy.seen().filter(({ url }) => url.includes("watch=true")).length >= 5;
  const hasBegun = () => isWatching() && proxy.seen().length >= at;
  await until(`${words.join(" ")} watches, or has ended: ${fault} at request ${at}`, () => ran ?? hasBegun());
  const begun = proxy.seen().length;
  await change(cluster);
  if (spoils !== undefined) await until(`its event is spoiled: ${spoils}`, () => ran ?? proxy.happened());
  const ended = await until(`${words.join(" ")} shows it, or has ended: ${fault} at request ${at}`, () => {
    // Of what nobody tells, the next regular round hears.
    time.round();
    return proxy.quiet() && ran;
  });
  proxy.spoil(undefined);
  await undo(cluster);
  return { ran: ended, begun };
}
