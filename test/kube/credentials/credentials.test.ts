import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { noCredentials } from "../../../lib/kube/config/connection-config.ts";
import type { UserCredentials } from "../../../lib/kube/config/connection-config.ts";
import { createCredentials } from "../../../lib/kube/credentials/credentials.ts";
import type { Credentials } from "../../../lib/kube/credentials/credentials.ts";
import { connectionTo } from "../fake-api.ts";

const API_VERSION = "client.authentication.k8s.io/v1";

interface Folder {
  testdir(content: Record<string, string>): string;
}

const silent: (text: string) => void = () => {};

async function connectCredentials(
  user: Partial<UserCredentials>,
  { home = "/nonexistent", signal = new AbortController().signal, warn = silent, unattended = false } = {},
): Promise<Credentials> {
  const machine = {
    env: { HOME: home, PATH: "/usr/bin:/bin", OUTER: "outer" },
    platform: process.platform,
    cwd: "/",
    readFile: (path: string) => readFileSync(path, "utf8"),
  };
  const config = connectionTo("https://127.0.0.1:1", { credentials: { ...noCredentials, ...user } });
  return createCredentials(config, { machine, kuberc: undefined, unattended, signal, warn });
}

/** A plugin that counts its runs, and answers what the shell makes of `status`. */
function plugin(t: Folder, status: string, before = ""): { user: Partial<UserCredentials>; runs(): number } {
  const folder = t.testdir({ runs: "" });
  const command = join(folder, "plugin");
  writeFileSync(
    command,
    `#!/bin/sh\necho run >> ${folder}/runs\nN=$(wc -l < ${folder}/runs | tr -d ' ')\n${before}\ncat <<END\n` +
      `{"apiVersion": "${API_VERSION}", "kind": "ExecCredential", "status": ${status}}\nEND\n`,
  );
  chmodSync(command, 0o755);
  const exec = {
    command,
    args: [],
    env: [{ name: "INNER", value: "inner" }],
    apiVersion: API_VERSION,
    installHint: "",
    provideClusterInfo: false,
    interactiveMode: "IfAvailable",
  };
  return { user: { exec }, runs: () => readFileSync(join(folder, "runs"), "utf8").split("\n").length - 1 };
}

const inFuture = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString();

t.test("a plugin runs once for all that wait, and its credential is kept", async (t) => {
  const { user, runs } = plugin(t, '{"token": "t-$N"}');
  const credentials = await connectCredentials(user);
  t.equal(runs(), 0, "not before it is needed");
  const all = await Promise.all(Array.from({ length: 20 }, () => credentials.current()));
  t.ok(all.every(({ authorization }) => authorization === "Bearer t-1"));
  t.match(await credentials.current(), { authorization: "Bearer t-1" });
  t.equal(runs(), 1);
});

t.test("a credential about to expire is asked for again, a lasting one is not", async (t) => {
  const ending = plugin(t, `{"token": "t-$N", "expirationTimestamp": "${inFuture(5000)}"}`);
  const credentials = await connectCredentials(ending.user);
  await credentials.current();
  t.match(await Promise.all([credentials.current(), credentials.current()]), [
    { authorization: "Bearer t-2" },
    { authorization: /^Bearer t-[23]$/ },
  ]);

  const lasting = plugin(t, `{"token": "t-$N", "expirationTimestamp": "${inFuture(60_000)}"}`);
  const kept = await connectCredentials(lasting.user);
  await kept.current();
  t.match(await kept.current(), { authorization: "Bearer t-1" });
});

t.test("a rejected credential is asked for again, by the first who was rejected", async (t) => {
  const { user, runs } = plugin(t, '{"token": "t-$N"}');
  const credentials = await connectCredentials(user);
  const rejected = await credentials.current();
  t.equal(await credentials.renew(rejected), true);
  t.equal(await credentials.renew(rejected), true, "another one is there already");
  t.match(await credentials.current(), { authorization: "Bearer t-2" });
  t.equal(runs(), 2);

  const same = plugin(t, '{"token": "always"}');
  const stubborn = await connectCredentials(same.user);
  t.equal(await stubborn.renew(await stubborn.current()), false, "the same again is of no use");
});

const bareAnswers: { name: string; answer: string; want: string | RegExp }[] = [
  {
    name: "a kind that is left out is that of the object decoded into",
    answer: `{"apiVersion": "${API_VERSION}", "status": {"token": "t"}}`,
    want: "Bearer t",
  },
  {
    name: "another kind is none",
    answer: `{"apiVersion": "${API_VERSION}", "kind": "Secret", "status": {"token": "t"}}`,
    want: /decoding stdout: it is no ExecCredential/,
  },
  {
    name: "two objects are none",
    answer: `{"apiVersion": "${API_VERSION}", "kind": "ExecCredential", "status": {"token": "t"}}\n`.repeat(2),
    want: /decoding stdout: more than one object/,
  },
  ...["2030-01-01", "2030-01-01 00:00:00Z", "Tue, 01 Jan 2030 00:00:00 GMT", "2030-13-01T00:00:00Z", ""].map(
    (time) => ({
      name: `${JSON.stringify(time)} is no end`,
      answer: `{"apiVersion": "${API_VERSION}", "kind": "ExecCredential", "status": {"token": "t", "expirationTimestamp": "${time}"}}`,
      want: /expirationTimestamp is no RFC 3339 time/,
    }),
  ),
  ...["2030-01-01T00:00:00Z", "2030-01-01T00:00:00.5+02:00"].map((time) => ({
    name: `${time} is an end`,
    answer: `{"apiVersion": "${API_VERSION}", "kind": "ExecCredential", "status": {"token": "t", "expirationTimestamp": "${time}"}}`,
    want: "Bearer t",
  })),
];
for (const { name, answer, want } of bareAnswers) {
  t.test(`what a plugin prints: ${name}`, async (t) => {
    const { user } = plugin(t, "{}", `cat <<'ANSWER'\n${answer}\nANSWER\nexit`);
    const current = (await connectCredentials(user)).current();
    if (typeof want === "string") t.match(await current, { authorization: want });
    else await t.rejects(current, { name: "UserError", kind: "undetermined", message: want });
  });
}

for (const exec of [{ args: ["s3cret\0"] }, { env: [{ name: "A", value: "s3cret\0" }] }])
  t.test(`no plugin can be given a NUL: ${Object.keys(exec).join()}`, async (t) => {
    const { user } = plugin(t, '{"token": "t"}');
    await t.rejects((await connectCredentials({ exec: { ...user.exec!, ...exec } })).current(), {
      name: "UserError",
      kind: "undetermined",
      message: /getting credentials: exec: an argument or a variable has a NUL character$/,
    });
  });

t.test("a plugin that fails may work the next time", async (t) => {
  const { user } = plugin(t, '{"token": "t-$N"}', '[ "$N" -gt 1 ] || exit 3');
  const credentials = await connectCredentials(user);
  await t.rejects(credentials.current(), {
    kind: "undetermined",
    message:
      /^Unable to connect to the server: getting credentials: exec: executable .*plugin failed with exit code 3$/,
  });
  t.match(await credentials.current(), { authorization: "Bearer t-2" });
});

t.test("a plugin's environment: ours, its own, and no trace of a packaged executable", async (t) => {
  const { user } = plugin(
    t,
    '{"token": "$OUTER-$INNER-${PKG_EXECPATH-unset}-$(echo $KUBERNETES_EXEC_INFO | tr -d \'\\\\"\')"}',
  );
  const { authorization = "" } = await (await connectCredentials(user)).current();
  t.equal(
    authorization,
    `Bearer outer-inner--{kind:ExecCredential,apiVersion:${API_VERSION},spec:{interactive:false}}`,
  );
});

t.test("what a plugin prints is never in an error", async (t) => {
  for (const status of [
    '{"token": "s3cret',
    '{"clientKeyData": "s3cret"}',
    '"s3cret"',
    '{"token": "s3cret", "expirationTimestamp": "s3cret"}',
  ]) {
    const { user } = plugin(t, status);
    const error: unknown = await (await connectCredentials(user)).current().catch((cause: unknown) => cause);
    t.ok(error instanceof Error);
    t.notMatch(error instanceof Error ? `${error.stack}${String(error.cause)}` : "", /s3cret/);
  }
});

const hasProcesses = { skip: process.platform !== "linux" && "who leads a session is read from /proc" };
t.test("a plugin has no terminal where nobody is there to answer", hasProcesses, async (t) => {
  // The sixth word is the session; who leads one of its own has no terminal.
  const before = 'read -r _ _ _ _ _ session _ </proc/$$/stat; [ "$session" = $$ ] && LEADS=yes; echo noise >&2';
  const { user } = plugin(
    t,
    '{"token": "${LEADS:-no} $(echo "$KUBERNETES_EXEC_INFO" | grep -c interactive.:false)"}',
    before,
  );
  const attended = await connectCredentials(user);
  t.equal((await attended.current()).authorization, "Bearer no 1", "no terminal here either, but the same session");
  const unattended = await connectCredentials(user, { unattended: true });
  t.equal((await unattended.current()).authorization, "Bearer yes 1");
});

t.test("Ctrl-C ends a plugin that waits", async (t) => {
  const { user } = plugin(t, "{}", "exec sleep 60");
  const abort = new AbortController();
  const credentials = await connectCredentials(user, { signal: abort.signal });
  const waiting = credentials.current();
  abort.abort();
  await t.rejects(waiting, { name: "AbortError" });
});

const policies: { name: string; kuberc: string; want: object }[] = [
  { name: "none", kuberc: "", want: { authorization: "Bearer t" } },
  {
    name: "an older version has no policy",
    kuberc: "apiVersion: kubectl.config.k8s.io/v1alpha1\nkind: Preference\ncredentialPluginPolicy: DenyAll\n",
    want: { authorization: "Bearer t" },
  },
  { name: "AllowAll", kuberc: "credentialPluginPolicy: AllowAll", want: { authorization: "Bearer t" } },
  {
    name: "DenyAll",
    kuberc: "credentialPluginPolicy: DenyAll",
    want: { message: /not allowed: policy set to "DenyAll"$/ },
  },
  {
    name: "on the list by path",
    kuberc: "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{command: COMMAND}]",
    want: { authorization: "Bearer t" },
  },
  {
    name: "not on the list",
    kuberc: "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{command: other}]",
    want: { message: /not permitted by the credential plugin allowlist$/ },
  },
  {
    name: "the same name elsewhere",
    kuberc: "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{command: /usr/bin/plugin}]",
    want: { message: /not permitted/ },
  },
  { name: "no list", kuberc: "credentialPluginPolicy: Allowlist", want: { message: /allowlist is unspecified/ } },
  {
    name: "an empty list",
    kuberc: "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: []",
    want: { message: /allowlist is empty/ },
  },
  {
    name: "an entry without command",
    kuberc: "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{}]",
    want: { message: /empty allowlist entry #1/ },
  },
  {
    name: "a list without the policy",
    kuberc: "credentialPluginAllowlist: [{command: x}]",
    want: { message: /allowlist is non-nil/ },
  },
  {
    name: "an unknown policy",
    kuberc: "credentialPluginPolicy: Some",
    want: { message: /unknown plugin policy: "Some"/ },
  },
];
for (const { name, kuberc, want } of policies) {
  t.test(`plugin policy: ${name}`, async (t) => {
    const { user } = plugin(t, '{"token": "t"}');
    const header = kuberc.startsWith("apiVersion")
      ? ""
      : "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n";
    const text = kuberc === "" ? "" : header + kuberc.replace("COMMAND", user.exec?.command ?? "");
    const credentials = await connectCredentials(user, { home: homeWith(t, text) });
    t.match(await credentials.current().catch((error: unknown) => error), want);
  });
}

function homeWith({ testdirName }: { testdirName: string }, kuberc: string): string {
  const home = join(testdirName, "home");
  mkdirSync(join(home, ".kube"), { recursive: true });
  writeFileSync(join(home, ".kube", "kuberc"), kuberc);
  return home;
}

t.test("a kuberc that cannot be read is warned of, and counts as none", async (t) => {
  const { user } = plugin(t, '{"token": "t"}');
  const warnings: string[] = [];
  const credentials = await connectCredentials(user, {
    home: homeWith(t, "a: ["),
    warn: (text) => warnings.push(text),
  });
  t.match(await credentials.current(), { authorization: "Bearer t" });
  t.match(warnings, [/^kuberc: no preferences loaded from .*kuberc: yaml: line/]);
});

t.test("a token file is read again when the server rejects the token", async (t) => {
  const tokenFile = join(t.testdir({ token: " one\n" }), "token");
  const credentials = await connectCredentials({ tokenFile });
  const first = await credentials.current();
  t.equal(first.authorization, "Bearer one");
  writeFileSync(tokenFile, "two\n");
  t.equal((await credentials.current()).authorization, "Bearer one", "not for every request");
  t.equal(await credentials.renew(first), true);
  const second = await credentials.current();
  t.equal(second.authorization, "Bearer two");
  t.equal(await credentials.renew(second), false);
});

t.test("a token file that is empty or gone", async (t) => {
  const tokenFile = join(t.testdir({ token: "\n" }), "token");
  await t.rejects((await connectCredentials({ tokenFile })).current(), { message: /^read empty token from file/ });
  await t.rejects((await connectCredentials({ tokenFile: `${tokenFile}.gone` })).current(), {
    kind: "undetermined",
    message: /^failed to read token file ".*\.gone": open .*: no such file or directory$/,
  });
  const { authorization } = await (await connectCredentials({ tokenFile, token: "fallback" })).current();
  t.equal(authorization, "Bearer fallback");
});

t.test("an id-token that is still valid needs no provider", async (t) => {
  const payload = Buffer.from(JSON.stringify({ exp: Date.now() / 1000 + 3600 })).toString("base64url");
  const config = { "idp-issuer-url": "https://127.0.0.1:1", "client-id": "x", "id-token": `e30.${payload}.c2ln` };
  const { authorization } = await (await connectCredentials({ authProvider: { name: "oidc", config } })).current();
  t.equal(authorization, `Bearer e30.${payload}.c2ln`);
});
