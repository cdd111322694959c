import t from "tap";
import { collectionLabels } from "../../lib/access/collection.ts";
import type { Ask } from "../../lib/cli/world.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { organizationObject } from "../access/organizations/organization-object.ts";
import { apiFailure } from "../kube/memory-cluster.ts";
import { exampleFolder, exampleMemory, namespace, runGrant, type Ran } from "./grant-world.ts";

const isTerminal = { stdin: true, stdout: true, stderr: true };

interface Conversation extends Ran {
  /** What there was to choose from, by question. */
  offered: Map<string, string[]>;
  /** What was said against an answer, in order. */
  complaints: string[];
  writes: string[];
}

/**
 * Somebody who gives these answers one after the other, and the next one after a complaint; who throws when asked for
 * another. `refused`: kinds that it may not list; `more`: what is in the cluster besides.
 */
async function converse(
  answers: readonly string[],
  { words = [], refused = [], more = [] }: { words?: string[]; refused?: string[]; more?: KubernetesObject[] } = {},
): Promise<Conversation> {
  const complaints: string[] = [];
  const offered = new Map<string, string[]>();
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
      offered.set(
        question,
        choices.map(({ name }) => name),
      );
      const answer = next(question);
      const chosen = choices.find(({ name }) => name === answer);
      if (chosen === undefined) throw new Error(`${answer} is no choice of ${question}`);
      return chosen.value;
    },
    confirm: async (question) => next(question) === "yes",
  };
  const cluster = exampleMemory(...more);
  const { list } = cluster;
  cluster.list = async function* (type, options) {
    if (refused.includes(type.kind)) throw apiFailure(403, "Forbidden", "no");
    yield* list(type, options);
  };
  const run = await runGrant(words, {
    ...(words.includes("--manifests") ? {} : { cluster }),
    change: { ask, isTerminal },
  });
  return { ...run, offered, complaints, writes: cluster.writes };
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
    refused: ["Namespace"],
  });
  t.equal(run.code, 0, run.stderr);
  t.equal(run.complaints.length, 4, "one for each wrong answer");
  t.match(run.stdout, /^jim can now mirror and steal any target in qa/);
  const meant = await converse(["jim", "kube-system", "user", "for good", "yes"], {
    refused: ["Namespace"],
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

const acme = organizationObject("acme", {
  teams: [{ name: "web", description: "the shop", members: ["ann"] }, { name: "data" }],
});
const custom: KubernetesObject = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name: "mirrord:role:dba", labels: { "kubectl-mirrord.io/role": "dba" } },
};
const guards: KubernetesObject[] = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"].map((kind) => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind,
  metadata: { name: "kubectl-mirrord-namespaces" },
  spec: { validationActions: ["Deny"] },
}));
const inCollection = namespace("shop", collectionLabels("prod/web"));

t.test("where there are organizations, teams, collections and roles of one's own, they can be chosen", async (t) => {
  const run = await converse(["team:acme/web", "collection prod/web", "user", "for good", "yes"], {
    more: [acme, custom, inCollection, ...guards],
  });
  t.equal(run.code, 0, run.stderr);
  t.same(Object.fromEntries(run.offered), {
    "Who?": ["a user, a group or a service account", "org:acme", "team:acme/data", "team:acme/web"],
    "In which namespace?": [
      "dev",
      "prod",
      "qa",
      "shop",
      "collection prod",
      "collection prod/web",
      "several of them",
      "all namespaces",
    ],
    "Which role?": ["user", "user, on some targets", "minimal", "view", "dba"],
    "For how long?": ["1h", "8h", "7d", "another time", "for good"],
  });
  t.match(run.stderr, "The same as a command:\n  kubectl mirrord grant team:acme/web --collection prod/web\n");
  t.match(run.stdout, /^team acme\/web can now mirror and steal any target in shop/);
});

t.test("of those who type, a team that is not there is said at once", async (t) => {
  const typed = "a user, a group or a service account";
  const run = await converse([typed, "team:acme/wbe", "org:acne", "jim", "dev", "user", "for good", "yes"], {
    more: [acme],
  });
  t.equal(run.code, 0, run.stderr);
  t.match(run.complaints, [/^team acme\/wbe was not found$/, /^organization acne was not found$/]);
});

t.test("a collection whose labels nobody guards is accepted with the last question, and by the command", async (t) => {
  const answers = ["jim", "collection prod/web", "user", "for good"];
  const run = await converse([...answers, "yes"], { more: [inCollection] });
  t.equal(run.code, 0, run.stderr);
  t.match(run.stderr, /whoever may change the labels of a namespace decides where this grant holds; today: /);
  t.match(run.stderr, "grant jim --collection prod/web --accept-label-risk\n");
  const unasked = await converse(answers, { more: [inCollection], words: ["--yes"] });
  t.equal(unasked.code, 2, "with --yes there is no last question");
  t.match(unasked.stderr, /--accept-label-risk/);
  t.same(unasked.writes, []);
});

t.test("what may not be listed is not offered, and keeps nobody from typing", async (t) => {
  const run = await converse(["team:acme/web", "dev", "user", "for good", "yes"], {
    more: [acme, custom],
    refused: ["Organization", "ClusterRole"],
  });
  t.match(run.stderr, /you may not list organizations/);
  t.not(run.code, 0);
  t.same([...run.offered.keys()], ["In which namespace?", "Which role?", "For how long?"]);
  t.notOk(run.offered.get("Which role?")?.includes("dba"));
});

t.test("in a folder, the command that does the same is about that folder", async (t) => {
  const folder = exampleFolder(t);
  const run = await converse(["jim", "dev", "user", "for good", "yes"], { words: ["--manifests", folder] });
  t.equal(run.code, 0, run.stderr);
  t.match(run.stderr, `The same as a command:\n  kubectl mirrord grant jim --ns dev --manifests ${folder}\n`);
});
