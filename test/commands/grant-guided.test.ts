import t from "tap";
import type { Ask } from "../../lib/cli/world.ts";
import { apiFailure } from "../kube/memory-cluster.ts";
import { exampleMemory, runGrant, type Ran } from "./grant-world.ts";

const isTerminal = { stdin: true, stdout: true, stderr: true };

interface Conversation extends Ran {
  /** What was said against an answer, in order. */
  complaints: string[];
  writes: string[];
}

/**
 * Somebody who gives these answers one after the other, and the next one after a complaint; who throws when asked for
 * another. `namespaces: false`: it may not list them.
 */
async function converse(
  answers: readonly string[],
  { words = [], namespaces = true }: { words?: string[]; namespaces?: boolean } = {},
): Promise<Conversation> {
  const complaints: string[] = [];
  const given = answers.values();
  const next = (question: string): string => {
    const { value, done } = given.next();
    if (done === true) throw new Error(`no answer to ${question}`);
    return value;
  };
  const ask: Ask = {
    async input(question, _flag, check) {
      for (;;) {
        const text = next(question);
        const complaint = check?.(text);
        if (complaint === undefined) return text;
        complaints.push(complaint);
      }
    },
    async select(question, choices) {
      const answer = next(question);
      const chosen = choices.find(({ name }) => name === answer);
      if (chosen === undefined) throw new Error(`${answer} is no choice of ${question}`);
      return chosen.value;
    },
    confirm: async (question) => next(question) === "yes",
  };
  const cluster = exampleMemory();
  const { list } = cluster;
  cluster.list = async function* (type, options) {
    if (type.kind === "Namespace" && !namespaces) throw apiFailure(403, "Forbidden", "no");
    yield* list(type, options);
  };
  const run = await runGrant(words, { cluster, change: { ask, isTerminal } });
  return { ...run, complaints, writes: cluster.writes };
}

t.test("a wrong answer is told at once and asked again, not after the last question", async (t) => {
  const run = await converse(
    ["", "revok", "system:admin", "user:jill", "dev", "minimal", "another time", "8", "999999h", "0h", "8h", "yes"],
    {},
  );
  t.equal(run.code, 0, run.stderr);
  t.equal(run.complaints.length, 6, "one for each wrong answer");
  for (const [index, text] of [
    /has no name/,
    /too close to the verb/,
    /of Kubernetes itself/,
    /invalid duration/,
    /366 days/,
    /no time at all/,
  ].entries())
    t.match(run.complaints[index], text);
  t.match(run.stdout, /^jill can now mirror and steal any target in dev/);
});

t.test("who may not list namespaces names one, as it could be", async (t) => {
  const run = await converse(["jim", "", "Dev", "a/b", "kube-system", "qa", "user", "for good", "yes"], {
    namespaces: false,
  });
  t.equal(run.code, 0, run.stderr);
  t.equal(run.complaints.length, 4, "one for each wrong answer");
  t.match(run.stdout, /^jim can now mirror and steal any target in qa/);
  const meant = await converse(["jim", "kube-system", "user", "for good", "yes"], {
    namespaces: false,
    words: ["--allow-system"],
  });
  t.equal(meant.code, 0, meant.stderr);
});

t.test("the plan is shown before the question, and no is no", async (t) => {
  const run = await converse(["jim", "dev", "user", "1h", "no"]);
  t.equal(run.code, 1);
  t.match(
    run.stderr,
    /^jim can then mirror and steal any target in dev, until 2026-11-22 13:00 UTC \(in 60m\)\.\n\n {2}create {7}1 ClusterRole, 1 ClusterRoleBinding, 1 Job, 2 RoleBindings\n\nThe same as a command:\n {2}kubectl mirrord grant jim --ns dev --for 1h\n/,
  );
  t.equal(run.stdout.trim(), "Nothing was granted.");
  t.same(run.writes, []);
});

t.test("what flags say is not asked, nor with --yes for the last word", async (t) => {
  const run = await converse(["jim"], { words: ["--ns", "dev", "--role", "view", "--for", "1h", "--yes"] });
  t.equal(run.code, 0, run.stderr);
  t.notMatch(run.stderr, /dry run/);
  t.match(run.stdout, /jim can now see sessions/);
});

t.test(
  "several namespaces, some targets and an end are understood, and the command that does it again is shown",
  async (t) => {
    const answers = [
      "jim",
      "several of them",
      " , ",
      "dev, qa",
      "user, on some targets",
      "cronjob/x",
      "deploy/web",
      "1h",
      "yes",
    ];
    const run = await converse(answers, { words: ["--reason", "INC-42"] });
    t.equal(run.code, 0, run.stderr);
    t.match(run.complaints, [/nothing is named/, /jobs are always copied/]);
    const again = "kubectl mirrord grant jim --ns dev --ns qa --target deployment/web --for 1h --reason INC-42";
    t.match(run.stderr, `The same as a command:\n  ${again}\n`);
    t.match(run.stdout, /^jim can now mirror and steal deployment\/web in dev and qa, until /);
  },
);

t.test("all namespaces can be chosen", async (t) => {
  const run = await converse(["jim", "all namespaces", "view", "for good", "yes", "yes"]);
  t.equal(run.code, 0, run.stderr);
  t.match(run.stdout, /^jim can now see sessions .*in all namespaces/);
});
