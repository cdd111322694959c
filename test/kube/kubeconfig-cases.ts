// Kubeconfigs, right and wrong, with the flags and environment they are used with.
import { createAuthority, issueCertificate } from "../control-plane/certificates.ts";
import type { RecordingServer } from "./recording-server.ts";

export interface KubeconfigCase {
  name: string;
  /** In the folder that is home and current folder of both; `kc` is given by --kubeconfig unless `env` says otherwise. */
  files: Record<string, string>;
  flags?: string[];
  env?: Record<string, string>;
  /** Where the reasons are worded differently: how both begin. */
  start?: string;
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** `answered` reach the server, `refused` do not. */
export async function kubeconfigCases(
  server: RecordingServer,
): Promise<{ answered: KubeconfigCase[]; refused: KubeconfigCase[] }> {
  const ca = server.authority.certPem;
  const client = await issueCertificate(server.authority, { commonName: "cert-user", usage: "client" });
  const otherCa = (await createAuthority("other")).certPem;
  const strayKey = (await issueCertificate(server.authority, { commonName: "z", usage: "client" })).keyPem;

  const TLS = `https://${server.tls}`;
  const HTTP = `http://${server.plain}`;

  /** A kubeconfig of one cluster, user and context; the parts are flow maps. */
  function config({
    cluster = `server: "${TLS}", certificate-authority-data: ${base64(ca)}`,
    user = "token: t1",
    context = "",
    current = "x",
  }): string {
    return `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {${cluster}}}]
users: [{name: u, user: {${user}}}]
contexts: [{name: x, context: {cluster: c, user: u${context}}}]
current-context: ${current}
`;
  }

  const exec = (rest: string, version = "v1"): string =>
    `exec: {apiVersion: client.authentication.k8s.io/${version}, interactiveMode: Never, ${rest}}`;

  const plugin = (status: string, version = "v1"): string =>
    `#!/bin/sh\nprintf '%s\\n' '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/${version}","status":${status}}'\n`;

  const certificateFiles = { "ca.crt": ca, "certs/client.crt": client.certPem, "certs/client.key": client.keyPem };
  const noTls = `server: "${TLS}", insecure-skip-tls-verify: true`;

  const answered: KubeconfigCase[] = [
    { name: "token", files: { kc: config({}) } },
    { name: "a context that flags choose", files: { kc: config({ current: '""' }) }, flags: ["--context=x"] },
    {
      name: "cluster and user that flags choose",
      files: { kc: config({ current: '""' }) },
      flags: ["--cluster=c", "--user=u"],
    },
    {
      name: "nothing but flags",
      files: { kc: "" },
      flags: [`--server=${TLS}`, "--insecure-skip-tls-verify", "--token=t2"],
    },
    {
      name: "a server flag",
      files: {
        kc: config({ cluster: `server: "https://nowhere.invalid", certificate-authority-data: ${base64(ca)}` }),
      },
      flags: [`--server=${TLS}`],
    },
    {
      name: "a server flag clears the server name of the file",
      files: {
        kc: config({
          cluster: `server: "https://nowhere.invalid", tls-server-name: wrong.example, certificate-authority-data: ${base64(ca)}`,
        }),
      },
      flags: [`--server=${TLS}`],
    },
    { name: "a token flag over a token", files: { kc: config({}) }, flags: ["--token=t2"] },
    {
      name: "a token flag over an exec plugin",
      files: { kc: config({ user: exec("command: nonexistent-plugin") }) },
      flags: ["--token=t2"],
    },
    {
      name: "a token flag beside a token file, which wins",
      files: { kc: config({ user: "tokenFile: tok" }), tok: "from-file\n" },
      flags: ["--token=t2"],
    },
    {
      name: "a CA flag over CA data",
      files: {
        kc: config({ cluster: `server: "${TLS}", certificate-authority-data: ${base64(otherCa)}` }),
        "ca.crt": ca,
      },
      flags: ["--certificate-authority=ca.crt"],
    },
    {
      name: "the insecure flag over CA data",
      files: { kc: config({ cluster: `server: "${TLS}", certificate-authority-data: ${base64(otherCa)}` }) },
      flags: ["--insecure-skip-tls-verify"],
    },
    { name: "insecure in the file", files: { kc: config({ cluster: noTls }) } },
    {
      name: "relative paths are relative to the file",
      files: {
        "sub/kc": config({
          cluster: `server: "${TLS}", certificate-authority: ../ca.crt`,
          user: "client-certificate: ../certs/client.crt, client-key: ../certs/client.key",
        }),
        ...certificateFiles,
      },
      flags: ["--kubeconfig=sub/kc"],
    },
    {
      name: "client certificate by data",
      files: {
        kc: config({
          user: `client-certificate-data: ${base64(client.certPem)}, client-key-data: ${base64(client.keyPem)}`,
        }),
      },
    },
    {
      name: "client certificate by flags over data",
      files: { kc: config({ user: `client-certificate-data: YQ==, client-key-data: YQ==` }), ...certificateFiles },
      flags: ["--client-certificate=certs/client.crt", "--client-key=certs/client.key"],
    },
    {
      name: "client certificate and token together",
      files: {
        kc: config({
          user: `token: t1, client-certificate-data: ${base64(client.certPem)}, client-key-data: ${base64(client.keyPem)}`,
        }),
      },
    },
    {
      name: "token file, trimmed, relative to the file",
      files: { "sub/kc": config({ user: "tokenFile: tok" }), "sub/tok": "  from-file\n\n" },
      flags: ["--kubeconfig=sub/kc"],
    },
    { name: "user name and password", files: { kc: config({ user: 'username: ann, password: "p:ä"' }) } },
    {
      name: "user name and password by flags",
      files: { kc: config({ user: "" }) },
      flags: ["--username=ann", "--password=secret"],
    },
    {
      name: "tls-server-name",
      files: {
        kc: config({
          cluster: `server: "${TLS}", tls-server-name: cluster.example, certificate-authority-data: ${base64(ca)}`,
        }),
      },
    },
    { name: "tls-server-name by flag", files: { kc: config({}) }, flags: ["--tls-server-name=cluster.example"] },
    {
      name: "a name is asked for by itself",
      files: {
        kc: config({
          cluster: `server: "https://localhost:${server.tls.split(":")[1]}", certificate-authority-data: ${base64(ca)}`,
        }),
      },
    },
    {
      name: "a path in the server's address",
      files: { kc: config({ cluster: `server: "${TLS}/clusters/a/", certificate-authority-data: ${base64(ca)}` }) },
    },
    { name: "plain http sends no credentials", files: { kc: config({ cluster: `server: "${HTTP}"` }) } },
    {
      name: "plain http sends impersonation",
      files: { kc: config({ cluster: `server: "${HTTP}"` }) },
      flags: ["--as=jim"],
    },
    {
      name: "an address without scheme is plain http",
      files: { kc: config({ cluster: `server: "${server.plain}"` }) },
    },
    {
      name: "impersonation of user and groups",
      files: { kc: config({}) },
      flags: ["--as=jim", "--as-group=a,b", "--as-group=c", "--as-uid=7"],
    },
    {
      name: "impersonation with extra",
      files: { kc: config({}) },
      flags: [
        "--as=jim",
        "--as-user-extra=example.com/Scopes=a=b",
        "--as-user-extra=example.com/Scopes=c",
        "--as-user-extra=ignored",
      ],
    },
    {
      name: "impersonation of names beyond ASCII",
      files: { kc: config({}) },
      flags: ["--as=jürgen", "--as-group=日本"],
    },
    {
      name: "impersonation in the file",
      files: { kc: config({ user: "token: t1, as: jim, as-groups: [a, b], as-uid: '7', as-user-extra: {k: [v, w]}" }) },
    },
    {
      name: "groups by flag replace groups in the file",
      files: { kc: config({ user: "token: t1, as: jim, as-groups: [a, b]" }) },
      flags: ["--as-group=c"],
    },
    {
      name: "yes is a boolean, and the last of two keys wins",
      files: {
        kc: config({ cluster: `server: "${TLS}", insecure-skip-tls-verify: no, insecure-skip-tls-verify: yes` }),
      },
    },
    {
      name: "merge keys",
      files: { kc: `${config({ user: "token: t0" })}x: &token {token: t1}\nusers: [{name: u, user: {<<: *token}}]\n` },
    },
    {
      name: "JSON",
      files: {
        kc: JSON.stringify({
          clusters: [{ name: "c", cluster: { server: HTTP } }],
          contexts: [{ name: "x", context: { cluster: "c", user: "" } }],
          "current-context": "x",
        }),
      },
    },
    { name: "unknown fields are ignored", files: { kc: `${config({ user: "token: t1, toke: t2" })}extra: [1]\n` } },
    {
      name: "faults outside the chosen context do not matter",
      files: {
        kc: config({}).replace("users: [", "users: [{name: broken, user: {token: a, username: b, exec: {}}}, "),
      },
    },
    { name: "the default file", files: { ".kube/config": config({}) }, env: {} },
    { name: "an empty KUBECONFIG is none", files: { ".kube/config": config({}) }, env: { KUBECONFIG: "" } },
    {
      name: "several files: the first to say something wins, missing ones are skipped",
      files: {
        one: `current-context: x\nusers: [{name: u, user: {token: first}}]\n`,
        two: config({ current: "other", user: "token: second" }),
      },
      env: { KUBECONFIG: "missing:one::two:one" },
    },
    {
      name: "several files: paths belong to the file that held them",
      files: {
        "a/kc": `users: [{name: u, user: {tokenFile: tok}}]\n`,
        "a/tok": "a",
        "b/kc": config({ cluster: `server: "${TLS}", certificate-authority: ca.crt` }),
        "b/ca.crt": ca,
        "b/tok": "b",
      },
      env: { KUBECONFIG: "a/kc:b/kc" },
    },
    {
      name: "--kubeconfig alone counts",
      files: { kc: config({ user: "token: given" }), other: config({ user: "token: other" }) },
      env: { KUBECONFIG: "other" },
      flags: ["--kubeconfig=kc"],
    },
    {
      name: "exec plugin with a token",
      files: { kc: config({ user: exec("command: ./plugin") }), plugin: plugin('{"token":"exec-token"}') },
    },
    {
      name: "exec plugin of v1beta1, on PATH, without interactiveMode",
      files: {
        kc: config({
          user: "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: plugin, args: [a], env: [{name: E, value: v}]}",
        }),
        "bin/plugin": plugin(`{"token":"'$1-$E'"}`, "v1beta1"),
      },
    },
    {
      name: "exec plugin with a certificate",
      files: {
        kc: config({ user: exec("command: ./plugin") }),
        plugin: plugin(JSON.stringify({ clientCertificateData: client.certPem, clientKeyData: client.keyPem })),
      },
    },
    {
      name: "exec plugin is told about the cluster",
      files: {
        kc: config({
          cluster: `server: "${TLS}", insecure-skip-tls-verify: true, tls-server-name: cluster.example, extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: aud}}]`,
          user: exec("command: ./plugin, provideClusterInfo: true"),
        }),
        plugin: `#!/bin/sh\nT=$(printf %s "$KUBERNETES_EXEC_INFO" | base64 | tr -d '\\n=')\n${plugin(`{"token":"'$T'"}`).replace("#!/bin/sh\n", "")}`,
      },
    },
    {
      name: "exec plugin is told that nobody can answer",
      files: {
        kc: config({ user: exec("command: ./plugin") }),
        plugin: `#!/bin/sh\nread X || X=eof\n${plugin(`{"token":"'$X'"}`).replace("#!/bin/sh\n", "")}`,
      },
    },
    {
      name: "exec plugin that answers in YAML",
      files: {
        kc: config({ user: exec("command: ./plugin") }),
        plugin: `#!/bin/sh\nprintf 'apiVersion: client.authentication.k8s.io/v1\\nkind: ExecCredential\\nstatus:\\n  token: yaml-token\\n'\n`,
      },
    },
    ...["v1", "v1beta1"].map((version) => ({
      name: `exec plugin that leaves its kind out, ${version}`,
      files: {
        kc: config({ user: exec("command: ./plugin", version) }),
        plugin: `#!/bin/sh\necho '{"apiVersion":"client.authentication.k8s.io/${version}","status":{"token":"kindless"}}'\n`,
      },
    })),
    {
      name: "a policy that allows the plugin",
      files: {
        kc: config({ user: exec("command: plugin") }),
        "bin/plugin": plugin('{"token":"ok"}'),
        ".kube/kuberc":
          "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\ncredentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{command: plugin}]\n",
      },
    },
  ];

  const refused: KubeconfigCase[] = [
    { name: "YAML that is none", files: { kc: "a: [\n" }, start: 'error loading config file "kc": yaml: line ' },
    {
      name: "another kind",
      files: { kc: "apiVersion: v1\nkind: Pod\n" },
      start: 'error loading config file "kc": no kind "Pod" is registered for version "v1"',
    },
    {
      name: "another version",
      files: { kc: "apiVersion: v7\nkind: Config\n" },
      start: 'error loading config file "kc": no kind "Config" is registered for version "v7"',
    },
    { name: "a number for a name", files: { kc: "clusters: [{name: 12, cluster: {}}]\n" } },
    {
      name: "text for a boolean",
      files: { kc: config({ cluster: `server: "${TLS}", insecure-skip-tls-verify: "true"` }) },
    },
    { name: "bad base64", files: { kc: config({ cluster: `server: "${TLS}", certificate-authority-data: "a!!b"` }) } },
    { name: "a missing --kubeconfig", files: {}, flags: ["--kubeconfig=missing"] },
    { name: "an unknown --context", files: { kc: config({}) }, flags: ["--context=nope"] },
    { name: "an unknown --user", files: { kc: config({}) }, flags: ["--user=nope"] },
    { name: "an unknown --cluster", files: { kc: config({}) }, flags: ["--cluster=nope"] },
    { name: "an unknown current-context", files: { kc: config({ current: "nope" }) } },
    {
      name: "a missing CA file",
      files: { kc: config({ cluster: `server: "${TLS}", certificate-authority: nope.crt` }) },
    },
    {
      name: "CA file and data, and the file is missing",
      files: {
        kc: config({
          cluster: `server: "${TLS}", certificate-authority: nope.crt, certificate-authority-data: ${base64(ca)}`,
        }),
      },
    },
    {
      name: "CA data that is no PEM",
      files: { kc: config({ cluster: `server: "${TLS}", certificate-authority-data: YQ==` }) },
    },
    {
      name: "CA and insecure",
      files: {
        kc: config({
          cluster: `server: "${TLS}", insecure-skip-tls-verify: true, certificate-authority-data: ${base64(ca)}`,
        }),
      },
    },
    {
      name: "a wrong CA",
      files: { kc: config({ cluster: `server: "${TLS}", certificate-authority-data: ${base64(otherCa)}` }) },
      start:
        "Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority",
    },
    { name: "no CA for a private server", files: { kc: config({ cluster: `server: "${TLS}"` }) } },
    { name: "a certificate for other names", files: { kc: config({}) }, flags: ["--tls-server-name=wrong.example"] },
    { name: "token and password", files: { kc: config({ user: "token: t, username: a, password: b" }) } },
    { name: "a group without a user", files: { kc: config({}) }, flags: ["--as-group=g"] },
    { name: "a certificate without a key", files: { kc: config({ user: "client-certificate-data: YQ==" }) } },
    {
      name: "a certificate that is no PEM",
      files: { kc: config({ user: "client-certificate-data: YQ==, client-key-data: YQ==" }) },
    },
    {
      name: "a certificate with another's key",
      files: {
        kc: config({
          user: `client-certificate-data: ${base64(client.certPem)}, client-key-data: ${base64(strayKey)}`,
        }),
      },
    },
    { name: "a missing token file", files: { kc: config({ user: "tokenFile: nope" }) } },
    { name: "exec without version and mode", files: { kc: config({ user: "exec: {command: x}" }) } },
    {
      name: "exec of an unknown version",
      files: { kc: config({ user: "exec: {command: x, apiVersion: v9, interactiveMode: Never}" }) },
    },
    {
      name: "exec with an unknown mode",
      files: {
        kc: config({
          user: "exec: {command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Sometimes}",
        }),
      },
    },
    {
      name: "a plugin that is not there",
      files: { kc: config({ user: exec("command: nonexistent-plugin, installHint: brew") }) },
      start: "Unable to connect to the server: getting credentials: exec: executable nonexistent-plugin not found",
    },
    {
      name: "a plugin that fails",
      files: { kc: config({ user: exec("command: ./plugin") }), plugin: "#!/bin/sh\nexit 7\n" },
    },
    {
      name: "a plugin that answers in another version",
      files: { kc: config({ user: exec("command: ./plugin") }), plugin: plugin('{"token":"t"}', "v1beta1") },
    },
    {
      name: "a plugin without status",
      files: { kc: config({ user: exec("command: ./plugin") }), plugin: plugin("null") },
    },
    {
      name: "a plugin without credentials",
      files: { kc: config({ user: exec("command: ./plugin") }), plugin: plugin("{}") },
    },
    {
      name: "a plugin with half a certificate",
      files: { kc: config({ user: exec("command: ./plugin") }), plugin: plugin('{"clientKeyData":"x"}') },
    },
    {
      name: "a plugin that needs a terminal",
      files: {
        kc: config({
          user: "exec: {command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}",
        }),
      },
    },
    {
      name: "a policy against plugins",
      files: {
        kc: config({ user: exec("command: ./plugin") }),
        plugin: plugin('{"token":"t"}'),
        ".kube/kuberc":
          "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\ncredentialPluginPolicy: DenyAll\n",
      },
    },
    {
      name: "the removed gcp provider",
      files: { kc: config({ user: "auth-provider: {name: gcp}" }) },
      start: "The gcp auth plugin has been removed",
    },
    { name: "an unknown provider", files: { kc: config({ user: "auth-provider: {name: foo}" }) } },
    {
      name: "a proxy of an unknown kind",
      files: { kc: config({ cluster: `server: "${TLS}", proxy-url: "ftp://x"` }) },
    },
    {
      name: "a server that is not there",
      files: { kc: config({ cluster: noTls.replace(TLS, "https://127.0.0.1:1") }) },
    },
    ...["https://127.0.0.1:1\\n", "https://127.0.0.1:1/a\\tb", "127.0.0.1:1\\0", "https://127.0.0.1:1/%zz"].map(
      (address) => ({
        name: `a server such as "${address}"`,
        files: { kc: config({ cluster: noTls.replace(TLS, address) }) },
      }),
    ),
    ...["http://127.0.0.1:1\\n", "http://127.0.0.1:1/%zz", "http://127.0.0.1:1/\\x01"].map((address) => ({
      name: `a proxy such as "${address}"`,
      files: { kc: config({ cluster: `${noTls}, proxy-url: "${address}"` }) },
      start: "invalid 'proxy-url' \"http://127.0.0.1:1",
    })),
    { name: "a token with a line end", files: { kc: config({ user: 'token: "a\\nb"' }) } },
    { name: "a token that a block scalar ends with a line end", files: { kc: config({ user: 'token: "abc\\n"' }) } },
    { name: "a token that would be headers", files: { kc: config({ user: 'token: "a\\r\\nX-Remote-User: root"' }) } },
    { name: "a token with a control character", files: { kc: config({ user: 'token: "a\\x7f"' }) } },
    {
      name: "a token with a line end, for a server that is not there",
      files: { kc: config({ cluster: noTls.replace(TLS, "https://127.0.0.1:1"), user: 'token: "a\\nb"' }) },
    },
    { name: "a line end within a token file", files: { kc: config({ user: "tokenFile: file" }), file: "a\nb\n" } },
    {
      name: "a line end in a plugin's token",
      files: { kc: config({ user: exec("command: ./plugin") }), plugin: plugin('{"token":"a\\nb"}') },
    },
    { name: "no kubeconfig at all", files: {}, env: {} },
    {
      name: "a cluster that the context names but nobody has",
      files: { kc: "contexts: [{name: x, context: {cluster: c}}]\ncurrent-context: x\n" },
    },
  ];

  return { answered, refused };
}
