// What `npm run cluster -- --empty` says can be tried, tried: from no operator to one that answers and a user who may.
import t from "tap";
import { startSandbox } from "./sandbox.ts";

const comesTo: { words: RegExp; code: number; says: RegExp }[] = [
  { words: /^install .* --dry-run$/, code: 0, says: /^namespace\/mirrord created \(dry run\)\n/ },
  { words: /^install .* -y$/, code: 0, says: /^The mirrord operator \S+ answers in namespace mirrord/ },
  { words: /^install status$/, code: 0, says: /mirrord/ },
  { words: /^grant jim --ns dev$/, code: 0, says: /jim can now mirror and steal any target/ },
  { words: /^can-i .* jim$/, code: 0, says: /^yes\n/ },
];

const sandbox = await startSandbox("--empty");
t.teardown(() => sandbox.kill());

t.equal(sandbox.commands.length, comesTo.length, "each command has its outcome here");
for (const [index, command] of sandbox.commands.entries()) {
  // There is nobody to say yes.
  const pasted = command.endsWith("licence-key") ? `${command} -y` : command;
  t.test(pasted, async (t) => {
    const { words, code, says } = comesTo[index] ?? { words: /^$/, code: 0, says: /^$/ };
    t.match(pasted.replace("kubectl mirrord ", ""), words);
    const { status, stdout, stderr } = sandbox.paste(pasted);
    t.equal(status, code, stderr);
    t.match(stdout, says);
  });
}

t.test("Ctrl-C ends it", async (t) => {
  t.match(await sandbox.interrupt(), { exit: [0, null], complaints: /stopping …\n$/ });
});
