import { spawnSync } from "node:child_process";
import t from "tap";
import { shellQuote } from "../../lib/text/shell-quote.ts";

const plain = ["deploy/web", "user:jim", "a=b,c=d", "10%", "x@y.z", "a+b:c_d-e.f"];
for (const word of plain) t.test(`${word} needs no quotes`, async (t) => t.equal(shellQuote(word), word));

const quoted: [word: string, want: string][] = [
  ["", "''"],
  ["a b", "'a b'"],
  ["=ls", "'=ls'"],
  ["%self", "'%self'"],
  ["~root", "'~root'"],
  ["it's", `'it'"'"'s'`],
  [String.raw`\';touch x;#'`, String.raw`"\\""'"';touch x;#'"'"`],
];
for (const [word, want] of quoted) {
  t.test(`${JSON.stringify(word)} is quoted as ${want}`, async (t) => t.equal(shellQuote(word), want));
}

const hostile = [
  "",
  "a b  c",
  "=ls",
  "%self",
  "~",
  "~root",
  "*",
  "[a-z]",
  "{a,b}",
  "!!",
  "$HOME ${HOME} $(id) `id`",
  "a;b&c|d>e<f(g)h",
  "'",
  "''''",
  `"`,
  "\\",
  "\\\\",
  "\\'",
  String.raw`\';touch x;#'`,
  String.raw`'\''$(id)'\''`,
  "ends in \\",
  "#comment",
  "-n",
  "^a^b",
  "jürgen 日本 😀",
];
for (const shell of ["sh", "bash", "zsh", "fish"]) {
  const isThere = spawnSync(shell, ["-c", "true"]).status === 0;
  // Where everything is checked, all four have to be there.
  const skip = isThere || process.env["CI"] === "true" ? false : `no ${shell} on this machine`;
  t.test(`${shell} reads every word back unchanged`, { skip }, async (t) => {
    const command = hostile.map((word) => `printf '%s\\0' ${shellQuote(word)}`).join("\n");
    const { stdout, stderr } = spawnSync(shell, ["-c", command], { encoding: "utf8" });
    t.same({ words: stdout.split("\0"), stderr }, { words: [...hostile, ""], stderr: "" });
  });
}
