// What was typed and a mirrord configuration make one session together.
import t from "tap";
import { UserError } from "../../lib/errors.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { parseSessionConfig } from "../../lib/mirrord/config/config.ts";
import type { Action } from "../../lib/mirrord/plan/session-plan.ts";
import { parseTarget } from "../../lib/mirrord/target.ts";
import { previewSession } from "../../lib/preview/preview.ts";
import { fakeCluster } from "./fake-cluster.ts";
import { allRights, NAMESPACE, namespace, object, operator, policy, targets, user } from "./objects.ts";
import { saysKept } from "../kept-text.ts";

const profile = (name: string, ...changes: string[]) =>
  object("profiles.mirrord.metalbear.co/v1alpha", "MirrordClusterProfile", name, {
    spec: { featureAdjustments: changes.map((change) => ({ change })) },
  });

const world = [
  namespace(),
  operator(),
  ...targets,
  ...allRights(user("jim")),
  profile("calm", "incoming-mirror"),
  profile("thief", "incoming-steal"),
];
const noSteal = policy("no-steal", { targetPath: "deploy/web", block: ["steal"] });
const noMirror = policy("no-mirror", { targetPath: "deploy/web", block: ["mirror"] });
const noScaleDown = policy("no-scale-down", { block: ["copy-target-scale-down"] });

interface Question {
  action: Action;
  target?: string;
  config: Record<string, unknown>;
  policies?: KubernetesObject[];
}

function ask({ action, target = "deploy/web", config, policies = [] }: Question) {
  const session = parseSessionConfig(JSON.stringify({ target: "deploy/web", ...config }), {
    fileName: "m.json",
    env: {},
  });
  return previewSession(
    fakeCluster({ objects: [...world, ...policies] }),
    { action, target: parseTarget(target), namespace: NAMESPACE, config: { session, file: "m.json" } },
    {
      explain: false,
      as: { name: "jim", groups: [], groupsGiven: true },
      now: new Date("2026-11-22T12:00:00Z"),
    },
  );
}

const incoming = (mode: string) => ({ feature: { network: { incoming: mode } } });
const copied = (more: object = {}) => ({ feature: { copy_target: { enabled: true, ...more } } });

const verdicts: (Question & { name: string; want: "yes" | "no" })[] = [
  {
    name: "a profile that mirrors makes a stealing configuration mirror",
    action: "steal",
    config: { ...incoming("steal"), profile: "calm" },
    policies: [noSteal],
    want: "yes",
  },
  {
    name: "a profile that mirrors stands above --steal, too",
    action: "steal",
    config: { profile: "calm" },
    policies: [noMirror],
    want: "no",
  },
  {
    name: "a profile that steals makes a mirroring configuration steal",
    action: "mirror",
    config: { profile: "thief" },
    policies: [noSteal],
    want: "no",
  },
  {
    name: "stealing was typed above a mirroring configuration",
    action: "steal",
    config: incoming("mirror"),
    policies: [noSteal],
    want: "no",
  },
  {
    name: "mirroring was typed above a stealing configuration",
    action: "mirror",
    config: incoming("steal"),
    policies: [noSteal],
    want: "yes",
  },
  {
    name: "a copy is still a copy when stealing was typed, and a policy on the target as it is does not bind it",
    action: "steal",
    config: copied(),
    policies: [noSteal],
    want: "yes",
  },
  {
    name: "scaling down is still refused when mirroring was typed",
    action: "mirror",
    config: copied({ scale_down: true }),
    policies: [noScaleDown],
    want: "no",
  },
  {
    name: "a typed copy scales nothing down",
    action: "copy",
    config: copied({ scale_down: true }),
    policies: [noScaleDown],
    want: "yes",
  },
];
for (const { name, want, ...question } of verdicts) {
  t.test(name, async (t) => {
    const { verdict, obstacles } = await ask(question);
    t.equal(verdict.answer, want, verdict.reason);
    saysKept(t, import.meta.filename, name, () => ({ verdict, obstacles }));
  });
}

t.test("the copy that a configuration asks for is asked about, whatever was typed", async (t) => {
  for (const action of ["mirror", "steal"] as const) {
    const { checks } = await ask({ action, config: copied() });
    t.match(
      checks.map(({ id }) => id).filter((id) => id.startsWith("copy") || id.startsWith("connect")),
      ["copy-list", "copy-create", "copy-poll", "copy-connect"],
    );
  }
});

t.test("a profile that changes what becomes of traffic is said", async (t) => {
  const { session } = await ask({ action: "steal", config: { profile: "calm" } });
  t.match(session?.resolved.assumptions, [/the profile "calm" makes it mirror incoming traffic, not steal it/]);
  const same = await ask({ action: "steal", config: { profile: "thief" } });
  t.same(same.session?.resolved.assumptions, []);
});

const conflicts: { name: string; question: Question; message: RegExp }[] = [
  {
    name: "a typed targetless session with a configuration that steals",
    question: { action: "targetless", target: "targetless", config: incoming("steal") },
    message: /m\.json: a targetless session cannot steal/,
  },
  {
    name: "a typed service with a configuration that copies",
    question: { action: "mirror", target: "service/web", config: copied() },
    message: /m\.json: a service target cannot be copied/,
  },
];
for (const { name, question, message } of conflicts) {
  t.test(`${name} is refused as the client refuses it`, async (t) => {
    const error: unknown = await ask(question).catch((cause: unknown) => cause);
    t.type(error, UserError);
    t.match(error, { kind: "usage", message });
    saysKept(t, import.meta.filename, name, () => {
      throw error;
    });
  });
}

const inNamespace = (name: string) =>
  object("profiles.mirrord.metalbear.co/v1alpha", "MirrordProfile", name, { spec: {} }, NAMESPACE);
const missingProfiles: [profile: string, obstacles: { reason: string; hint: string }[]][] = [
  ["calm", []],
  ["dev/local", []],
  [
    "nope",
    [
      {
        reason: 'the mirrord profile "nope" was not found in the cluster',
        hint: "See what is there: kubectl get mirrordclusterprofiles",
      },
    ],
  ],
  [
    "dev/nope",
    [
      {
        reason: 'the mirrord profile "dev/nope" was not found in the cluster',
        hint: "See what is there: kubectl get mirrordprofiles -n dev",
      },
    ],
  ],
  [
    "qa/local",
    [
      {
        reason: 'the mirrord profile "qa/local" is not in the namespace of the target (dev)',
        hint: "A mirrord profile must be cluster-wide or in the same namespace as the target.",
      },
    ],
  ],
];
for (const [name, obstacles] of missingProfiles) {
  t.test(`what stands in the way of a session with the profile ${name}`, async (t) => {
    const preview = await ask({ action: "mirror", config: { profile: name }, policies: [inNamespace("local")] });
    t.same(
      preview.obstacles,
      obstacles.map((obstacle) => ({ answer: "no", ...obstacle })),
    );
  });
}
