import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { showByProgram } from "../../lib/cli/external-diff.ts";

const posix = { skip: process.platform === "win32" && "programs here are shell scripts" };

/** A program that writes down its words and what is in its last two folders, and ends with a code. */
function program(t: Test, code: number): { path: string; seen: () => string } {
  const folder = t.testdir({});
  const [path, seen] = [join(folder, "program"), join(folder, "seen")];
  const lines = [
    "#!/bin/sh",
    `exec > '${seen}'`,
    'while [ "$#" -gt 2 ]; do echo "flag $1"; shift; done',
    'for folder in "$1" "$2"; do',
    '  echo "${folder##*/}"',
    '  for file in "$folder"/*; do [ -f "$file" ] && echo "${file##*/}: $(cat "$file")"; done',
    "done",
    `exit ${code}`,
  ];
  writeFileSync(path, `${lines.join("\n")}\n`, { mode: 0o755 });
  return { path, seen: () => readFileSync(seen, "utf8") };
}

const texts = [
  { name: "v1.Policy.dev.a", before: "old", after: "new" },
  { name: "v1.Policy..mirrord:grant/b", before: "", after: "made" },
  { name: "v1.Policy.dev.c", before: "gone", after: "" },
];

t.test("the program gets two folders, and only its plain flags", posix, async (t) => {
  const { path, seen } = program(t, 1);
  await showByProgram(`${path} -u --color=never ;rm $HOME`, texts, process.env);
  t.equal(
    seen(),
    [
      "flag -u",
      "flag --color=never",
      "LIVE",
      "v1.Policy.dev.a: old",
      "v1.Policy.dev.c: gone",
      "MERGED",
      "v1.Policy..mirrord_grant_b: made",
      "v1.Policy.dev.a: new",
      "",
    ].join("\n"),
  );
});

t.test(
  "objects whose names differ in what no file name can hold have a file each, however long they are",
  posix,
  async (t) => {
    const { path, seen } = program(t, 0);
    const long = `v1.Policy.dev.${"a".repeat(253)}`;
    const names = ["a:b", "a_b", "A_b", long, `${long}b`, "../../a"];
    await showByProgram(
      path,
      names.map((name) => ({ name, before: "", after: name })),
      process.env,
    );
    const shown = seen().split("\n").slice(2, -1);
    t.equal(shown.length, names.length);
    t.same(shown.map((line) => line.replace(/^[^:]*: /, "")).toSorted(), names.toSorted());
  },
);

t.test("0 and 1 are its answers, anything else is a failure", posix, async (t) => {
  await showByProgram(program(t, 0).path, texts, process.env);
  await t.rejects(showByProgram(program(t, 2).path, texts, process.env), {
    kind: "undetermined",
    message: /failed: exit code 2$/,
  });
  await t.rejects(showByProgram("/no/such/program", texts, process.env), {
    kind: "undetermined",
    message: 'cannot run KUBECTL_EXTERNAL_DIFF "/no/such/program"',
  });
});
