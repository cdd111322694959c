import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { readConfig } from "../../lib/commands/config-file.ts";
import { BARE_CONFIG } from "../../lib/commands/config-flag.ts";

const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-config-"));
const before = process.cwd();
process.chdir(folder);
t.teardown(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, text: string) => {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), text);
};

const texts: { file: string; text: string; want: object }[] = [
  {
    file: "a.json",
    text: '{"target": {"path": "deploy/web", "namespace": "dev"}}',
    want: { action: "mirror", session: { target: { kind: "deployment", name: "web" }, namespace: "dev" } },
  },
  {
    file: "b.toml",
    text: '[target]\npath = "pod/p"\n[feature.network.incoming]\nmode = "steal"\n',
    want: { action: "steal", session: { target: { kind: "pod", name: "p" } } },
  },
  {
    file: "c.yaml",
    text: "target: job/j\nfeature:\n  copy_target:\n    scale_down: true\n",
    want: { action: "copy-scale-down" },
  },
  { file: "d.json", text: "{}", want: { action: "targetless", session: { target: { kind: "targetless" } } } },
  {
    file: "e.json",
    text: "{\"target\": \"deploy/{{ get_env(name='WHO', default='web') }}\"}",
    want: { session: { target: { name: "jim" } } },
  },
];
for (const { file, text, want } of texts) {
  t.test(`${file} is read as mirrord reads it`, async (t) => {
    write(file, text);
    t.match(readConfig(file, { WHO: "jim" }), want);
  });
}

t.test("without a name it is looked for where mirrord looks", async (t) => {
  t.throws(() => readConfig(BARE_CONFIG, {}), {
    message: /".mirrord\/mirrord.json": there is no such file/,
    hint: "Name the file: -f FILE.",
  });
  write(".mirrord/mirrord.json", '{"target": "deploy/here"}');
  t.match(readConfig(BARE_CONFIG, {}), { file: ".mirrord/mirrord.json", session: { target: { name: "here" } } });
});

t.test("the branch that is checked out is known to templates", async (t) => {
  write(".git/HEAD", "ref: refs/heads/feature/x\n");
  write("branch.json", `{"key": "{{ git_branch }}", "target": "deploy/web"}`);
  t.match(readConfig("branch.json", {}), { session: { key: { text: "feature/x" } } });
  write(".git/HEAD", "0123456789abcdef\n");
  write("free.json", `{"key": "{{ git_branch | default(value='none') }}", "target": "deploy/web"}`);
  t.match(readConfig("free.json", {}), { session: { key: { text: "none" } } }, "a commit has no branch");
});

const refused: { name: string; text: string; message: RegExp }[] = [
  { name: "unknown keys", text: '{"targett": "deploy/web"}', message: /targett/ },
  { name: "no JSON", text: "{target", message: /r.json/ },
  { name: "a template that cannot be rendered", text: '{"target": "deploy/{{ nope() }}"}', message: /r.json/ },
  {
    name: "stealing without a target",
    text: '{"feature": {"network": {"incoming": "steal"}}}',
    message: /targetless session cannot steal/,
  },
  {
    name: "a copy of a service",
    text: '{"target": "service/s", "feature": {"copy_target": true}}',
    message: /service target cannot be copied/,
  },
  {
    name: "a session without the operator",
    text: '{"operator": false, "target": "deploy/web"}',
    message: /does not go through the operator/,
  },
];
for (const { name, text, message } of refused) {
  t.test(`${name} is refused before anything is asked`, async (t) => {
    write("r.json", text);
    t.throws(() => readConfig("r.json", {}), { name: "UserError", kind: "usage", message });
  });
}

t.test("a folder is no configuration", async (t) => {
  t.throws(() => readConfig(".mirrord", {}), { message: /EISDIR/ });
});

t.test("what is not UTF-8 is no configuration, as for the client", async (t) => {
  writeFileSync(join(folder, "latin.json"), Buffer.from('{"target": "deploy/web", "key": "\xff"}', "latin1"));
  t.throws(() => readConfig("latin.json", {}), { kind: "usage", message: "latin.json: not valid UTF-8" });
});

t.test("an anchor that contains itself is refused", async (t) => {
  write("loop.yaml", "target: &t {path: *t}\n");
  t.throws(() => readConfig("loop.yaml", {}), { name: "UserError", message: /contains itself/ });
});

t.test(
  "a named pipe in place of git's own file is not waited for, and neither is a working folder that is gone",
  async (t) => {
    write("piped/a.json", '{"target": "deploy/web"}');
    mkdirSync(join(folder, "piped", ".git"));
    execFileSync("mkfifo", [join(folder, "piped", ".git", "HEAD")]);
    process.chdir(join(folder, "piped"));
    t.teardown(() => process.chdir(folder));
    t.match(readConfig("a.json", {}), { session: { target: { name: "web" } } });
    const gone = join(folder, "gone");
    mkdirSync(gone);
    process.chdir(gone);
    rmSync(gone, { recursive: true });
    t.match(readConfig(join(folder, "piped", "a.json"), {}), { session: { target: { name: "web" } } });
  },
);
