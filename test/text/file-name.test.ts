import t from "tap";
import { fileName } from "../../lib/text/file-name.ts";

const names: [name: string, file: string][] = [
  ["no-steal.yaml", "no-steal.yaml"],
  ["mirrord:role:user.yaml", "mirrord_role_user.yaml"],
  ["../../home/x.yaml", "__.._home_x.yaml"],
  ["..", "_"],
  ["", "_"],
  ["a\0b\n", "a_b_"],
  [`${"a".repeat(253)}.yaml`, `${"a".repeat(195)}.yaml`],
  ["ä".repeat(300), "_".repeat(200)],
];
for (const [name, file] of names) t.equal(fileName(name), file, JSON.stringify(name.slice(0, 40)));
