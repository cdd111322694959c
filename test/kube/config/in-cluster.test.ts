import t from "tap";
import type { ConnectionFlags } from "../../../lib/kube/config/connection-config.ts";
import type { Machine } from "../../../lib/kube/config/files.ts";
import { resolveConnection } from "../../../lib/kube/config/kubeconfig.ts";

const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
const inPod = { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443", HOME: "/home" };
const mounted = {
  [`${ACCOUNT}/token`]: "pod-token\n",
  [`${ACCOUNT}/ca.crt`]: "CA",
  [`${ACCOUNT}/namespace`]: "mine\n",
};
const kubeconfig = (namespace = ""): string => `
clusters: [{name: c, cluster: {server: "https://api.example"}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: x, context: {cluster: c, user: u${namespace}}}]
current-context: x
`;

function machine(env: Machine["env"], files: Record<string, string>, platform: NodeJS.Platform = "linux"): Machine {
  return {
    env,
    platform,
    cwd: "/work",
    readFile(path) {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error(path), { code: "ENOENT" });
      return text;
    },
  };
}

interface Case {
  name: string;
  env?: Machine["env"];
  files?: Record<string, string>;
  flags?: ConnectionFlags;
  want: object;
}

const podConfig = {
  server: "https://10.0.0.1:443",
  certificateAuthority: "CA",
  namespace: "mine",
  context: "",
  guessed: false,
  credentials: { token: "pod-token", tokenFile: `${ACCOUNT}/token` },
};

const cases: Case[] = [
  { name: "a pod's service account", want: podConfig },
  { name: "IPv6", env: { ...inPod, KUBERNETES_SERVICE_HOST: "fd00::1" }, want: { server: "https://[fd00::1]:443" } },
  {
    name: "no CA file",
    files: { [`${ACCOUNT}/token`]: "x" },
    want: { certificateAuthority: "", namespace: "default" },
  },
  { name: "POD_NAMESPACE", env: { ...inPod, POD_NAMESPACE: "pod" }, want: { namespace: "pod" } },
  { name: "a namespace flag", flags: { namespace: "flag" }, want: { ...podConfig, namespace: "flag" } },
  { name: "a token flag", flags: { token: "t" }, want: { credentials: { token: "t", tokenFile: "" } } },
  {
    name: "a server flag is not the default any more",
    flags: { server: "https://other" },
    want: { server: "https://other", credentials: { token: "" } },
  },
  {
    name: "nor is impersonation, as in kubectl",
    flags: { as: "jim" },
    want: { server: "http://localhost:8080", guessed: true },
  },
  {
    name: "not in a pod",
    env: { HOME: "/home" },
    want: { server: "http://localhost:8080", guessed: true, namespace: "default" },
  },
  { name: "in a pod without an account", files: {}, want: { server: "http://localhost:8080", guessed: true } },
  {
    name: "KUBERNETES_MASTER is another default",
    env: { KUBERNETES_MASTER: "http://m:1" },
    files: {},
    want: { server: "http://m:1", guessed: true },
  },
  {
    name: "a kubeconfig comes first",
    files: { ...mounted, "/home/.kube/config": kubeconfig() },
    want: { server: "https://api.example", context: "x", namespace: "mine" },
  },
  {
    name: "a kubeconfig's namespace",
    files: { ...mounted, "/home/.kube/config": kubeconfig(", namespace: ns") },
    want: { namespace: "ns" },
  },
  {
    name: "a kubeconfig's namespace that is called default",
    files: { ...mounted, "/home/.kube/config": kubeconfig(", namespace: default") },
    want: { namespace: "default" },
  },
  {
    name: "outside a pod the namespace is default",
    env: { HOME: "/home" },
    files: { "/home/.kube/config": kubeconfig() },
    want: { namespace: "default" },
  },
];

for (const { name, env = inPod, files = mounted, flags = {}, want } of cases) {
  t.test(name, async (t) => t.same(likeExpected(resolveConnection(flags, machine(env, files)), want), want));
}

/** What `like` has a word about; unlike `t.match`, texts must be equal. */
function likeExpected(value: unknown, like: unknown): unknown {
  if (typeof like !== "object" || like === null) return value;
  const whole = Object(value);
  return Object.fromEntries(Object.entries(like).map(([key, part]) => [key, likeExpected(whole[key], part)]));
}

t.test("on Windows the first of three homes that has a kubeconfig counts", async (t) => {
  const env = { HOME: "/a", HOMEDRIVE: "/", HOMEPATH: "b", USERPROFILE: "/c" };
  for (const home of ["/a", "/b", "/c"]) {
    const files = { [`${home}/.kube/config`]: kubeconfig() };
    t.equal(resolveConnection({}, machine(env, files, "win32")).server, "https://api.example", home);
  }
});

t.test("on Windows KUBECONFIG is separated by semicolons", async (t) => {
  const files = { "/x:y": kubeconfig(), "/z": kubeconfig(", namespace: second") };
  const config = resolveConnection({}, machine({ KUBECONFIG: "/none;/x:y;/z" }, files, "win32"));
  t.match(config, { server: "https://api.example", namespace: "default" });
});
