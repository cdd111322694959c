import t from "tap";
import fc from "fast-check";
import { grantWords, type Accepted } from "../../lib/access/grant-words.ts";
import { normalizeIntent, type Intent, type Lifetime } from "../../lib/access/intent.ts";
import { parseArguments } from "../../lib/cli/grammar/argv.ts";
import { resolve } from "../../lib/cli/grammar/resolve.ts";
import { parseLifetime } from "../../lib/access/expiry.ts";
import { grant } from "../../lib/commands/grant/index.ts";
import { parseIntent, type GrantFlags } from "../../lib/access/parse-intent.ts";

const now = new Date("2026-11-22T12:00:00Z");

type Read = GrantFlags & Accepted & { for: number | undefined; until: Date | undefined; reason: string | undefined };

/** What `grant` makes of these words. */
async function read(words: string[]) {
  const { command, args } = await resolve(grant, words);
  const flags = (await parseArguments(command, args)) as unknown as Read;
  const { allowSystem, dangerous, force, acceptLabelRisk, acceptWeakExpiry, reason } = flags;
  return {
    command: command.name,
    intent: normalizeIntent(parseIntent(flags)),
    lifetime: parseLifetime(flags, now.getTime()),
    accepted: { allowSystem, dangerous, force, acceptLabelRisk, acceptWeakExpiry },
    reason,
  };
}

const label = fc.stringMatching(/^[a-z]([-a-z0-9]{0,8}[a-z0-9])?$/);
const name = fc.oneof(
  fc.constantFrom(
    "list",
    "revok",
    "team",
    "help",
    "-A",
    "--dangerous",
    "group:x",
    "system:anonymous",
    "it's $HOME",
    "jim",
  ),
  label,
);
const subject: fc.Arbitrary<Intent["subject"]> = fc.oneof(
  fc.record({ kind: fc.constantFrom("User", "Group"), name }),
  fc.record({ kind: fc.constant("ServiceAccount"), namespace: label, name: label }),
);
const namespaces = fc.uniqueArray(fc.oneof(label, fc.constant("kube-system")), { maxLength: 3 });
const selectors = fc.uniqueArray(fc.constantFrom("env=test", "!legacy", "tier in (a,b)", "team!=ops"), {
  maxLength: 2,
});
const some: fc.Arbitrary<Intent["set"]> = fc
  .tuple(namespaces, selectors)
  .filter(([named, chosen]) => named.length + chosen.length > 0)
  .map(([named, chosen]) => ({ kind: "namespaces", namespaces: named, selectors: chosen }));
const base = { subject, reads: fc.boolean() };
const intents: fc.Arbitrary<Intent> = fc.oneof(
  fc.record({
    ...base,
    role: fc.constantFrom<Intent["role"]>(
      "user",
      "minimal",
      "view",
      "clusterrole/my:role",
      "privileged/capabilities,hostPID",
    ),
    set: fc.oneof(some, fc.constant({ kind: "all" } as const)),
    targets: fc.constant<string[]>([]),
  }),
  fc.record({
    ...base,
    role: fc.constantFrom<Intent["role"]>("user", "minimal"),
    set: some,
    targets: fc.uniqueArray(fc.constantFrom("deployment/web", "rollout/cart/container/app", "pod/web-0"), {
      minLength: 1,
    }),
    allowCopy: fc.boolean(),
  }),
);
const lifetimes: fc.Arbitrary<Lifetime | undefined> = fc.constantFrom(
  undefined,
  { for: 8 * 3_600_000 },
  { for: 366 * 86_400_000 },
  { until: now.getTime() + 86_400_000 },
);
const asked = fc.record({
  accepted: fc.record({
    // Without these two the words would be refused before they are compared.
    allowSystem: fc.constant(true),
    dangerous: fc.constant(true),
    force: fc.boolean(),
    acceptLabelRisk: fc.boolean(),
    acceptWeakExpiry: fc.boolean(),
  }),
  lifetime: lifetimes,
  reason: fc.option(fc.constantFrom("INC-42", "it's needed", "--for", ""), { nil: undefined }),
});

t.test("the words ask for the same intent again, with all that was accepted", async (t) => {
  await fc.assert(
    fc.asyncProperty(intents, asked, async (intent, options) => {
      const again = await read(grantWords(intent, options));
      t.same(again, { command: "grant", intent: normalizeIntent(intent), ...options }, { diagnostic: false });
      return t.passing();
    }),
    { numRuns: 300 },
  );
});

t.test("nothing is accepted that was not", async (t) => {
  const intent: Intent = {
    subject: { kind: "User", name: "jim" },
    role: "user",
    set: { kind: "namespaces", namespaces: ["dev"] },
    targets: [],
    reads: true,
  };
  t.same(grantWords(intent, { accepted: {} }), ["jim", "--ns", "dev"]);
  t.same(grantWords({ ...intent, groups: [] }, { accepted: {} }), ["jim", "--ns", "dev", "--groups="]);
  t.same(grantWords({ ...intent, groups: ["a", "b"] }, { accepted: {} }).at(-1), "--groups=a,b");
  t.same(grantWords(intent, { accepted: { force: false, dangerous: true } }), ["jim", "--ns", "dev", "--dangerous"]);
});

t.test("a duration is in the largest unit that says it whole", async (t) => {
  const intent: Intent = {
    subject: { kind: "User", name: "jim" },
    role: "user",
    set: { kind: "namespaces", namespaces: ["dev"] },
    targets: [],
    reads: true,
    temporary: true,
  };
  const words = (seconds: number) => grantWords(intent, { accepted: {}, lifetime: { for: seconds * 1000 } }).at(-1);
  t.same([7200, 5400, 90].map(words), ["2h", "90m", "90s"]);
});
