import { anyOf, flag, list, pair, u16, ports, same, struct, tagged, text, texts, toggle, word } from "./shape.ts";
import { concurrentSteals, incomingModes } from "./session-config.ts";

// `feature.network` as the client's parser takes it (mirrord/config/src/feature/network at 3.250.0).

const addressFilter = anyOf(
  "one of local or remote with a list of addresses",
  struct({ local: texts }, { required: ["local"] }),
  struct({ remote: texts }, { required: ["remote"] }),
);

const body = { body: word("json"), query: text, matches: text };

const innerFilter = anyOf(
  "a filter with a header, path, method, body or query",
  struct({ header: text }, { required: ["header"] }),
  struct({ path: text }, { required: ["path"] }),
  struct({ method: text }, { required: ["method"] }),
  struct(body, { required: Object.keys(body) }),
  struct({ query: text }, { required: ["query"] }),
);

const httpFilter = struct({
  ...same(text, "header_filter", "path_filter", "method_filter", "header_filter_jq"),
  body_filter: tagged("body", { json: struct(body, { required: Object.keys(body) }) }),
  ...same(list(innerFilter), "all_of", "any_of"),
  ports,
});

const tlsDelivery = struct(
  { protocol: word("tcp", "tls"), trust_roots: list(text), ...same(text, "server_name", "server_cert") },
  { required: ["protocol"] },
);

const incoming = struct({
  mode: word(...incomingModes),
  http_filter: toggle(httpFilter),
  ...same(list(pair(u16)), "port_mapping", "listen_ports"),
  ...same(list(u16), "ports", "ignore_ports"),
  ignore_localhost: flag,
  on_concurrent_steal: word(...concurrentSteals),
  ...same(tlsDelivery, "tls_delivery", "https_delivery"),
});

export const networkShape = struct({
  incoming: toggle((value, place) =>
    typeof value === "object" ? incoming(value, place) : word(...incomingModes)(value, place),
  ),
  outgoing: toggle(
    struct({ ...same(flag, "tcp", "udp", "ignore_localhost"), filter: addressFilter, unix_streams: texts }),
  ),
  dns: toggle(struct({ enabled: flag, filter: addressFilter })),
  ipv6: flag,
});
