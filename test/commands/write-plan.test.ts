import t from "tap";
import { writePlan } from "../../lib/commands/write-plan.ts";
import { UserError } from "../../lib/errors.ts";
import type { Plan } from "../../lib/kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../../lib/kubernetes/object.ts";
import { plan, type Wanted } from "../../lib/kubernetes/plan.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { apiFailure, memoryCluster, type MemoryCluster } from "../kube/memory-cluster.ts";
import { objectFor, types } from "../kubernetes/planned-objects.ts";

// Any objects, as an installation has them: definitions, then roles, then what runs.
const item = (type: ResourceType, name: string, stage: number, spec: object = {}): Wanted => ({
  type,
  object: objectFor(type, { name, ...(type.namespaced ? { namespace: "ops" } : {}) }, { spec }),
  stage,
});
const installation = [
  item(types.definition, "things.example.com", 0),
  item(types.definition, "others.example.com", 0),
  item(nativeResources.serviceAccounts, "operator", 1),
  item(types.deployment, "operator", 2, { replicas: 1 }),
  item(types.service, "operator", 2),
];
const operator = (spec: object): Wanted[] => installation.with(3, item(types.deployment, "operator", 2, spec));

const world = {
  signal: new AbortController().signal,
  progress: () => ({ update: () => undefined, end: () => undefined }),
  warn: () => undefined,
};

async function planned(cluster: MemoryCluster, wanted: readonly Wanted[]): Promise<{ plan: Plan }> {
  const stored = await Promise.all(
    wanted.map(async ({ type, object: { metadata } }) => {
      const object = await cluster.get(type, metadata.name ?? "", metadata.namespace);
      return object === undefined ? [] : [{ type, object }];
    }),
  );
  return { plan: plan(stored.flat(), wanted) };
}

type Options = Partial<Parameters<typeof writePlan<{ plan: Plan }>>[2]>;

async function write(cluster: MemoryCluster, wanted: readonly Wanted[] = installation, options: Options = {}) {
  const before = cluster.writes.length;
  const result = await writePlan(() => planned(cluster, wanted), cluster, { world, dryRun: "none", ...options });
  return {
    written: result.written,
    actions: result.planned.plan.map(({ action }) => action),
    writes: cluster.writes.slice(before),
    plan: result.planned.plan,
  };
}

const all = [
  "create CustomResourceDefinition things.example.com",
  "create CustomResourceDefinition others.example.com",
  "create ServiceAccount ops/operator",
  "create Deployment ops/operator",
  "create Service ops/operator",
];

t.test("everything is written stage by stage, and the second time nothing", async (t) => {
  const cluster = memoryCluster();
  t.match(await write(cluster), { written: true, writes: all });
  t.match(await write(cluster), {
    written: false,
    writes: { length: 0 },
    actions: installation.map(() => "unchanged"),
  });
  t.match(await write(cluster, operator({ replicas: 2 })), {
    written: true,
    writes: ["update Deployment ops/operator"],
  });
});

for (let point = 1; point <= installation.length; point += 1) {
  t.test(
    `a fault at write ${point} says what was done and what was not, and the next run does only the rest`,
    async (t) => {
      const cluster = memoryCluster();
      cluster.beforeWrite = (count) => {
        if (count === point) throw apiFailure(403, "Forbidden", "not now");
      };
      const error = await write(cluster).then(
        () => undefined,
        (refusal: UserError) => refusal,
      );
      const done = [...cluster.writes];
      t.match(error, { kind: "refused", message: /not now/ });
      const lists = done.length === 0 ? /Nothing was written/ : /^Done:\n(.*\n)+Not done:\n(.*\n)+Run the same/m;
      t.match(error?.hints.join("\n"), lists);
      cluster.beforeWrite = () => undefined;
      const { writes } = await write(cluster);
      t.same([...done, ...writes].toSorted(), all.toSorted(), "each is written once");
      t.same((await write(cluster)).writes, []);
    },
  );
}

t.test("nothing is written when the server would refuse one of them, and who may do it is told how", async (t) => {
  const cluster = memoryCluster();
  const { apply } = cluster;
  cluster.apply = async (type, object, options) => {
    if (type.kind === "Service") throw apiFailure(403, "Forbidden", "no services");
    return await apply(type, object, options);
  };
  await t.rejects(write(cluster, installation, { way: "install -o yaml" }), {
    kind: "refused",
    message: /no services/,
    hints: [
      "To see what you may do: kubectl auth can-i --list",
      "Nothing was written.",
      "Somebody who may can apply what this prints: install -o yaml",
    ],
  });
  t.same(cluster.writes, []);
});

t.test(
  "a dry run of the server stores nothing and shows what would be stored; one of the client sends nothing",
  async (t) => {
    const cluster = memoryCluster();
    let sent = 0;
    const { apply } = cluster;
    cluster.apply = async (type, object, options) => {
      sent += 1;
      return { ...(await apply(type, object, options)), defaulted: true };
    };
    const client = await write(cluster, installation, { dryRun: "client" });
    t.same([client.written, sent, client.plan[0]?.merged], [false, 0, undefined]);
    const server = await write(cluster, installation, { dryRun: "server" });
    t.same([server.written, sent, cluster.writes], [false, installation.length, []]);
    t.match(server.plan[0]?.merged, { defaulted: true });
  },
);

t.test("what the server has in a form of its own is no change", async (t) => {
  const cluster = memoryCluster();
  const { apply } = cluster;
  cluster.apply = async (type, object, options) => {
    const text = JSON.stringify(object).replaceAll('"cpu":"0.5"', '"cpu":"500m"');
    return await apply(type, JSON.parse(text) as KubernetesObject, options);
  };
  const half = operator({ replicas: 1, resources: { cpu: "0.5" } });
  await write(cluster, half);
  t.match(await write(cluster, half), {
    written: false,
    writes: { length: 0 },
    actions: installation.map(() => "unchanged"),
  });
  t.same((await write(cluster, operator({ replicas: 1, resources: { cpu: "0.7" } }))).writes, [
    "update Deployment ops/operator",
  ]);
});

const races: [name: string, reason: string, message: string, attempts: number][] = [
  ["somebody else's write in between", "Conflict", "the object has been modified", 2],
  ["somebody else's object of the same name", "AlreadyExists", "already exists", 2],
  ["a field that another manager has", "Conflict", 'Apply failed with 1 conflict: conflict with "x"', 1],
];
for (const [name, reason, message, attempts] of races) {
  t.test(`${name} is ${attempts > 1 ? "planned again" : "an answer"}`, async (t) => {
    const cluster = memoryCluster();
    let plans = 0;
    cluster.beforeWrite = (count) => {
      if (count === 1) throw apiFailure(409, reason, message);
    };
    const makePlan = () => {
      plans += 1;
      return planned(cluster, installation.slice(0, 1));
    };
    const run = writePlan(makePlan, cluster, { world, dryRun: "none" });
    if (attempts > 1) t.match(await run, { written: true });
    else await t.rejects(run, { message: /Apply failed/ });
    t.equal(plans, attempts);
  });
}

t.test(
  "what is not there any more when it is planned again was changed by somebody, and is no mistyped name",
  async (t) => {
    const cluster = memoryCluster();
    cluster.beforeWrite = () => {
      throw apiFailure(409, "Conflict", "the object has been modified");
    };
    let plans = 0;
    const makePlan = async () => {
      plans += 1;
      if (plans > 1) throw new UserError("usage", "team acme/web was not found", "Make it.");
      return await planned(cluster, installation.slice(0, 1));
    };
    await t.rejects(writePlan(makePlan, cluster, { world, dryRun: "none" }), {
      kind: "refused",
      message: /has changed meanwhile; the change may have been made already:\nteam acme\/web was not found/,
    });
    plans = 1;
    await t.rejects(writePlan(makePlan, cluster, { world, dryRun: "none" }), {
      kind: "usage",
      message: "team acme/web was not found",
    });
  },
);

t.test("what an attempt wrote before it met somebody else's write is said, should a later one fail", async (t) => {
  const cluster = memoryCluster();
  cluster.beforeWrite = (count) => {
    if (count === 2) throw apiFailure(409, "Conflict", "the object has been modified");
    if (count > 2) throw apiFailure(403, "Forbidden", "not any more");
  };
  const wrote: string[] = [];
  const noting = { ...world, wrote: (texts: readonly string[]) => wrote.push(...texts) };
  await t.rejects(write(cluster, [installation[0]!, installation[2]!], { world: noting }), { message: /not any more/ });
  t.same(wrote, ["create customresourcedefinition.apiextensions.k8s.io/things.example.com"]);
});

t.test("a race that goes on is given up", async (t) => {
  const cluster = memoryCluster();
  let count = 0;
  cluster.beforeWrite = () => {
    count += 1;
    throw apiFailure(409, "Conflict", "the object has been modified");
  };
  await t.rejects(write(cluster, installation.slice(0, 1)), { message: /has been modified/ });
  t.equal(count, 8);
});

t.test("declined, nothing is sent, not even a dry run", async (t) => {
  const cluster = memoryCluster();
  cluster.apply = () => t.fail("sent") as never;
  const { written, actions } = await write(cluster, installation, { confirm: async () => false });
  t.same([written, actions.length], [false, installation.length]);
});

t.test("an interrupt in the middle keeps its exit code", async (t) => {
  const cluster = memoryCluster();
  const stop = new AbortController();
  cluster.beforeWrite = (count) => {
    if (count === 3) stop.abort(new UserError("interrupted", "interrupted"));
  };
  const run = writePlan(() => planned(cluster, installation), cluster, {
    world: { ...world, signal: stop.signal },
    dryRun: "none",
  });
  await t.rejects(run, { kind: "interrupted", message: /only part was done/ });
  t.ok(cluster.writes.length >= 2 && cluster.writes.length < installation.length, cluster.writes.join());
  await write(cluster);
  t.equal(cluster.objects().length, installation.length);
});

for (const [what, failure] of [
  [
    "is being deleted",
    apiFailure(403, "Forbidden", "unable to create new content in namespace ops because it is being terminated", {
      causes: [{ reason: "NamespaceTerminating", message: "namespace ops is being terminated" }],
    }),
  ],
  ["is gone", apiFailure(404, "NotFound", 'namespaces "ops" not found', { kind: "namespaces", name: "ops" })],
] as const)
  t.test(`a namespace that ${what} since the plan was made: the plan is made again`, async (t) => {
    const cluster = memoryCluster();
    let isThere = true;
    cluster.beforeWrite = (_count, written) => {
      if (!written.includes("ops/")) return;
      isThere = false;
      throw failure;
    };
    const makePlan = async () => await planned(cluster, isThere ? installation : installation.slice(0, 2));
    await writePlan(makePlan, cluster, { world, dryRun: "none", keepGoing: true });
    t.same(cluster.writes, all.slice(0, 2));
  });

t.test("what follows is carried out until nothing does", async (t) => {
  const cluster = memoryCluster();
  let round = 0;
  const followUp = async () => {
    round += 1;
    // Somebody else goes on changing it for a while.
    return await planned(cluster, operator({ replicas: Math.min(round + 1, 3) }));
  };
  await write(cluster, installation, { followUp });
  t.same(cluster.writes.slice(all.length), Array(2).fill("update Deployment ops/operator"));
  t.equal(round, 3, "the last look finds nothing to do");
  await write(cluster, operator({ replicas: 3 }), { followUp });
  t.equal(round, 3, "whoever writes nothing looks at nothing");
});

t.test("what follows and fails is a warning: what was to be written is", async (t) => {
  for (const [followUp, warning] of [
    [
      () => Promise.reject(new UserError("refused", "not now")),
      /^this is done, .*\(not now\)\. Finish it: kubectl mirrord grant sync$/,
    ],
    [() => planned(memoryCluster(), operator({ replicas: Math.random() })), /others go on changing it/],
  ] as const) {
    const warnings: string[] = [];
    const warn = (text: string | readonly string[]) => void warnings.push(String(text));
    const cluster = memoryCluster();
    await write(cluster, installation, { followUp, world: { ...world, warn } });
    t.equal(cluster.objects().length, installation.length);
    t.match(warnings, [warning]);
    t.equal(warnings.length, 1);
  }
  const interrupted = () => Promise.reject(new UserError("interrupted", "interrupted"));
  const run: Promise<unknown> = write(memoryCluster(), installation, { followUp: interrupted });
  await t.rejects(run, { message: "interrupted" });
  const gone = () => Promise.reject(new UserError("usage", "team acme/web was not found"));
  const told: Promise<unknown> = write(memoryCluster(), installation, { followUp: gone });
  await t.rejects(told, { message: /^what was to be changed has changed meanwhile/ });
});
