import * as fc from "fast-check";
import t from "tap";
import { UserError } from "../../../lib/errors.ts";
import { configuredAction, parseSessionConfig, type ConfigOptions } from "../../../lib/mirrord/config/config.ts";
import type { SessionConfig } from "../../../lib/mirrord/config/session-config.ts";
import { formatTarget } from "../../../lib/mirrord/target.ts";
import { clientSessions } from "../client-sessions.ts";

type Env = ConfigOptions["env"];

function read(value: unknown, options: Partial<ConfigOptions> = {}): SessionConfig {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return parseSessionConfig(text, { fileName: "mirrord.json", env: {}, ...options });
}

const network = (value: unknown) => ({ target: "pod/x", feature: { network: value } });
const incoming = (value: unknown) => network({ incoming: value });
const filter = (value: unknown) => incoming({ mode: "steal", http_filter: value });
const feature = (value: unknown) => ({ target: "deployment/x", feature: value });

t.test("an empty configuration is a targetless session with the client's defaults", async (t) => {
  t.same(read({}), {
    target: { kind: "targetless" },
    namespace: undefined,
    operator: undefined,
    profile: undefined,
    multiCluster: undefined,
    kubeconfig: undefined,
    kubeContext: undefined,
    chosenByFile: [],
    variables: [],
    acceptInvalidCertificates: undefined,
    useProxy: true,
    key: { text: "00000000", isGenerated: true },
    incoming: { mode: "mirror", ignorePorts: [], onConcurrentSteal: "abort" },
    outgoing: { tcp: true, udp: true },
    dns: true,
    files: { mode: "read", readWrite: [], readOnly: [], local: [], notFound: [] },
    env: { enabled: true },
    copyTarget: { enabled: false, scaleDown: false, excludeContainers: [], excludeInitContainers: [] },
    splitQueues: false,
    databaseBranches: { count: 0, literalCredentials: false },
    preview: { secretMounts: false },
    ciKey: false,
    warnings: [],
  });
});

const files: { name: string; fileName: string; text: string; want: Record<string, unknown> }[] = [
  {
    name: "JSON with everything",
    fileName: "a/mirrord.json",
    text: `{
      "target": { "path": { "deployment": "checkout", "container": "app" }, "namespace": "shop" },
      "operator": true, "profile": "safe-mirror", "kube_context": "staging", "accept_invalid_certificates": false,
      "key": "{{ git_branch | default(value='shared') }}",
      "feature": {
        "env": { "include": "DATABASE_*" },
        "fs": { "mode": "read" },
        "network": {
          "incoming": {
            "mode": "steal",
            "http_filter": { "header_filter": "^baggage: .*mirrord-session={{ key }}.*$" },
            "ports": [80], "on_concurrent_steal": "abort"
          },
          "outgoing": true, "dns": true
        },
        "copy_target": { "enabled": true, "scale_down": true }
      }
    }`,
    want: {
      target: { kind: "deployment", name: "checkout", container: "app" },
      namespace: "shop",
      operator: true,
      profile: { name: "safe-mirror" },
      kubeContext: "staging",
      acceptInvalidCertificates: false,
      key: { text: "shared", isGenerated: false },
      env: { include: ["DATABASE_*"] },
      incoming: { mode: "steal", filter: { header: "^baggage: .*mirrord-session=shared.*$" }, ports: [80] },
      copyTarget: { enabled: true, scaleDown: true },
      warnings: [],
    },
  },
  {
    name: "labels",
    fileName: "-",
    text: '{ "target": { "path": { "labels": { "app": "web", "tier": "fe" }, "container": "app" }, "namespace": "shop" } }',
    want: { target: { kind: "label", labels: { app: "web", tier: "fe" }, container: "app" }, namespace: "shop" },
  },
  {
    name: "YAML",
    fileName: "mirrord.yaml",
    text: "target: deploy/checkout/container/app\nfeature:\n  network:\n    incoming: steal\n  copy_target: true\n",
    want: {
      target: { kind: "deployment", name: "checkout", container: "app" },
      incoming: { mode: "steal" },
      copyTarget: { enabled: true },
    },
  },
  {
    name: "JSON that is none before it is rendered",
    fileName: "mirrord.json",
    text: '{ "target": "{{ get_env(name="TARGET", default="pod/fallback") }}" }',
    want: { target: { kind: "pod", name: "fallback" } },
  },
  {
    name: "TOML",
    fileName: "mirrord.toml",
    text: 'operator = true\n[target]\nnamespace = "shop"\n[target.path]\npod = "checkout-7d9f-abcde"\n[feature.network.incoming]\nmode = "mirror"\n',
    want: {
      operator: true,
      target: { kind: "pod", name: "checkout-7d9f-abcde" },
      namespace: "shop",
      incoming: { mode: "mirror" },
    },
  },
  { name: "an empty YAML file", fileName: "mirrord.yml", text: "", want: { target: { kind: "targetless" } } },
  { name: "an empty TOML file", fileName: "mirrord.toml", text: "", want: { target: { kind: "targetless" } } },
];
for (const { name, fileName, text, want } of files) {
  t.test(`${name} is read`, async (t) => t.match(read(text, { fileName }), want));
}

const targets: { value: unknown; want: string; namespace?: string }[] = [
  { value: null, want: "targetless" },
  { value: "targetless", want: "targetless" },
  { value: {}, want: "targetless" },
  { value: { namespace: "dev" }, want: "targetless", namespace: "dev" },
  { value: { path: "targetless" }, want: "targetless" },
  { value: "deploy/x", want: "deployment/x" },
  { value: { path: "rollout/x/container/c", namespace: "dev" }, want: "rollout/x/container/c", namespace: "dev" },
  { value: { deployment: "x" }, want: "deployment/x" },
  { value: { path: { pod: "x", container: "c" } }, want: "pod/x/container/c" },
  { value: { rollout: "x", container: null }, want: "rollout/x" },
  { value: { job: "x" }, want: "job/x" },
  { value: { cron_job: "x" }, want: "cronjob/x" },
  { value: { stateful_set: "x" }, want: "statefulset/x" },
  { value: { service: "x" }, want: "service/x" },
  { value: { replica_set: "x" }, want: "replicaset/x" },
  { value: "label/app=web,tier=fe/container/c", want: "label/app=web,tier=fe/container/c" },
];
for (const { value, want, namespace } of targets) {
  t.test(`the target ${JSON.stringify(value)} is ${want}`, async (t) => {
    const config = read({ target: value });
    t.equal(formatTarget(config.target), want);
    t.equal(config.namespace, namespace);
  });
}

const settings: { name: string; config: unknown; env?: Env; want: Record<string, unknown> }[] = [
  { name: "incoming true", config: incoming(true), want: { incoming: { mode: "mirror" } } },
  { name: "incoming false", config: incoming(false), want: { incoming: { mode: "off" } } },
  { name: "incoming by word", config: incoming("steal"), want: { incoming: { mode: "steal" } } },
  {
    name: "incoming without mode",
    config: incoming({ ports: [80] }),
    want: { incoming: { mode: "mirror", ports: [80] } },
  },
  { name: "ports to ignore", config: incoming({ ignore_ports: [9999] }), want: { incoming: { ignorePorts: [9999] } } },
  {
    name: "no network",
    config: network(false),
    want: { incoming: { mode: "off" }, outgoing: { tcp: false, udp: false }, dns: false },
  },
  {
    name: "steal by variable, over no network",
    config: network(false),
    env: { MIRRORD_AGENT_TCP_STEAL_TRAFFIC: "true" },
    want: { incoming: { mode: "steal" }, dns: false },
  },
  {
    name: "mirror by variable",
    config: incoming("steal"),
    env: { MIRRORD_AGENT_TCP_STEAL_TRAFFIC: "false" },
    want: { incoming: { mode: "mirror" } },
  },
  {
    name: "off by variable",
    config: incoming("steal"),
    env: { MIRRORD_AGENT_TCP_STEAL_TRAFFIC: "off" },
    want: { incoming: { mode: "off" } },
  },
  {
    name: "concurrent steal",
    config: incoming({ on_concurrent_steal: "override" }),
    want: { incoming: { onConcurrentSteal: "override" } },
  },
  {
    name: "concurrent steal by variable",
    config: incoming({ on_concurrent_steal: "override" }),
    env: { MIRRORD_OPERATOR_ON_CONCURRENT_STEAL: "continue" },
    want: { incoming: { onConcurrentSteal: "continue" } },
  },
  {
    name: "outgoing off",
    config: network({ outgoing: false }),
    want: { outgoing: { tcp: false, udp: false }, incoming: { mode: "mirror" } },
  },
  {
    name: "outgoing without UDP",
    config: network({ outgoing: { udp: false } }),
    want: { outgoing: { tcp: true, udp: false } },
  },
  {
    name: "outgoing by variables",
    config: network({ outgoing: false }),
    env: { MIRRORD_TCP_OUTGOING: "true" },
    want: { outgoing: { tcp: true, udp: false } },
  },
  {
    name: "an outgoing filter",
    config: network({ outgoing: { filter: { local: "1.1.1.1:53" } } }),
    want: { outgoing: { filter: { side: "local", addresses: ["1.1.1.1:53"] } } },
  },
  {
    name: "another outgoing filter",
    config: network({ outgoing: { filter: { remote: ["a", "b"] } } }),
    want: { outgoing: { filter: { side: "remote", addresses: ["a", "b"] } } },
  },
  { name: "no DNS", config: network({ dns: false }), want: { dns: false } },
  { name: "DNS in an object", config: network({ dns: { enabled: false } }), want: { dns: false } },
  { name: "DNS with a filter", config: network({ dns: { filter: { local: "a" } } }), want: { dns: true } },
  {
    name: "DNS by variable",
    config: network({ dns: false }),
    env: { MIRRORD_REMOTE_DNS: "true" },
    want: { dns: true },
  },
  { name: "files by word", config: feature({ fs: "write" }), want: { files: { mode: "write" } } },
  { name: "no files", config: feature({ fs: false }), want: { files: { mode: "local" } } },
  {
    name: "file patterns, one and many",
    config: feature({ fs: { local: "a", not_found: ["b", "c"] } }),
    want: { files: { mode: "read", local: ["a"], notFound: ["b", "c"] } },
  },
  {
    name: "file mode by variable",
    config: feature({ fs: "write" }),
    env: { MIRRORD_FILE_MODE: "local" },
    want: { files: { mode: "local" } },
  },
  {
    name: "file operations by the old variable",
    config: feature({ fs: "local" }),
    env: { MIRRORD_FILE_OPS: "true" },
    want: { files: { mode: "write" } },
  },
  {
    name: "read-only files by the old variable",
    config: feature({}),
    env: { MIRRORD_FILE_OPS: "false", MIRRORD_FILE_RO_OPS: "true" },
    want: { files: { mode: "read" } },
  },
  {
    name: "file patterns by variable",
    config: feature({}),
    env: { MIRRORD_FILE_READ_WRITE_PATTERN: "a;b" },
    want: { files: { readWrite: ["a", "b"] } },
  },
  { name: "no environment", config: feature({ env: false }), want: { env: { enabled: false } } },
  {
    name: "variables with semicolons",
    config: feature({ env: { exclude: "A;B" } }),
    want: { env: { exclude: ["A", "B"] } },
  },
  {
    name: "variables in a list",
    config: feature({ env: { include: ["A", "B"] } }),
    want: { env: { include: ["A", "B"] } },
  },
  {
    name: "variables by variable",
    config: feature({ env: { include: ["A"] } }),
    env: { MIRRORD_OVERRIDE_ENV_VARS_INCLUDE: "B;C" },
    want: { env: { include: ["B", "C"] } },
  },
  { name: "a copy", config: feature({ copy_target: true }), want: { copyTarget: { enabled: true, scaleDown: false } } },
  { name: "no copy", config: feature({ copy_target: false }), want: { copyTarget: { enabled: false } } },
  {
    name: "a copy by its object",
    config: feature({ copy_target: { scale_down: true } }),
    want: { copyTarget: { enabled: true, scaleDown: true } },
  },
  {
    name: "no copy by its object",
    config: feature({ copy_target: { enabled: false } }),
    want: { copyTarget: { enabled: false } },
  },
  {
    name: "split queues",
    config: feature({ split_queues: { q: { queue_type: "SQS" } } }),
    want: { splitQueues: true },
  },
  { name: "no split queues", config: feature({ split_queues: {} }), want: { splitQueues: false } },
  {
    name: "a branch with a variable",
    config: feature({ db_branches: [{ type: "pg", connection: { url: { type: "env", variable: "DB" } } }] }),
    want: { databaseBranches: { count: 1, literalCredentials: false } },
  },
  {
    name: "a branch with a password in the file",
    config: feature({
      db_branches: [{ type: "pg", connection: { params: { host: "DB", password: { value: "x" } } } }],
    }),
    want: { databaseBranches: { count: 1, literalCredentials: true } },
  },
  {
    name: "a branch with an empty value",
    config: feature({
      db_branches: [{ type: "pg", connection: { params: { host: { variable: "DB", value: null } } } }],
    }),
    want: { databaseBranches: { literalCredentials: false } },
  },
  {
    name: "a branch with a fallback in the file",
    config: feature({
      db_branches: [{ type: "mysql", connection: { url: { type: "env", variable: "DB", value: "x" } } }],
    }),
    want: { databaseBranches: { literalCredentials: true } },
  },
  {
    name: "a preview",
    config: feature({ preview: { image: "i", secret_mounts: [{ mount_at: "/a", from_file: "f" }] } }),
    want: { preview: { image: "i", secretMounts: true } },
  },
  {
    name: "a preview by variable",
    config: feature({}),
    env: { MIRRORD_PREVIEW_IMAGE: "i" },
    want: { preview: { image: "i", secretMounts: false } },
  },
  { name: "a CI key", config: {}, env: { MIRRORD_CI_API_KEY: "mci-v1:x" }, want: { ciKey: true } },
  { name: "a cluster profile", config: { profile: "p" }, want: { profile: { name: "p" } } },
  {
    name: "a namespaced profile says the namespace",
    config: { profile: "ns/p/q" },
    want: { profile: { name: "p/q", namespace: "ns" }, namespace: "ns" },
  },
  { name: "operator false", config: { operator: false }, want: { operator: false } },
  {
    name: "operator by variable",
    config: { operator: false },
    env: { MIRRORD_OPERATOR_ENABLE: "true" },
    want: { operator: true },
  },
  { name: "several clusters", config: { multi_cluster: false }, want: { multiCluster: false } },
  {
    name: "several clusters by variable",
    config: {},
    env: { MIRRORD_MULTI_CLUSTER: "true" },
    want: { multiCluster: true },
  },
  {
    name: "the target by variable",
    config: { target: "pod/x" },
    env: { MIRRORD_IMPERSONATED_TARGET: "pod/y" },
    want: { target: { name: "y" } },
  },
  {
    name: "the namespace by variable",
    config: { target: { path: "pod/x", namespace: "a" } },
    env: { MIRRORD_TARGET_NAMESPACE: "b" },
    want: { target: { name: "x" }, namespace: "b" },
  },
  {
    name: "kubeconfig and context by variable",
    config: { kubeconfig: "a", kube_context: "b" },
    env: { MIRRORD_KUBECONFIG: "c", MIRRORD_KUBE_CONTEXT: "d" },
    want: { kubeconfig: "c", kubeContext: "d", chosenByFile: [] },
  },
  {
    name: "kubeconfig by the file, context by variable",
    config: { kubeconfig: "a", kube_context: "b" },
    env: { MIRRORD_KUBE_CONTEXT: "d" },
    want: { kubeconfig: "a", kubeContext: "d", chosenByFile: ["kubeconfig"] },
  },
  {
    name: "variables that templates took up, and none that is not there",
    config: { target: "pod/{{ get_env(name='A') }}{% if get_env(name='B', default='') == 'x' %}b{% endif %}" },
    env: { A: "a", C: "c" },
    want: { target: { name: "a" }, variables: ["A"] },
  },
  {
    name: "certificates and proxy",
    config: {},
    env: { MIRRORD_ACCEPT_INVALID_CERTIFICATES: "true", MIRRORD_PROXY: "false" },
    want: { acceptInvalidCertificates: true, useProxy: false },
  },
  { name: "a header filter", config: filter({ header_filter: "h" }), want: { incoming: { filter: { header: "h" } } } },
  { name: "a path filter", config: filter({ path_filter: "p" }), want: { incoming: { filter: { path: "p" } } } },
  {
    name: "a method filter",
    config: filter({ method_filter: "GET" }),
    want: { incoming: { filter: { method: "GET" } } },
  },
  { name: "a jq filter", config: filter({ header_filter_jq: "." }), want: { incoming: { filter: { headerJq: "." } } } },
  {
    name: "a body filter",
    config: filter({ body_filter: { body: "json", query: "$", matches: "a" } }),
    want: { incoming: { filter: { body: { query: "$" } } } },
  },
  {
    name: "header and method",
    config: filter({ header_filter: "h", method_filter: "GET" }),
    want: { incoming: { filter: { allOf: [{ header: "h" }, { method: "GET" }] } } },
  },
  {
    name: "all of",
    config: filter({
      all_of: [
        { header: "h" },
        { path: "p" },
        { method: "m" },
        { query: "q" },
        { body: "json", query: "$", matches: "a" },
      ],
    }),
    want: {
      incoming: {
        filter: {
          allOf: [{ header: "h" }, { path: "p" }, { method: "m" }, { headerJq: "q" }, { body: { matches: "a" } }],
        },
      },
    },
  },
  {
    name: "any of",
    config: filter({ any_of: [{ header: "h" }] }),
    want: { incoming: { filter: { anyOf: [{ header: "h" }] } } },
  },
  {
    name: "ports of the filter",
    config: filter({ header_filter: "h", ports: 80 }),
    want: { incoming: { filterPorts: [80] } },
  },
  {
    name: "a filter by variables",
    config: filter({ header_filter: "h" }),
    env: { MIRRORD_HTTP_HEADER_FILTER: "i", MIRRORD_HTTP_FILTER_PORTS: "80;8080" },
    want: { incoming: { filter: { header: "i" }, filterPorts: [80, 8080] } },
  },
  { name: "no filter", config: filter(false), want: { incoming: { filter: undefined } } },
];
for (const { name, config, env = {}, want } of settings) {
  t.test(`setting: ${name}`, async (t) => t.match(read(config, { env }), want));
}

const refused: { name: string; config: unknown; env?: Env; message: RegExp }[] = [
  {
    name: "an unknown key",
    config: { targets: "pod/x" },
    message: /^mirrord\.json: targets is no key that mirrord knows \(did you mean target\?\)/,
  },
  { name: "an unknown key in target", config: { target: { path: "pod/x", ns: "a" } }, message: /target\.ns is no key/ },
  {
    name: "an unknown key in feature",
    config: feature({ filesystem: true }),
    message: /feature\.filesystem is no key/,
  },
  {
    name: "an unknown key in network",
    config: network({ inbound: true }),
    message: /feature\.network\.inbound is no key/,
  },
  {
    name: "an unknown key in incoming",
    config: incoming({ filter: {} }),
    message: /feature\.network\.incoming\.filter is no key/,
  },
  { name: "an unknown key in http_filter", config: filter({ header: "h" }), message: /http_filter\.header is no key/ },
  {
    name: "an unknown key in outgoing",
    config: network({ outgoing: { icmp: true } }),
    message: /outgoing\.icmp is no key/,
  },
  {
    name: "an unknown key in the outgoing filter",
    config: network({ outgoing: { filter: { local: "a", remote: "b" } } }),
    message: /feature\.network\.outgoing\.filter is not one of local or remote/,
  },
  { name: "an unknown key in dns", config: network({ dns: { on: true } }), message: /dns\.on is no key/ },
  { name: "an unknown key in fs", config: feature({ fs: { readonly: "a" } }), message: /fs\.readonly is no key/ },
  { name: "an unknown key in env", config: feature({ env: { includes: "a" } }), message: /env\.includes is no key/ },
  {
    name: "an unknown key in copy_target",
    config: feature({ copy_target: { scaledown: true } }),
    message: /copy_target\.scaledown is no key/,
  },
  {
    name: "an unknown key in a target object",
    config: { target: { pod: "x", name: "y" } },
    message: /target\.name is no key/,
  },
  { name: "all mistakes at once", config: { a: 1, feature: { b: 1 } }, message: /a is no key.*; feature\.b is no key/ },
  { name: "a list", config: [], message: /has to be an object/ },
  { name: "a flag in quotes", config: { operator: "true" }, message: /operator is not true or false/ },
  { name: "a number as a path", config: { target: 7 }, message: /target is not a target: a path such as/ },
  { name: "a target without kind", config: { target: "web" }, message: /target unknown target kind "web"/ },
  {
    name: "a kind that only kubectl knows",
    config: { target: "svc/x" },
    message: /mirrord does not know the target kind "svc"/,
  },
  { name: "a label twice", config: { target: "label/app=a,app=b" }, message: /label "app" is named twice/ },
  {
    name: "no label",
    config: { target: { labels: {} } },
    message: /target\.labels is not an object of at least one label/,
  },
  { name: "a label that is a number", config: { target: { labels: { a: 1 } } }, message: /target is not a target/ },
  {
    name: "one label of two that is a number",
    config: { target: { labels: { a: "b", c: 1 } } },
    message: /target is not a target/,
  },
  { name: "two kinds", config: { target: { pod: "x", deployment: "y" } }, message: /target is not a target/ },
  {
    name: "no kind",
    config: { target: { container: "c" } },
    message: /target\.container is no key that mirrord knows/,
  },
  {
    name: "a bad target by variable",
    config: {},
    env: { MIRRORD_IMPERSONATED_TARGET: "web" },
    message: /unknown target kind "web"/,
  },
  {
    name: "an unknown mode",
    config: incoming("intercept"),
    message: /incoming is "intercept", not mirror, steal, off/,
  },
  {
    name: "an unknown mode in the object",
    config: incoming({ mode: "intercept" }),
    message: /incoming\.mode is "intercept"/,
  },
  {
    name: "an unknown mode by variable",
    config: {},
    env: { MIRRORD_AGENT_TCP_STEAL_TRAFFIC: "yes" },
    message: /MIRRORD_AGENT_TCP_STEAL_TRAFFIC is "yes"/,
  },
  {
    name: "an unknown file mode",
    config: feature({ fs: "rw" }),
    message: /feature\.fs is not a mode \(local, localwithoverrides, read, write\)/,
  },
  {
    name: "a variable that is no boolean",
    config: {},
    env: { MIRRORD_OPERATOR_ENABLE: "yes" },
    message: /MIRRORD_OPERATOR_ENABLE is "yes", not true or false/,
  },
  {
    name: "a port that is none",
    config: incoming({ ports: [70_000] }),
    message: /ports\[0\] is 70000, not from 0 to 65535/,
  },
  {
    name: "a port by variable that is none",
    config: {},
    env: { MIRRORD_HTTP_FILTER_PORTS: "80;x" },
    message: /MIRRORD_HTTP_FILTER_PORTS holds "x"/,
  },
  {
    name: "a filter of no shape",
    config: filter({ all_of: [{ cookie: "a" }] }),
    message: /all_of\[0\] is not a filter with a header, path, method, body or query/,
  },
  { name: "an empty filter", config: filter({ header_filter: "" }), message: /holds an empty filter/ },
  { name: "an empty list of filters", config: filter({ any_of: [] }), message: /holds an empty filter/ },
  {
    name: "a branch without type",
    config: feature({ db_branches: [{}] }),
    message: /feature\.db_branches\[0\] needs type/,
  },
  {
    name: "an outgoing filter of no side",
    config: network({ outgoing: { filter: {} } }),
    message: /filter is not one of local or remote/,
  },
  // Conflicts that the client finds before it sends anything.
  {
    name: "stealing without target",
    config: { feature: { network: { incoming: "steal" } } },
    message: /a targetless session cannot steal/,
  },
  {
    name: "stealing without target, by variable",
    config: { target: "targetless" },
    env: { MIRRORD_AGENT_TCP_STEAL_TRAFFIC: "true" },
    message: /cannot steal/,
  },
  {
    name: "copying without target",
    config: { feature: { copy_target: true } },
    message: /a targetless session cannot be copied/,
  },
  {
    name: "copying a service",
    config: { target: "service/x", feature: { copy_target: true } },
    message: /a service target cannot be copied/,
  },
  {
    name: "copying labels",
    config: { target: "label/a=b", feature: { copy_target: true } },
    message: /a label target cannot be copied/,
  },
  {
    name: "copying without operator",
    config: { ...feature({ copy_target: true }), operator: false },
    message: /copy_target needs the operator/,
  },
  {
    name: "labels over clusters",
    config: { target: "label/a=b", multi_cluster: true },
    message: /cannot span clusters/,
  },
  {
    name: "labels and queues",
    config: { target: "label/a=b", feature: { split_queues: { q: { queue_type: "SQS" } } } },
    message: /cannot split queues/,
  },
  {
    name: "labels and branches",
    config: { target: "label/a=b", feature: { db_branches: [{ type: "pg", connection: { url: "A" } }] } },
    message: /cannot branch databases/,
  },
  ...["job", "cronjob", "statefulset", "service", "replicaset"].map((kind) => ({
    name: `a ${kind} without operator`,
    config: { target: `${kind}/x`, operator: false },
    message: new RegExp(`a ${kind} target needs the operator`),
  })),
  {
    name: "labels without operator",
    config: { target: "label/a=b", operator: false },
    message: /a label target needs the operator/,
  },
  {
    name: "two kinds of filters",
    config: filter({ header_filter: "h", path_filter: "p" }),
    message: /holds several filters/,
  },
  {
    name: "a filter beside all of",
    config: filter({ header_filter: "h", all_of: [{ path: "p" }] }),
    message: /holds several filters/,
  },
  {
    name: "ports and ports to ignore",
    config: incoming({ ports: [1], ignore_ports: [2] }),
    message: /exclude each other/,
  },
  {
    name: "variables in and out",
    config: feature({ env: { include: "a", exclude: "b" } }),
    message: /both include and exclude/,
  },
];
for (const { name, config, env = {}, message } of refused) {
  t.test(`refused as by the client: ${name}`, async (t) => {
    t.throws(() => read(config, { env }), { name: "UserError", kind: "usage", message });
  });
}

const allowed: { name: string; config: unknown }[] = [
  { name: "a pod without operator", config: { target: "pod/x", operator: false } },
  { name: "a rollout without operator", config: { target: "rollout/x", operator: false } },
  { name: "copying a rollout", config: { target: "rollout/x", feature: { copy_target: true } } },
  { name: "an empty list of ports to ignore", config: incoming({ ports: [1], ignore_ports: [] }) },
  { name: "a method beside another filter", config: filter({ path_filter: "p", method_filter: "GET" }) },
  {
    name: "stealing without target, until the profile is known",
    config: { profile: "p", feature: { network: { incoming: "steal" } } },
  },
];
for (const { name, config } of allowed) {
  t.test(`not refused: ${name}`, async (t) => t.doesNotThrow(() => read(config)));
}

const keys: { name: string; text: string; options?: Partial<ConfigOptions>; want: string; isGenerated?: boolean }[] = [
  { name: "nobody gives one", text: "{}", want: "00000000", isGenerated: true },
  { name: "the file gives it", text: '{"key":"a"}', want: "a" },
  {
    name: "the environment stands above the file",
    text: '{"key":"a"}',
    options: { env: { MIRRORD_KEY: "b" } },
    want: "b",
  },
  {
    name: "the flag stands above all",
    text: '{"key":"a"}',
    options: { env: { MIRRORD_KEY: "b" }, key: "c" },
    want: "c",
  },
  {
    name: "the branch makes it",
    text: `{"key":"{{ git_branch | replace(from='/', to='-') }}"}`,
    options: { gitBranch: "feat/x" },
    want: "feat-x",
  },
  {
    name: "the branch's variable stands above the branch",
    text: '{"key":"{{ git_branch }}"}',
    options: { gitBranch: "a", env: { MIRRORD_BRANCH_NAME: "b" } },
    want: "b",
  },
  {
    name: "double quotes inside it make the client ignore it",
    text: '{"key":"{{ git_branch | default(value="x") }}"}',
    want: "00000000",
    isGenerated: true,
  },
];
for (const { name, text, options, want, isGenerated = false } of keys) {
  t.test(`the key, when ${name}`, async (t) => t.same(read(text, options).key, { text: want, isGenerated }));
}

t.test("a key in the template of the key is not known", async (t) => {
  t.throws(() => read('{"key":"{{ key }}"}'), { message: /mirrord\.json: the template variable "key" is not known/ });
});

t.test("what the templates of key and file may make is limited", async (t) => {
  const templates = `{% set x = 'aaaa' %}${"{% set x = x ~ x %}".repeat(20)}{{ x }}`;
  const message = "mirrord.json: a template of that size is not evaluated here";
  for (const text of [`{"key":"${templates}"}`, `{"target":"${templates}"}`]) t.throws(() => read(text), { message });
});

t.test("twenty mistakes are named, and the others counted", async (t) => {
  const mistakes = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`no${at}`, 1]));
  t.throws(() => read(mistakes), { message: /^mirrord\.json: no0 is no key .*; no19 is [^;]*; and 30 more$/ });
});

t.test("mistakes below a long key are told in few words", async (t) => {
  const filters = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [at, 1]));
  const queues = { ["q".repeat(200_000)]: { queue_type: "SQS", message_filter: filters } };
  const message = /^mirrord\.json: feature\.split_queues\.q{279}… is not a string; .{5000,7000}; and 4980 more$/;
  t.throws(() => read(feature({ split_queues: queues })), { name: "UserError", kind: "usage", message });
});

t.test("expressions are read until they make too much work", async (t) => {
  const large = "[a-z]{1000}".repeat(9);
  const mapping = (...patterns: string[]) =>
    feature({ env: { mapping: Object.fromEntries(patterns.map((one) => [one, ""])) } });
  t.throws(() => read(mapping(`a${large}`, `(${large}`)), {
    message: /feature\.env\.mapping holds "\([^"]*": .*missing/,
  });
  t.doesNotThrow(() => read(mapping(`a${large}`, `b${large}`, `(${large}`)));
  t.throws(
    () => read(mapping(`a${large}`, `b${large}`, `c${large}`, "(")),
    { message: /holds "\(": / },
    "small ones still",
  );
});

const warned: { name: string; config: unknown; warning: RegExp }[] = [
  {
    name: "a key that the client ignores",
    config: '{"key":"{{ git_branch | default(value="x") }}"}',
    warning: /ignores key/,
  },
  { name: "settings of the agent", config: { agent: { ttl: 1 } }, warning: /ignores agent/ },
  { name: "a copy that only mirrors", config: feature({ copy_target: true }), warning: /unanswered/ },
  {
    name: "a pod that would be scaled",
    config: { target: "pod/x", feature: { copy_target: { scale_down: true } } },
    warning: /does nothing to a pod/,
  },
];
for (const { name, config, warning } of warned) {
  t.test(`warned of: ${name}`, async (t) => t.match(read(config).warnings, [warning]));
}

t.test("a key as it should be is nothing to warn of", async (t) => t.same(read('{"key":"a"}').warnings, []));

t.test("a configuration holds no surprise, whatever is in it", async (t) => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const branches = `{"feature":{"db_branches":[{"type":"pg","connection":${deep}}]}}`;
  t.throws(() => read(branches), { message: /nested deeper than 127 levels/ });
  const many = JSON.stringify({
    feature: {
      db_branches: [
        {
          type: "pg",
          connection: { url: "A" },
          copy: { mode: "empty", tables: Array.from({ length: 300_000 }, () => 1) },
        },
      ],
    },
  });
  t.equal(read(many).databaseBranches.literalCredentials, false);
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom("steal", true, false, null, {}, []));
  const objectOf = (...names: string[]) => fc.dictionary(fc.constantFrom(...names), value);
  const networks = fc.record({
    incoming: fc.oneof(value, objectOf("mode", "http_filter", "ports")),
    outgoing: objectOf("tcp", "filter"),
    dns: value,
  });
  const features = fc.record(
    { network: fc.oneof(value, networks), fs: value, env: value, copy_target: value, db_branches: value },
    { requiredKeys: [] },
  );
  const config = fc.record(
    { target: fc.oneof(value, objectOf("path", "pod", "labels")), feature: fc.oneof(value, features), operator: value },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(config, (one) => {
      try {
        read(one);
        return true;
      } catch (error) {
        return error instanceof UserError;
      }
    }),
    { numRuns: 1000 },
  );
});

t.test("without the operator the agent's settings count", async (t) =>
  t.same(read({ agent: { ttl: 1 }, operator: false }).warnings, []),
);

const actions: { config: unknown; want: string }[] = [
  { config: {}, want: "targetless" },
  { config: { target: "pod/x" }, want: "mirror" },
  { config: incoming("steal"), want: "steal" },
  { config: feature({ copy_target: true, network: { incoming: "steal" } }), want: "copy" },
  { config: feature({ copy_target: { scale_down: true } }), want: "copy-scale-down" },
];
for (const { config, want } of actions) {
  t.test(`${JSON.stringify(config)} is ${want}`, async (t) => t.equal(configuredAction(read(config)), want));
}

t.test("every configuration that the client was watched with is read", async (t) => {
  for (const { name, config } of clientSessions) t.doesNotThrow(() => read(config), name);
});

const escaped: [fileName: string, text: string][] = [
  ["mirrord.json", `{"key":"\\u007b\\u007b get_env(name='A') }}","target":"pod/{{ key }}"}`],
  ["mirrord.yaml", `key: "\\x7b\\x7b get_env(name='A') }}"\ntarget: pod/{{ key }}`],
  ["mirrord.toml", `key = "\\u007b\\u007b get_env(name='A') }}"\ntarget = "pod/{{ key }}"`],
];
for (const [fileName, text] of escaped)
  t.test(`${fileName}: a variable that the key took up is named, also where escapes hide its braces`, async (t) => {
    const { target, variables } = parseSessionConfig(text, { fileName, env: { A: "a", B: "b" } });
    t.match(target, { kind: "pod", name: "a" });
    t.same(variables, ["A"]);
  });
