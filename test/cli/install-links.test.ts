import { chmodSync, lstatSync, readdirSync, readFileSync, readlinkSync, symlinkSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import process from "node:process";
import t from "tap";
import { execute } from "../../lib/cli/execute.ts";
import { installLinksCommand } from "../../lib/cli/install-links.ts";
import { fakeWorld } from "./fake-world.ts";

const program = "/home/me/.krew/bin/kubectl-mirrord";
const links = installLinksCommand(["grant", "can-i"], program);
const names = ["kubectl-mirrord-can_i", "kubectl-mirrord-grant"];
const posix = { skip: process.platform === "win32" && "a link needs a right there" };

t.test("each plugin has a link to the executable, as it was found on PATH", posix, async (t) => {
  const dir = t.testdir({});
  const world = fakeWorld({ env: { PATH: dir } });
  t.equal(await execute(links, ["--dir", dir], world), 0);
  t.same(readdirSync(dir), names);
  for (const name of names) t.equal(readlinkSync(join(dir, name)), program);
  t.equal(
    world.stdout,
    `${join(dir, "kubectl-mirrord-grant")} created\n${join(dir, "kubectl-mirrord-can_i")} created\n`,
  );
  t.equal(world.stderr, "");
});

t.test("a second time nothing changes; after an update links of ours are set anew", posix, async (t) => {
  const dir = t.testdir({});
  symlinkSync(program, join(dir, "kubectl-mirrord-grant"));
  symlinkSync("/opt/v1/kubectl-mirrord", join(dir, "kubectl-mirrord-can_i"));
  const world = fakeWorld();
  await execute(links, ["--dir", dir], world);
  t.match(world.stdout, /grant unchanged\n.*can_i configured\n/);
  t.equal(readlinkSync(join(dir, "kubectl-mirrord-can_i")), program);
  t.match(world.stderr, /is not on PATH/);
});

for (const { name, content } of [
  { name: "a file", content: { "kubectl-mirrord-can_i": "mine" } },
  { name: "a folder", content: { "kubectl-mirrord-can_i": {} } },
])
  t.test(`${name} of somebody else's is not replaced, and nothing is written beside it`, posix, async (t) => {
    const dir = t.testdir(content);
    await t.rejects(execute(links, ["--dir", dir], fakeWorld()), {
      kind: "usage",
      message: `${join(dir, "kubectl-mirrord-can_i")} is there already, and is another file`,
    });
    t.same(readdirSync(dir), ["kubectl-mirrord-can_i"]);
  });

t.test("somebody else's link is replaced when told to; what it points to is not", posix, async (t) => {
  const dir = t.testdir({ other: "not to be touched" });
  symlinkSync(join(dir, "other"), join(dir, "kubectl-mirrord-grant"));
  await t.rejects(execute(links, ["--dir", dir], fakeWorld()), { message: /is another file$/ });
  await execute(links, ["--dir", dir, "--force"], fakeWorld());
  t.ok(lstatSync(join(dir, "kubectl-mirrord-grant")).isSymbolicLink());
  t.equal(readFileSync(join(dir, "other"), "utf8"), "not to be touched");
});

t.test("what cannot be written is said, and leaves no draft", posix, async (t) => {
  const dir = t.testdir({ "kubectl-mirrord-can_i": { full: "" } });
  await t.rejects(execute(links, ["--dir", dir, "--force"], fakeWorld()), {
    kind: "undetermined",
    message: /^cannot write .*kubectl-mirrord-can_i: /,
  });
  t.same(readdirSync(dir), names);
  const file = t.testdir({ file: "" });
  await t.rejects(execute(links, ["--dir", join(file, "file")], fakeWorld()), { message: /is not a folder/ });
});

for (const { name, calledAs } of [
  { name: "by a path from the working folder", calledAs: "SOMEWHERE/kubectl-mirrord" },
  { name: "by its name alone", calledAs: "kubectl-mirrord" },
])
  t.test(`an executable that was called ${name} is linked by its whole path`, posix, async (t) => {
    const folder = t.testdir({ dir: {}, somewhere: { "kubectl-mirrord": "x" } });
    const executable = join(folder, "somewhere", "kubectl-mirrord");
    chmodSync(executable, 0o755);
    const called = calledAs.replace("SOMEWHERE", relative(process.cwd(), join(folder, "somewhere")));
    const world = fakeWorld({ env: { PATH: [folder, join(folder, "somewhere")].join(delimiter) } });
    await execute(installLinksCommand(["grant"], called), ["--dir", join(folder, "dir")], world);
    t.equal(readlinkSync(join(folder, "dir", "kubectl-mirrord-grant")), executable);
  });

t.test("an executable that is not found by its name is linked as the system runs it", posix, async (t) => {
  const dir = t.testdir({});
  await execute(installLinksCommand(["grant"], "kubectl-mirrord"), ["--dir", dir], fakeWorld({ env: {} }));
  t.equal(readlinkSync(join(dir, "kubectl-mirrord-grant")), process.execPath);
});

t.test("a script has nothing to link to", async (t) => {
  await t.rejects(execute(installLinksCommand(["grant"], undefined), ["--dir", "."], fakeWorld()), {
    kind: "usage",
    message: "there is nothing to link: this is no executable",
  });
});

t.test("on Windows a link ends as the executable does", posix, async (t) => {
  const dir = t.testdir({});
  await execute(installLinksCommand(["can-i"], "C:\\bin\\kubectl-mirrord.exe"), ["--dir", dir], fakeWorld());
  t.same(readdirSync(dir), ["kubectl-mirrord-can_i.exe"]);
});
