import t from "tap";
import { parseSessionConfig } from "../../../lib/mirrord/config/config.ts";

// What the client's own parser takes and refuses, a row for each kind of rule.

type File = { file?: string; text: string };
const json = (value: unknown, file = "mirrord.json"): File => ({ file, text: JSON.stringify(value) });
const yaml = (text: string): File => ({ file: "mirrord.yaml", text });
const web = { path: "deployment/web", namespace: "dev" };
const feature = (value: unknown) => json({ target: web, feature: value });
const incoming = (value: object) => feature({ network: { incoming: { mode: "steal", ...value } } });
const queue = (value: unknown) => feature({ split_queues: { q: value } });
const branch = (value: unknown) => feature({ db_branches: [value] });
const source = { url: { type: "env", variable: "DB" } };

const accepted: Record<string, File> = {
  "YAML 1.1 booleans where one is wanted": yaml("target: pod/a\noperator: yes\ntelemetry: off"),
  "a quoted boolean of YAML": yaml('target: pod/a\noperator: "true"'),
  "a number of YAML where text is wanted": yaml("target: pod/a\nkey: 123"),
  "a date of YAML where text is wanted": yaml("target: pod/a\nkey: 2026-01-01"),
  "numbers and booleans of YAML as variables": yaml("feature: {env: {override: {PORT: 8080, DEBUG: true}}}"),
  "merge keys of YAML": yaml("target: pod/a\nfeature:\n  env:\n    <<: {include: A}"),
  "null of YAML as no target": yaml("target: ~"),
  "a byte order mark": { file: "m.toml", text: "\uFEFFtarget = 'pod/a'" },
  "null where a key may be left out": json({
    target: web,
    operator: null,
    feature: { fs: null, env: { include: null } },
  }),
  "a list of queues": feature({ split_queues: [{ queue_id: "q", queue_type: "SQS", message_filter: { a: "^b" } }] }),
  "no queues": feature({ split_queues: [] }),
  "a queue without a filter": queue({ queue_type: "SQS" }),
  "one port of a filter": incoming({ http_filter: { header_filter: "a", ports: 80 } }),
  "text that is no regular expression of a filter": incoming({ http_filter: { path_filter: "[" } }),
  "mappings of ports": incoming({
    port_mapping: [
      [80, 8080],
      [81, 8081],
    ],
  }),
  "a look-ahead of a variable's mapping": feature({ env: { mapping: { "^(?!A)B": "c" } } }),
  "a branch": branch({ type: "mysql", version: "8", connection: source }),
  "a branch by parameters": branch({
    type: "pg",
    connection: { type: "env", params: { host: "A", port: { value: "1" } } },
  }),
  "addresses of DNS": feature({ network: { dns: { filter: { local: ["a.b:80", "10.0.0.0/8", ":53", "[::1]:80"] } } } }),
  "protocols of outgoing": feature({
    network: { outgoing: { filter: { remote: ["tcp://a", "UDP://:53", "tcp://"] } } },
  }),
  "an infinite preview": feature({ preview: { ttl_mins: "infinite", replicas: 2 } }),
  "a profile of another namespace, which the cluster refuses": json({ target: web, profile: "other/p" }),
  "a kubeconfig below the home folder": json({ target: web, kubeconfig: "~/.kube/config" }),
  "an agent": json({
    target: web,
    agent: { image: { registry: "r", tag: "t" }, ttl: 30, tolerations: [{ key: "a" }] },
  }),
};
for (const [name, { file = "mirrord.json", text }] of Object.entries(accepted)) {
  t.test(`${name} is accepted`, async (t) =>
    t.doesNotThrow(() => parseSessionConfig(text, { fileName: file, env: {} })),
  );
}

const refused: Record<string, File & { message: RegExp }> = {
  "a quoted boolean of JSON": { ...json({ operator: "true" }), message: /operator is not true or false/ },
  "an octal of YAML": {
    ...yaml("feature: {network: {incoming: {ports: [010]}}}"),
    message: /ports\[0\] is not a whole/,
  },
  "a number among texts of YAML": {
    ...yaml("feature: {env: {include: [A, 1]}}"),
    message: /include\[1\] is not a string/,
  },
  "a tag of YAML": { ...yaml("target: !x pod/a"), message: /unknown scalar tag/ },
  "a date of TOML as text": { file: "m.toml", text: "key = 2026-01-01", message: /key is not a string/ },
  "a number as a variable": { ...feature({ env: { override: { A: 1 } } }), message: /override\.A is not a string/ },
  "null as a path": { ...json({ target: { path: null, namespace: "dev" } }), message: /target\.path is not a target/ },
  "a key that the parser does not know, anywhere": {
    ...json({ experimental: { readlink: true }, internal_proxy: { foo: 1 }, feature: { magic: { foo: true } } }),
    message: /experimental\.readlink is no key .*internal_proxy\.foo is no key .*feature\.magic\.foo is no key/,
  },
  "one port where a list is wanted": { ...incoming({ ports: 80 }), message: /incoming\.ports is not a list/ },
  "a port beyond 65535": { ...incoming({ port_mapping: [[80, 80_800]] }), message: /port_mapping\[0\]\[1\] is 80800/ },
  "three ports as a pair": { ...incoming({ port_mapping: [[1, 2, 3]] }), message: /port_mapping\[0\] is not a pair/ },
  "a port that is mapped twice": {
    ...incoming({
      port_mapping: [
        [80, 1],
        [80, 2],
      ],
    }),
    message: /maps port 80 twice/,
  },
  "two shapes of a filter at once": {
    ...incoming({ http_filter: { all_of: [{ header: "x", path: "y" }] } }),
    message: /all_of\[0\] is not a filter/,
  },
  "a body filter without query": {
    ...incoming({ http_filter: { body_filter: { body: "json" } } }),
    message: /body_filter needs query, matches/,
  },
  "a protocol of TLS delivery": {
    ...incoming({ tls_delivery: { protocol: "x" } }),
    message: /protocol is "x", not tcp, tls/,
  },
  "both names of TLS delivery": {
    ...incoming({ tls_delivery: { protocol: "tls" }, https_delivery: { protocol: "tls" } }),
    message: /both tls_delivery and https_delivery/,
  },
  "a filter of both sides": {
    ...feature({ network: { dns: { filter: { local: ["a"], remote: ["b"] } } } }),
    message: /dns\.filter is not one of local or remote/,
  },
  "an address that is none": {
    ...feature({ network: { dns: { filter: { local: [":::"] } } } }),
    message: /holds ":::"/,
  },
  "a subnet of a name": {
    ...feature({ network: { outgoing: { filter: { local: ["a/8"] } } } }),
    message: /a\/8 is no subnet/,
  },
  "a protocol that is none": {
    ...feature({ network: { outgoing: { filter: { local: ["x://a"] } } } }),
    message: /x is no protocol/,
  },
  "a large buffer": { ...feature({ fs: { readonly_file_buffer: 16_000_000 } }), message: /more than 15 megabytes/ },
  "a broken regular expression of a mapping": {
    ...feature({ env: { mapping: { "(": "b" } } }),
    message: /env\.mapping holds "\("/,
  },
  "a queue of an unknown type": { ...queue({ queue_type: "Foo", message_filter: {} }), message: /queue_type "Foo"/ },
  "a queue without type": { ...queue({ message_filter: {} }), message: /split_queues\.q needs queue_type/ },
  "a queue with a key of no queue": {
    ...queue({ queue_type: "SQS", foo: 1 }),
    message: /split_queues\.q\.foo is no key/,
  },
  "a queue whose jq does not close": { ...queue({ queue_type: "SQS", jq_filter: "((" }), message: /is no jq program/ },
  "a listed queue without name": { ...feature({ split_queues: [{ queue_type: "SQS" }] }), message: /needs queue_id/ },
  "a RabbitMQ queue without filter": { ...queue({ queue_type: "RMQ" }), message: /needs message_filter/ },
  "a branch without connection": { ...branch({ type: "mysql" }), message: /db_branches\[0\] needs connection/ },
  "a branch of an unknown database": { ...branch({ type: "foo" }), message: /db_branches\[0\]\.type is "foo"/ },
  "a branch with a key of no branch": {
    ...branch({ type: "pg", connection: source, foo: 1 }),
    message: /\.foo is no key/,
  },
  "a variable that a branch redirects": {
    ...feature({ env: { override: { DB: "1" } }, db_branches: [{ type: "mysql", connection: source }] }),
    message: /sets DB, which feature\.db_branches redirects/,
  },
  "both lifetimes of a preview": {
    ...feature({ preview: { ttl_mins: 1, ttl_secs: 60 } }),
    message: /both ttl_mins and ttl_secs/,
  },
  "a word as a lifetime": {
    ...feature({ preview: { ttl_mins: "x" } }),
    message: /ttl_mins is not a whole number or "infinite"/,
  },
  "a mount without content": {
    ...feature({ preview: { config_mounts: [{ mount_at: "/a" }] } }),
    message: /needs payload or from_file/,
  },
  "retries that end before they begin": {
    ...json({ startup_retry: { min_ms: 10, max_ms: 1 } }),
    message: /min_ms is 10, more than max_ms, 1/,
  },
  "an ephemeral agent of nothing": {
    ...json({ agent: { ephemeral: true } }),
    message: /agent\.ephemeral needs a target/,
  },
};
for (const [name, { file = "mirrord.json", text, message }] of Object.entries(refused)) {
  t.test(`${name} is refused`, async (t) => {
    t.throws(() => parseSessionConfig(text, { fileName: file, env: {} }), {
      name: "UserError",
      kind: "usage",
      message,
    });
  });
}
