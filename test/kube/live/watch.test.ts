import type { ServerResponse } from "node:http";
import t from "tap";
import type { WatchEvent } from "../../../lib/kube/cluster.ts";
import { watch } from "../../../lib/kube/live/watch.ts";
import { failure, fakeApi, json, transportTo } from "../fake-api.ts";
import type { TestTransport } from "../fake-api.ts";

const sessions = {
  group: "operator.metalbear.co",
  version: "v1",
  resource: "sessions",
  kind: "Session",
  namespaced: true,
};

const object = (name: string, resourceVersion: string) => ({ metadata: { name, uid: `uid-${name}`, resourceVersion } });
const line = (type: string, value: object) => `${JSON.stringify({ type, object: value })}\n`;
const list = (response: ServerResponse, resourceVersion: string, ...items: object[]) =>
  json(response, { metadata: { resourceVersion }, items });

/** So many events, in short: `ADDED a@1`. */
async function take(transport: TestTransport, count: number): Promise<string[]> {
  const taken: string[] = [];
  const stop = new AbortController();
  for await (const event of watch(transport, sessions, {}, stop.signal)) {
    taken.push(short(event));
    if (taken.length === count) stop.abort();
  }
  return taken;
}

const short = ({ type, object: { metadata } }: WatchEvent): string =>
  `${type} ${metadata.name}@${metadata.resourceVersion}`;

/** Of the requests, which were watches, from where. */
const resumedAt = (asked: string[]): string[] =>
  asked.flatMap((request) => /resourceVersion=([^&]*)/.exec(request)?.slice(1) ?? []);

t.test("what there is comes first, then what changes; it ends with the signal", async (t) => {
  const api = await fakeApi(t, ({ url = "" }, response) => {
    if (!url.includes("watch=true")) return list(response, "5", object("a", "1"), object("b", "2"));
    response.write(line("MODIFIED", object("a", "6")));
    // Half a line, then the rest.
    const rest = line("DELETED", object("b", "7"));
    response.write(rest.slice(0, 20));
    return setImmediate(() => response.write(rest.slice(20)));
  });
  t.same(await take(transportTo(t, api.url), 4), ["ADDED a@1", "ADDED b@2", "MODIFIED a@6", "DELETED b@7"]);
  t.same(resumedAt(api.asked), ["5"]);
});

t.test("a list that starts over in its middle: what was made again or is gone meanwhile is told", async (t) => {
  let lists = 0;
  const api = await fakeApi(t, ({ url = "" }, response) => {
    if (url.includes("watch=true")) return response.write(line("ADDED", object("d", "20")));
    if (url.includes("continue=") && lists === 1) return failure(response, 410, "Expired");
    lists += 1;
    const metadata = { resourceVersion: String(lists), continue: lists === 1 ? "next" : "" };
    const items =
      lists === 1
        ? [object("a", "1"), object("b", "2")]
        : [object("a", "1"), { metadata: { name: "b", uid: "anew", resourceVersion: "9" } }];
    return json(response, { metadata, items });
  });
  t.same(await take(transportTo(t, api.url), 5), ["ADDED a@1", "ADDED b@2", "ADDED b@9", "DELETED b@2", "ADDED d@20"]);
});

t.test("a watch that is cut off goes on where it was, bookmarks included", async (t) => {
  let watches = 0;
  const api = await fakeApi(t, ({ url = "" }, response) => {
    if (!url.includes("watch=true")) return list(response, "5");
    watches++;
    if (watches === 1) return response.end(line("ADDED", object("a", "6")));
    if (watches === 2) return response.write(line("BOOKMARK", object("", "9")), () => response.destroy());
    return response.write(line("ADDED", object("b", "10")));
  });
  t.same(await take(transportTo(t, api.url), 2), ["ADDED a@6", "ADDED b@10"]);
  t.same(resumedAt(api.asked), ["5", "6", "9"]);
});

t.test("when the server has forgotten the point, only differences are told", async (t) => {
  let lists = 0;
  const api = await fakeApi(t, ({ url = "" }, response) => {
    if (url.includes("watch=true")) {
      if (lists > 1) return response.write(line("ADDED", object("e", "21")));
      return response.end(line("ERROR", { kind: "Status", code: 410, reason: "Expired", message: "too old" }));
    }
    lists++;
    if (lists === 1) return list(response, "5", object("a", "1"), object("b", "2"), object("c", "3"));
    return list(response, "20", object("a", "1"), object("c", "8"), object("d", "9"));
  });
  t.same(await take(transportTo(t, api.url), 7), [
    "ADDED a@1",
    "ADDED b@2",
    "ADDED c@3",
    "MODIFIED c@8",
    "ADDED d@9",
    "DELETED b@2",
    "ADDED e@21",
  ]);
  t.same(resumedAt(api.asked), ["5", "20"]);
});

t.test("a server that is restarting is waited for, a refusal is not", async (t) => {
  const restarting = await fakeApi(t, (_, response, count) =>
    count === 1 ? failure(response, 503, "ServiceUnavailable") : list(response, "5", object("a", "1")),
  );
  t.same(await take(transportTo(t, restarting.url), 1), ["ADDED a@1"]);

  const forbidden = await fakeApi(t, ({ url = "" }, response) =>
    url.includes("watch=true") ? failure(response, 403, "Forbidden") : list(response, "5"),
  );
  await t.rejects(take(transportTo(t, forbidden.url), 1), { name: "ApiError", status: 403 });
});

t.test("objects are whole and typed", async (t) => {
  const api = await fakeApi(t, ({ url = "" }, response) =>
    url.includes("watch=true")
      ? response.write(line("ADDED", { ...object("b", "6"), brandNew: true }))
      : list(response, "5", { ...object("a", "1"), brandNew: true }),
  );
  const stop = new AbortController();
  const seen: WatchEvent[] = [];
  for await (const event of watch(transportTo(t, api.url), sessions, { namespace: "dev" }, stop.signal)) {
    if (seen.push(event) === 2) stop.abort();
  }
  const whole = { object: { apiVersion: "operator.metalbear.co/v1", kind: "Session", brandNew: true } };
  t.match(seen, [whole, whole]);
  t.ok(api.asked.every((request) => request.startsWith("GET /apis/operator.metalbear.co/v1/namespaces/dev/sessions?")));
});
