import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import t from "tap";
import { editText, newFile } from "../../lib/cli/editor.ts";

const posix = { skip: process.platform === "win32" && "editors here are shell scripts" };

t.test("what the editor left in the file is the text, and the file goes", posix, async (t) => {
  const seen = join(t.testdir({}), "seen");
  const editor = `f() { echo "$1" > '${seen}'; echo more >> "$1"; }; f`;
  t.equal(await editText("one\n", "policy.yaml", { KUBE_EDITOR: editor, EDITOR: "false" }), "one\nmore\n");
  const file = readFileSync(seen, "utf8").trim();
  t.match(file, /policy\.yaml$/);
  t.notOk(existsSync(join(file, "..")));
  t.equal(await editText("one\n", "x", { EDITOR: "true" }), "one\n");
  t.equal(await editText("one\n", "x", { KUBE_EDITOR: "", EDITOR: "true" }), "one\n", "an empty variable is none");
});

t.test("a name that a server made up leads to no other file, and nothing beside goes", posix, async (t) => {
  const folder = t.testdir({ victim: { "x.yaml": "precious" }, tmp: {} });
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = join(folder, "tmp");
  t.teardown(() => (before === undefined ? delete process.env["TMPDIR"] : (process.env["TMPDIR"] = before)));
  for (const name of ["../../victim/x.yaml", "", "..", ".", `${"a".repeat(253)}.yaml`, "a\0b.yaml"])
    t.equal(await editText("one\n", name, { EDITOR: "true" }), "one\n", JSON.stringify(name.slice(0, 30)));
  const kept = newFile("text", "../../victim/x.yaml");
  t.ok(kept.startsWith(join(folder, "tmp")), kept);
  t.equal(readFileSync(join(folder, "victim", "x.yaml"), "utf8"), "precious");
  t.same(readdirSync(join(folder, "tmp")), [basename(dirname(kept))], "only what is to stay");
});

t.test("an editor that fails changes nothing", posix, async (t) => {
  for (const editor of ["false", "no-such-editor-anywhere", "kill -9 $$; true"])
    await t.rejects(editText("one\n", "x", { EDITOR: editor, PATH: process.env["PATH"] }), {
      kind: "usage",
      message: `there was a problem with the editor ${JSON.stringify(editor)}`,
    });
});

t.test("a file that stays is the user's alone", async (t) => {
  const file = newFile("text", "policy.yaml");
  t.teardown(() => rmSync(join(file, ".."), { recursive: true }));
  t.equal(readFileSync(file, "utf8"), "text");
  if (process.platform !== "win32") t.equal(statSync(file).mode & 0o777, 0o600);
});
