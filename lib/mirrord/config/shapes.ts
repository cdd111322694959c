import {
  anyOf,
  anything,
  flag,
  i32,
  list,
  map,
  nullable,
  same,
  struct,
  text,
  texts,
  toggle,
  u16,
  u32,
  u64,
  word,
  type Shape,
} from "./shape.ts";
import { databaseBranchShape, splitQueuesShape } from "./branch-shapes.ts";
import { networkShape } from "./network-shape.ts";
import { fileModes } from "./session-config.ts";
import { targetKeys } from "./target.ts";

// What the client's parser takes, key by key. Source: the client's configuration structs at 3.250.0 (mirrord/config/src), held
// against what its own parser said of some two hundred files.
const files = anyOf(
  `a mode (${fileModes.join(", ")}) or an object with mode and patterns`,
  word(...fileModes),
  struct({
    mode: word(...fileModes),
    ...same(texts, "read_write", "read_only", "local", "not_found"),
    mapping: map(text),
    readonly_file_buffer: u64,
  }),
);

const environment = struct({
  ...same(texts, "include", "exclude", "unset"),
  ...same(map(text), "override", "mapping"),
  env_file: text,
  load_from_process: flag,
});

const copyTarget = anyOf(
  "true, false, or an object with enabled, scale_down, exclude_containers and exclude_init_containers",
  flag,
  struct({
    ...same(flag, "enabled", "scale_down"),
    ...same(list(text), "exclude_containers", "exclude_init_containers"),
  }),
);

const mount = struct(
  { mount_at: text, type: word("text", "binary"), payload: text, from_file: text },
  { required: ["mount_at"], open: true },
);

const timeToLive = anyOf('a whole number or "infinite"', u64, word("infinite"));

const preview = struct({
  image: text,
  ...same(timeToLive, "ttl_mins", "ttl_secs"),
  creation_timeout_secs: u64,
  replicas: i32,
  labels: map(text),
  idle: anything,
  ...same(list(mount), "config_mounts", "secret_mounts"),
});

const feature = struct({
  network: toggle(networkShape),
  fs: toggle(files),
  env: toggle(environment),
  copy_target: copyTarget,
  split_queues: splitQueuesShape,
  db_branches: list(databaseBranchShape),
  preview,
  magic: struct(same(flag, "aws", "auto_mount", "turbo")),
  hostname: flag,
});

const agentImage = anyOf(
  "an image or an object with registry and tag",
  nullable(text),
  struct(same(text, "registry", "tag")),
);

const agent = struct({
  ...same(text, "image_pull_policy", "log_level", "metrics", "namespace", "priority_class", "service_account"),
  ...same(flag, "check_out_of_pods", "clean_iptables_on_start", "disable_mesh_sidecar_injection", "ephemeral"),
  ...same(flag, "exclude_from_mesh", "flush_connections", "inject_headers", "json_log", "nftables", "privileged"),
  ...same(u16, "communication_timeout", "ttl"),
  ...same(u32, "max_body_buffer_size", "max_body_buffer_timeout"),
  ...same(u64, "jaq_time_limit", "startup_timeout"),
  ...same(map(text), "annotations", "labels", "node_selector"),
  disabled_capabilities: list(word("SYS_ADMIN", "SYS_PTRACE", "NET_RAW", "NET_ADMIN")),
  dns: struct(same(u32, "attempts", "timeout")),
  image: agentImage,
  image_pull_secrets: list(struct({ name: text }, { required: ["name"], open: true })),
  ...same(struct({}, { open: true }), "resources", "security_context"),
  tolerations: list(struct({}, { open: true })),
});

const experimental = struct({
  ...same(flag, "tcp_ping4_mock", "trust_any_certificate", "enable_exec_hooks_linux", "hide_ipv6_interfaces"),
  ...same(flag, "disable_reuseaddr", "use_dev_null", "ignore_system_proxy_config", "browser_extension_config"),
  ...same(flag, "hook_rename", "dns_permission_error_fatal", "force_hook_connect", "non_blocking_tcp_connect"),
  ...same(flag, "dlopen_cgo", "sip_utils"),
  idle_local_http_connection_timeout: u64,
  sip_log_destination: text,
  applev: struct({}, { open: true }),
  latency: struct(same(u64, "receive_delay", "transmit_delay")),
});

const proxy = {
  ...same(u64, "start_idle_timeout", "idle_timeout"),
  ...same(text, "log_level", "log_destination"),
  json_log: flag,
};

const container = text;

const targetPath = [
  text,
  ...Object.keys(targetKeys).map((key) => struct({ [key]: text, container }, { required: [key] })),
  struct({ labels: map(text), container }, { required: ["labels"] }),
];

const target = anyOf(
  "a target: a path such as deployment/web, a target object, or path and namespace",
  ...targetPath,
  struct({ path: anyOf("a target", ...targetPath), namespace: text }, { notNull: ["path"] }),
);

/** The whole file. */
export const configurationShape: Shape = struct({
  ...same(
    flag,
    "accept_invalid_certificates",
    "api",
    "multi_cluster",
    "operator",
    "skip_build_tools",
    "telemetry",
    "use_proxy",
  ),
  ...same(text, "baggage", "key", "kube_context", "kubeconfig", "profile", "traceparent"),
  ...same(texts, "sip_binaries", "skip_extra_build_tools", "skip_processes", "skip_sip"),
  agent,
  ci: struct({ output_dir: text }),
  container: struct({
    ...same(text, "cli_image", "cli_image_lib_path", "override_host_ip", "cli_tls_path", "platform"),
    cli_extra_args: list(text),
    cli_prevent_cleanup: flag,
    host_gateway_detection: anything,
  }),
  experimental,
  external_proxy: struct({ ...proxy, host_ip: text, tls_enable: flag, ping_interval: u64 }),
  feature,
  internal_proxy: struct({ ...proxy, ...same(u64, "socket_timeout", "ping_interval", "process_logging_interval") }),
  startup_retry: struct({ ...same(u64, "min_ms", "max_ms"), max_retries: u32 }),
  target,
});
