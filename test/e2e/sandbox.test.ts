// What `npm run cluster` says can be tried, tried: each command in its order, as somebody would paste it.
import t from "tap";
import { startSandbox } from "./sandbox.ts";

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
  { words: /^can-i preview deploy\/web -n dev$/, code: 0, says: /^yes\n/ },
  { words: /^policy create profiles /, code: 0, says: /profiles in namespace qa created/ },
  {
    words: /^policy test deploy\/web -n qa /,
    code: 0,
    says: /\nmirror +yes[^]*\nsteal +no +MirrordPolicy qa\/profiles/,
  },
  { words: /^install --access-model --yes$/, code: 0, says: /^Access model: on\./m },
  ...["acme", "beta"].map((name) => ({
    words: new RegExp(`^grant org create ${name}$`),
    code: 0,
    says: /Made organization/,
  })),
  ...["acme/web", "acme/data", "beta/shop", "beta/support"].map((team) => ({
    words: new RegExp(`^grant team create ${team}$`),
    code: 0,
    says: /Made team/,
  })),
  ...["acme/web ann max", "acme/data group:oidc:data", "beta/shop eve", "beta/support zoe"].map((added) => ({
    words: new RegExp(`^grant team add ${added}$`),
    code: 0,
    says: / (is|are) in team /,
  })),
  { words: /^grant collection create prod\/web$/, code: 0, says: /Made prod and prod\/web\./ },
  { words: /^grant collection create test$/, code: 0, says: /Made test\./ },
  { words: /^grant collection assign prod\/web --ns dev$/, code: 0, says: /dev is in collection prod\/web/ },
  { words: /^grant collection assign test --ns qa$/, code: 0, says: /qa is in collection test/ },
  { words: /^grant team:acme\/web --collection prod\/web$/, code: 0, says: /team acme\/web/ },
  { words: /^grant team:beta\/shop --collection test$/, code: 0, says: /team beta\/shop/ },
  { words: /^grant org:beta --collection prod --role view$/, code: 0, says: /organization beta/ },
  { words: /^grant collection tree$/, code: 0, says: /^prod\/\n {2}web\/\n {4}dev\ntest\/\n {2}qa\n/ },
  { words: /^grant matrix$/, code: 0, says: /team:acme\/web .*user/ },
  { words: /^grant team remove acme\/web max$/, code: 0, says: /max/ },
];

const sandbox = await startSandbox();
t.teardown(() => sandbox.kill());
const { commands } = sandbox;

t.equal(commands.length, comesTo.length, "each command has its outcome here");
for (const [index, command] of commands.entries()) {
  // There is nobody to say yes.
  const pasted = command.includes(" kill ") ? `${command} --yes` : command;
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
