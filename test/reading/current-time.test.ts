import t from "tap";
import { currentTime } from "../../lib/reading/current-time.ts";

const local = new Date("2026-11-22T12:00:00Z");
const server = new Date("2026-11-22T10:00:00Z");

t.same(currentTime({ serverTime: () => server.getTime() }, local), server, "the server's clock counts");
t.same(currentTime({ serverTime: () => undefined }, local), local, "a server that does not say");
t.same(currentTime({}, local), local, "a folder of manifests");
