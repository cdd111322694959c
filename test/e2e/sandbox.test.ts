// What `npm run cluster` says can be tried, tried: each command in its order, as somebody would paste it.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createInterface } from "node:readline";
import t from "tap";
import { root } from "./example-cluster.ts";

const comesTo: { words: RegExp; code: number; says: RegExp }[] = [
  { words: /^can-i .* jim$/, code: 1, says: /^no - you \(jim\) cannot steal from/ },
  { words: /^grant jim --ns dev$/, code: 0, says: /jim can now mirror and steal any target/ },
  { words: /^can-i .* jim$/, code: 0, says: /^yes\n/ },
  { words: /^grant revoke jim$/, code: 0, says: /jim can no longer use mirrord/ },
  { words: /^session list -A$/, code: 0, says: /^dev .* jim .* 80\/steal +3h\nqa .* jim2 /m },
  { words: /^session describe [0-9A-F]+$/, code: 0, says: /deployment\/web/ },
  { words: /^session list -A --stale$/, code: 0, says: /jim/ },
  { words: /^session kill --stale --yes$/, code: 0, says: /^session \S+ of jim\/jim@laptop .* ended\n$/ },
  { words: /^policy create no-steal /, code: 0, says: /no-steal in namespace dev created/ },
  { words: /^policy test deploy\/web -n dev$/, code: 0, says: /\nsteal +no +MirrordPolicy dev\/no-steal/ },
  { words: /^policy lint -n dev/, code: 1, says: /\nwarning +copy-target +MirrordPolicy dev\/no-steal/ },
  { words: /^policy create profiles /, code: 0, says: /profiles in namespace qa created/ },
  {
    words: /^policy test deploy\/web -n qa /,
    code: 0,
    says: /\nmirror +yes[^]*\nsteal +no +MirrordPolicy qa\/profiles/,
  },
];

const sandbox = spawn(process.execPath, [join(root, "scripts/cluster.ts")], { stdio: ["ignore", "pipe", "pipe"] });
const exited = once(sandbox, "exit");
const complaints = text(sandbox.stderr);
t.teardown(() => void sandbox.kill("SIGKILL"));

const lines: string[] = [];
for await (const line of createInterface({ input: sandbox.stdout })) {
  lines.push(line);
  if (line.startsWith("Ctrl-C")) break;
}
const exports = lines.filter((line) => line.startsWith("  export "));
const commands = lines.filter((line) => line.startsWith("  kubectl mirrord ")).map((line) => line.trim());

if (exports.length === 0) throw new Error(await complaints);
t.equal(commands.length, comesTo.length, "each command has its outcome here");
for (const [index, command] of commands.entries()) {
  // There is nobody to say yes.
  const pasted = command.includes(" kill ") ? `${command} --yes` : command;
  t.test(pasted, async (t) => {
    const { words, code, says } = comesTo[index] ?? { words: /^$/, code: 0, says: /^$/ };
    t.match(pasted.replace("kubectl mirrord ", ""), words);
    const { status, stdout, stderr } = spawnSync("sh", ["-c", [...exports, pasted].join("\n")], { encoding: "utf8" });
    t.equal(status, code, stderr);
    t.match(stdout, says);
  });
}

t.test("Ctrl-C ends it", async (t) => {
  sandbox.kill("SIGINT");
  t.same(await exited, [0, null]);
  t.match(await complaints, /stopping …\n$/);
});
