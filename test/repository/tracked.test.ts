// What is in the repository is there for everybody who clones it.
import { execFileSync } from "node:child_process";
import { readlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import t from "tap";

const root = join(import.meta.dirname, "../..");
const git = (...words: string[]) =>
  execFileSync("git", ["-C", root, ...words], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line !== "");

t.test("nothing is tracked that is ignored", (t) => {
  t.ok(git("ls-files").length > 100);
  t.same(git("ls-files", "--cached", "--ignored", "--exclude-standard"), []);
  t.end();
});

t.test("a link leads to what is tracked as well: another path is there on one machine only", (t) => {
  const tracked = new Set(git("ls-files"));
  const links = git("ls-files", "--stage").flatMap((line) => /^120000 .*\t(.*)$/.exec(line)?.[1] ?? []);
  t.ok(links.length > 0);
  t.same(
    links.filter((link) => !tracked.has(join(dirname(link), readlinkSync(join(root, link))))),
    [],
  );
  t.end();
});
