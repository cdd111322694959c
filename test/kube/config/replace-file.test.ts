import { lstatSync, readFileSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { replaceFile } from "../../../lib/kube/config/replace-file.ts";

const isPosix = process.platform !== "win32";

t.test("a file is new, or takes the place of another, with the permissions that are wanted", async (t) => {
  const folder = t.testdir({ old: "old" });
  for (const name of ["old", "new"])
    for (const mode of [0o644, 0o600]) {
      replaceFile(join(folder, name), `${mode}`, { mode });
      t.equal(readFileSync(join(folder, name), "utf8"), `${mode}`);
      if (isPosix) t.equal(statSync(join(folder, name)).mode & 0o777, mode);
    }
  t.same(readdirSync(folder), ["new", "old"]);
});

t.test("a draft that somebody has left, or made a link, is not written through", { skip: !isPosix }, async (t) => {
  const folder = t.testdir({ victim: "kept" });
  const [file, draft] = [join(folder, "file"), join(folder, "draft")];
  symlinkSync(join(folder, "victim"), draft);
  symlinkSync(join(folder, "victim"), file);
  replaceFile(file, "text", { mode: 0o600, draft });
  t.equal(readFileSync(join(folder, "victim"), "utf8"), "kept");
  t.ok(lstatSync(file).isFile());
  t.same(readdirSync(folder), ["file", "victim"]);
});

t.test("what cannot be replaced stays, and no draft is left", async (t) => {
  const folder = t.testdir({ sub: { inner: "kept" } });
  t.throws(() => replaceFile(join(folder, "sub"), "text", { mode: 0o600 }), { name: "Error" });
  t.same(readdirSync(folder), ["sub"]);
  t.equal(readFileSync(join(folder, "sub", "inner"), "utf8"), "kept");
});
