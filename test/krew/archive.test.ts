import { chmodSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import t from "tap";
import { entries, pack } from "../../krew/archive.ts";

const posix = { skip: process.platform === "win32" && "releases are made on Linux" };

t.test("an archive is the same whenever its files were written", posix, async (t) => {
  const folder = t.testdir({ program: "#!/bin/sh\n", LICENSE: "text", more: { inside: "more" } });
  const names = ["program", "LICENSE", "more"];
  chmodSync(join(folder, "program"), 0o755);
  await pack(join(folder, "one.tar.gz"), folder, names);
  for (const name of names) utimesSync(join(folder, name), new Date(1e12), new Date(1e12));
  await pack(join(folder, "two.tar.gz"), folder, names);
  const [one, two] = ["one", "two"].map((name) => readFileSync(join(folder, `${name}.tar.gz`)));
  t.ok(one?.equals(two ?? Buffer.alloc(0)));
  t.same(one?.subarray(0, 8), Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]), "gzip, without a name and a time");
  t.match(await entries(join(folder, "one.tar.gz")), [
    { path: "program", type: "File", mode: 0o755, bytes: 10 },
    { path: "LICENSE", type: "File", bytes: 4 },
    { path: "more/", type: "Directory" },
    { path: "more/inside", type: "File", bytes: 4 },
  ]);
});

t.test("what cannot be packed, or written, is no archive", posix, async (t) => {
  const folder = t.testdir({ LICENSE: "text" });
  await t.rejects(pack(join(folder, "one.tar.gz"), folder, ["program"]), { code: "ENOENT" });
  await t.rejects(pack(join(folder, "nowhere", "one.tar.gz"), folder, ["LICENSE"]), { code: "ENOENT" });
});
