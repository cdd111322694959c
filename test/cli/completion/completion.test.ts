import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { completeCommand, completionCommand } from "../../../lib/cli/completion/completion.ts";
import { command } from "../../../lib/cli/grammar/command.ts";
import { execute } from "../../../lib/cli/execute.ts";
import { fakeWorld } from "../fake-world.ts";

const completion = completionCommand(["grant", "can-i"]);
const shim = '#!/bin/sh\nexec kubectl mirrord __complete "$@"\n';
const posix = { skip: process.platform === "win32" && "the file is another one" };

t.test("install writes the executable that kubectl asks, once", posix, async (t) => {
  const dir = t.testdir({});
  const file = join(dir, "kubectl_complete-mirrord");
  const world = fakeWorld({ env: { PATH: `/nowhere:${dir}` } });

  t.equal(await execute(completion, ["install", "--dir", dir], world), 0);
  t.equal(readFileSync(file, "utf8"), shim);
  t.equal(statSync(file).mode & 0o111, 0o111);
  const own = ["kubectl_complete-mirrord-can_i", "kubectl_complete-mirrord-grant"];
  t.same(readdirSync(dir), ["kubectl_complete-mirrord", ...own]);
  t.equal(readFileSync(join(dir, own[0] ?? ""), "utf8"), '#!/bin/sh\nexec kubectl mirrord __complete can-i "$@"\n');

  await execute(completion, ["install", "--dir", dir], world);
  chmodSync(file, 0o644);
  await execute(completion, ["install", "--dir", dir], world);
  t.equal(statSync(file).mode & 0o111, 0o111);
  const told = world.stdout.split("\n").filter((line) => line.startsWith(`${file} `));
  t.same(told, [`${file} created`, `${file} unchanged`, `${file} configured`]);
  t.equal(world.stderr, "");
});

t.test("install says when the folder is not on PATH", posix, async (t) => {
  const dir = t.testdir({});
  const world = fakeWorld();
  await execute(completion, ["install", "--dir", dir], world);
  t.match(world.stderr, /is not on PATH/);
});

t.test("install replaces another file only when told to", posix, async (t) => {
  const dir = t.testdir({ "kubectl_complete-mirrord": "mine", other: "not to be touched" });
  const file = join(dir, "kubectl_complete-mirrord");
  await t.rejects(execute(completion, ["install", "--dir", dir], fakeWorld()), {
    kind: "usage",
    message: `${file} is there already, and is another file`,
    hint: "To replace it, add --force.",
  });
  t.equal(readFileSync(file, "utf8"), "mine");
  t.same(readdirSync(dir), ["kubectl_complete-mirrord", "other"], "and nothing is written beside it");
  await execute(completion, ["install", "--force", "--dir", dir], fakeWorld());
  t.equal(readFileSync(file, "utf8"), shim);
});

t.test("install replaces a link, not what it points to", posix, async (t) => {
  const dir = t.testdir({ other: "not to be touched", bin: {} });
  symlinkSync(join(dir, "other"), join(dir, "bin", "kubectl_complete-mirrord"));
  await execute(completion, ["install", "--force", "--dir", join(dir, "bin")], fakeWorld());
  t.equal(readFileSync(join(dir, "other"), "utf8"), "not to be touched");
});

t.test("install needs a folder", posix, async (t) => {
  const dir = t.testdir({ file: "" });
  for (const wrong of [join(dir, "missing"), join(dir, "file")])
    await t.rejects(execute(completion, ["install", "--dir", wrong], fakeWorld()), {
      kind: "usage",
      message: `${wrong} is not a folder`,
    });
  await t.rejects(execute(completion, ["install"], fakeWorld()), { message: 'required flag "--dir" not set' });
});

t.test("install where something that is no file has the name", posix, async (t) => {
  const dir = t.testdir({});
  mkdirSync(join(dir, "kubectl_complete-mirrord"));
  writeFileSync(join(dir, "kubectl_complete-mirrord", "x"), "");
  await t.rejects(execute(completion, ["install", "--force", "--dir", dir], fakeWorld()), {
    kind: "undetermined",
    message: /^cannot write .*EISDIR/,
  });
});

t.test("a shell's lines can be sourced; without a shell, all are shown", async (t) => {
  const bash = fakeWorld();
  await execute(completion, ["bash"], bash);
  const lines = bash.stdout.trimEnd().split("\n");
  t.equal(lines.at(-1), "source <(kubectl completion bash)");
  t.ok(lines.slice(0, -1).every((line) => line.startsWith("#")));

  const all = fakeWorld();
  await execute(completion, [], all);
  for (const shell of ["bash", "zsh", "fish", "powershell"]) t.match(all.stdout, `#   ${shell}: `);
  await t.rejects(execute(completion, ["tcsh"], fakeWorld()), { message: /invalid SHELL "tcsh"/ });
});

t.test("__complete takes the words as they are", async (t) => {
  const root = command({
    name: "",
    summary: "",
    usage: "",
    verbs: [
      command({
        name: "can-i",
        summary: "Ask.",
        usage: "",
        flags: { as: { type: "string", describe: "As." } },
      }),
    ],
  });
  const world = fakeWorld();
  t.equal(await execute(completeCommand(root, {}), ["can-i", "--as"], world), 0);
  t.equal(world.stdout, "--as\tAs.\n:4\n");
});
