import { chmodSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import t from "tap";
import { noteIfHidden } from "../../lib/cli/path-folder.ts";
import { fakeWorld } from "./fake-world.ts";

const posix = { skip: process.platform === "win32" && "modes and links of POSIX" };

// `dir` has the plugin; what lies before it on PATH differs.
const cases: {
  name: string;
  before?: Parameters<typeof t.testdir>[0];
  mode?: number;
  path?: string[];
  says?: RegExp;
}[] = [
  { name: "nothing of its name", before: {} },
  {
    name: "a program of its name",
    before: { "kubectl-mirrord-grant": "x" },
    mode: 0o755,
    says: /^\S+before.kubectl-mirrord-grant comes first on PATH: kubectl runs it in place of \S+dir.kubectl-mirrord-grant\.\n$/,
  },
  { name: "a file that cannot be run", before: { "kubectl-mirrord-grant": "x" }, mode: 0o644 },
  { name: "a folder", before: { "kubectl-mirrord-grant": {} }, mode: 0o755 },
  {
    name: "a program of its name, after it",
    before: { "kubectl-mirrord-grant": "x" },
    mode: 0o755,
    path: ["dir", "before"],
  },
  { name: "the same folder, by a link", path: ["link", "dir"] },
  { name: "a folder that is not there", path: ["nowhere", "dir"] },
  {
    name: "the folder is not on PATH",
    path: ["before"],
    says: /^\S+dir is not on PATH: kubectl will not find the files there\.\n$/,
  },
];
for (const { name, before = {}, mode, path = ["before", "dir"], says } of cases)
  t.test(`what was written and kubectl does not run is said: ${name}`, posix, async (t) => {
    const folder = t.testdir({ before, dir: { "kubectl-mirrord-grant": "ours" } });
    const at = (...words: string[]) => join(folder, ...words);
    chmodSync(at("dir", "kubectl-mirrord-grant"), 0o755);
    if (mode !== undefined) chmodSync(at("before", "kubectl-mirrord-grant"), mode);
    symlinkSync(at("dir"), at("link"));
    const world = fakeWorld({ env: { PATH: path.map((one) => at(one)).join(delimiter) } });
    await noteIfHidden([at("dir", "kubectl-mirrord-grant")], at("dir"), world);
    if (says === undefined) t.equal(world.stderr, "");
    else t.match(world.stderr, says);
  });
