// The build itself takes minutes and is proved by every test that starts a control plane; here `go` is a script.
import { execFile } from "node:child_process";
import { chmodSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import t from "tap";
import { resolveBinaries } from "./binaries.ts";

const names = ["KUBEBUILDER_ASSETS", "XDG_CACHE_HOME", "PATH"] as const;
type Environment = Partial<Record<(typeof names)[number], string>>;

/** Replaces these variables, unset ones included, and puts them back. */
async function withEnvironment<Value>(environment: Environment, body: () => Promise<Value>): Promise<Value> {
  const before = names.map((name) => [name, process.env[name]] as const);
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  for (const name of names) set(name, environment[name]);
  try {
    return await body();
  } finally {
    for (const [name, value] of before) set(name, value);
  }
}

/** A `go` that writes down its calls and what it is told to build; `line` runs first. */
function fakeGo(folder: string, line = ":"): string {
  const path = join(folder, "go");
  const script = `#!/bin/sh
echo "$@" >> "${folder}/calls"
${line}
while [ "$1" != -o ]; do shift; done
echo "built by $$" > "$2"
`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return `${folder}:/bin:/usr/bin`;
}

const allAssets = { etcd: "", "kube-apiserver": "", "kube-controller-manager": "", kubectl: "" };

t.test("a complete KUBEBUILDER_ASSETS is taken before anything else", async (t) => {
  const assets = t.testdir(allAssets);
  const binaries = await withEnvironment({ KUBEBUILDER_ASSETS: assets }, () => resolveBinaries(t.fail));
  t.strictSame(binaries, {
    etcd: [join(assets, "etcd")],
    apiServer: [join(assets, "kube-apiserver")],
    controllerManager: [join(assets, "kube-controller-manager")],
    kubectl: join(assets, "kubectl"),
  });
});

t.test("an incomplete KUBEBUILDER_ASSETS is said to be so, and not used", async (t) => {
  const folder = t.testdir({ assets: { etcd: "", kubectl: "" }, bin: {} });
  const environment = {
    KUBEBUILDER_ASSETS: join(folder, "assets"),
    XDG_CACHE_HOME: join(folder, "cache"),
    PATH: fakeGo(join(folder, "bin")),
  };
  const lines: string[] = [];
  const { etcd } = await withEnvironment(environment, () => resolveBinaries((line) => lines.push(line)));
  t.match(etcd[0], join(folder, "cache"));
  t.match(lines[0], "KUBEBUILDER_ASSETS has no kube-apiserver, no kube-controller-manager");
});

t.test("what is missing is built once and found again", async (t) => {
  const folder = t.testdir({ bin: {} });
  const environment = { XDG_CACHE_HOME: join(folder, "cache"), PATH: fakeGo(join(folder, "bin")) };
  const first = await withEnvironment(environment, () => resolveBinaries(() => {}));
  t.match(readFileSync(first.kubectl, "utf8"), /^built by/);
  t.strictSame(await withEnvironment(environment, () => resolveBinaries(t.fail)), first);
  const calls = readFileSync(join(folder, "bin", "calls"), "utf8")
    .trim()
    .split("\n");
  t.equal(calls.length, 2, "one build for the parts, one for kubectl");
  t.match(calls[0], /^build .*-trimpath .*gitVersion=v1\.36\.\d+ .*\.$/);
  t.match(calls[1], /k8s\.io\/kubernetes\/cmd\/kubectl$/);
});

t.test("two processes that build at once both succeed, and leave whole files only", async (t) => {
  const folder = t.testdir({ bin: {} });
  const env = { XDG_CACHE_HOME: join(folder, "cache"), PATH: fakeGo(join(folder, "bin")) };
  const program = `import { resolveBinaries } from ${JSON.stringify(import.meta.resolve("./binaries.ts"))};
    process.stdout.write((await resolveBinaries(() => {})).kubectl);`;
  const build = async () => promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], { env });
  const [one, other] = await Promise.all([build(), build()]);
  t.equal(one.stdout, other.stdout);
  t.strictSame(readdirSync(join(one.stdout, "..")).toSorted(), ["control-plane", "kubectl"]);
});

t.test("without Go the error says what to install", async (t) => {
  const folder = t.testdir({ bin: {} });
  const environment = { XDG_CACHE_HOME: join(folder, "cache"), PATH: join(folder, "bin") };
  await t.rejects(
    withEnvironment(environment, () => resolveBinaries(() => {})),
    {
      message: /^Go is not on PATH\.\nInstall Go 1\.26 or newer .*KUBEBUILDER_ASSETS/s,
    },
  );
});

t.test("a failed build shows what Go said, and leaves nothing that looks built", async (t) => {
  const folder = t.testdir({ bin: {} });
  const environment = {
    XDG_CACHE_HOME: join(folder, "cache"),
    PATH: fakeGo(join(folder, "bin"), 'echo "./main.go:3:1: syntax error" >&2; exit 1'),
  };
  await t.rejects(
    withEnvironment(environment, () => resolveBinaries(() => {})),
    {
      message: /^go build failed:\n.*syntax error\nInstall Go/s,
    },
  );
  const built = readdirSync(environment.XDG_CACHE_HOME, { recursive: true, withFileTypes: true });
  t.strictSame(
    built.filter((entry) => entry.isFile()).map((entry) => entry.name),
    [],
  );
});
