// What it comes to for people when organizations and teams move together with the grants to them.
import t from "tap";
import { collectionLabels } from "../../lib/access/collection.ts";
import type { Cluster } from "../../lib/kube/cluster.ts";
import { apiFailure } from "../kube/memory-cluster.ts";
import { exampleMemory, namespace, runGrant } from "./grant-world.ts";

const company = [
  ["org", "create", "acme"],
  ["org", "create", "beta"],
  ["team", "create", "acme/web"],
  ["team", "add", "acme/web", "ann"],
  ["org", "add", "beta", "boss"],
  ["team:acme/web", "--ns", "dev"],
];
const moves: [what: string, before: string[][], move: string[], says: RegExp][] = [
  [
    "a team takes its grants along, and nobody gets or loses anything",
    [],
    ["team", "move", "acme/web", "beta"],
    /^Team acme\/web is beta\/web now\.\n$/,
  ],
  ["so does an organization", [], ["org", "move", "acme", "zeta"], /^Organization acme is zeta now\.\n$/],
  [
    "what the new organization has the team gets",
    [["org:beta", "--ns", "qa"]],
    ["team", "move", "acme/web", "beta"],
    /now\.\n\nann gets clusterrole mirrord-operator-user in namespace qa\n$/,
  ],
  [
    "what the old one has the team loses",
    [["org:acme", "--ns", "qa"]],
    ["team", "move", "acme/web", "beta"],
    /now\.\n\nann no longer holds clusterrole mirrord-operator-user in namespace qa\n$/,
  ],
  [
    "and what it holds by its own grant as well it keeps",
    [["org:acme", "--ns", "dev"]],
    ["team", "move", "acme/web", "beta"],
    /^Team acme\/web is beta\/web now\.\n$/,
  ],
];
for (const [what, before, move, says] of moves) {
  t.test(what, async (t) => {
    const cluster = exampleMemory();
    for (const line of [...company, ...before]) t.equal((await runGrant(line, { cluster })).code, 0, line.join(" "));
    const moved = await runGrant([...move, "--cascade"], { cluster });
    t.equal(moved.code, 0, moved.stderr);
    t.match(moved.stdout, says);
    t.equal((await runGrant(["sync", "--check"], { cluster })).code, 0);
  });
}

const interrupted: [what: string, halfDone: string[][], move: string[], stderr: RegExp][] = [
  [
    "a team",
    [
      ["team", "create", "beta/web"],
      ["team", "add", "beta/web", "ann"],
    ],
    ["team", "move", "acme/web", "beta"],
    /team beta\/web is there already/,
  ],
  [
    "an organization",
    [
      ["org", "create", "zeta"],
      ["team", "create", "zeta/web"],
      ["team", "add", "zeta/web", "ann"],
    ],
    ["org", "move", "acme", "zeta"],
    /organization zeta is there already, and another/,
  ],
];
for (const [what, halfDone, move, stderr] of interrupted) {
  t.test(
    `the move of ${what} that was interrupted when the copy was made is finished by the same command`,
    async (t) => {
      const cluster = exampleMemory();
      for (const line of [...company, ...halfDone])
        t.equal((await runGrant(line, { cluster })).code, 0, line.join(" "));
      t.match(await runGrant([...move, "--cascade"], { cluster }), { code: 0, stderr: "" });
      const teams = await runGrant(["team", "list"], { cluster });
      t.notMatch(teams.stdout, /acme\/web/);
      t.match(teams.stdout, /^(beta|zeta)\/web +1 +1/m);
      t.equal((await runGrant(["sync", "--check"], { cluster })).code, 0);
    },
  );

  t.test(`${what} of that name with other members is another`, async (t) => {
    const cluster = exampleMemory();
    const [last = []] = halfDone.slice(-1);
    const lines = [...company, ...halfDone, [...last.slice(0, -1), "eve"]];
    for (const line of lines) t.equal((await runGrant(line, { cluster })).code, 0, line.join(" "));
    t.match(await runGrant([...move, "--cascade"], { cluster }), { code: 2, stderr });
  });
}

const shops = [
  ["collection", "create", "prod/web/eu", "--description", "Europe"],
  ["collection", "create", "live"],
  ["collection", "assign", "prod/web/eu", "--ns", "qa"],
  ["collection", "assign", "prod/web", "--ns", "dev"],
  ["jim", "--collection", "prod", "--accept-label-risk"],
  ["ann", "--collection", "live", "--accept-label-risk"],
];
const moveShops = ["collection", "move", "prod/web", "live/web"];

t.test(
  "the move of a collection that was interrupted before any of its writes is finished by the same command",
  async (t) => {
    const whole = exampleMemory();
    for (const line of shops) await runGrant(line, { cluster: whole });
    const before = whole.writes.length;
    t.match(await runGrant(moveShops, { cluster: whole }), {
      code: 0,
      stdout: /is live\/web now, with 2 namespaces\./,
    });
    const writes = whole.writes.slice(before);
    t.ok(writes.length > 4, writes.join("\n"));
    for (const [at, stops] of writes.entries()) {
      const cluster = exampleMemory();
      for (const line of shops) await runGrant(line, { cluster });
      let count = 0;
      cluster.beforeWrite = () => {
        if (count++ === at) throw apiFailure(403, "Forbidden", "not now");
      };
      t.not((await runGrant(moveShops, { cluster })).code, 0, stops);
      cluster.beforeWrite = () => undefined;
      t.match(await runGrant(moveShops, { cluster }), { code: 0, stdout: /with 2 namespaces\./ }, stops);
      const tree = (await runGrant(["collection", "list"], { cluster })).stdout;
      t.match(tree, /^live\/web\/eu .*Europe$/m, stops);
      t.notMatch(tree, "prod/web", stops);
      t.match(await runGrant(["sync", "--check"], { cluster }), { code: 0 }, stops);
      const written = cluster.writes.length;
      t.match(await runGrant(moveShops, { cluster }), { code: 0, stdout: "Nothing was changed.\n" }, stops);
      t.equal(cluster.writes.length, written, "and again it writes nothing");
    }
  },
);

t.test("two collections are never made one by a move, whatever was moved before", async (t) => {
  const changes: [what: string, lines: string[][]][] = [
    ["another change of the list of collections", [["collection", "create", "test"]]],
    ["the old one made anew", [["collection", "create", "prod/web"]]],
    [
      "the new one deleted and made anew",
      [
        ["collection", "delete", "live/web", "--cascade", "-y"],
        ["collection", "create", "live/web"],
      ],
    ],
  ];
  for (const [what, lines] of changes) {
    const cluster = exampleMemory();
    for (const line of [...shops, moveShops, ...lines])
      t.equal((await runGrant(line, { cluster })).code, 0, line.join(" "));
    cluster.put(namespace("shop", collectionLabels("prod/web")));
    t.match(await runGrant(moveShops, { cluster }), { code: 2, stderr: /live\/web is there already/ }, what);
  }
  const cluster = exampleMemory();
  for (const line of [...shops, moveShops]) await runGrant(line, { cluster });
  cluster.put(namespace("shop", collectionLabels("prod/web")));
  t.match(
    await runGrant(moveShops, { cluster }),
    { code: 2, stderr: /live\/web is there already/ },
    "a namespace that was not there",
  );
});

t.test("the move of a team that was refused at any of its writes is finished by the same command", async (t) => {
  const move = ["team", "move", "acme/web", "beta", "--cascade"];
  const fresh = async () => {
    const cluster = exampleMemory();
    for (const line of company) t.equal((await runGrant(line, { cluster })).code, 0, line.join(" "));
    return cluster;
  };
  const whole = await fresh();
  const before = whole.writes.length;
  t.equal((await runGrant(move, { cluster: whole })).code, 0);
  const writes = whole.writes.slice(before);
  t.ok(writes.some((what) => what.startsWith("create ClusterRoleBinding")));
  for (const [at, stops] of writes.entries()) {
    const cluster = await fresh();
    let count = 0;
    cluster.beforeWrite = () => {
      if (count++ >= at) throw apiFailure(403, "Forbidden", "not now");
    };
    t.match(
      await runGrant(move, { cluster }),
      { stderr: at === 0 ? /Forbidden/ : /^(Done before this|Done):$/m },
      stops,
    );
    cluster.beforeWrite = () => undefined;
    t.match(await runGrant(move, { cluster }), { code: 0 }, stops);
    t.notMatch((await runGrant(["team", "list"], { cluster })).stdout, /acme\/web/, stops);
    t.notOk(JSON.stringify(cluster.objects()).includes("acme-web"), `nothing is left of the old name: ${stops}`);
    t.equal((await runGrant(["sync", "--check"], { cluster })).code, 0, stops);
  }
});

for (const [what, isLasting] of [
  ["a move that cannot see whether others are at it has changed nothing", false],
  ["a move that cannot take its note back, either, says that something was written", true],
] as const) {
  t.test(what, async (t) => {
    const memory = exampleMemory();
    for (const line of company) await runGrant(line, { cluster: memory });
    const isNoted = () => JSON.stringify(memory.objects()).includes("kubectl-mirrord.io/moving");
    let failures = 0;
    const list: Cluster["list"] = (...given) => {
      if (!isNoted() || (failures > 0 && !isLasting)) return memory.list(...given);
      failures += 1;
      throw apiFailure(500, "InternalError", "try later");
    };
    const moved = await runGrant(["team", "move", "acme/web", "beta", "--cascade"], { cluster: { ...memory, list } });
    t.ok(failures > 0);
    t.match(moved, { code: 4, stderr: /try later/ });
    t.equal(isNoted(), isLasting);
    t.equal(/^Done before this:\n {2}update organization\S*\/acme$/m.test(moved.stderr), isLasting, moved.stderr);
    t.notMatch(moved.stderr, /nothing was written/i);
    t.match(await runGrant(["team", "move", "acme/web", "beta", "--cascade"], { cluster: memory }), { code: 0 });
  });
}

const note = '{"web":"beta"}';
const others: string[][] = [
  ["team", "move", "acme/web", "zeta", "--cascade"],
  ["team", "add", "acme/web", "bob"],
  ["team", "delete", "acme/web", "--cascade", "-y"],
  ["org", "move", "acme", "apex", "--cascade"],
  ["org", "delete", "acme", "--cascade", "-y"],
  ["team:acme/web", "--ns", "qa"],
];
t.test(
  "a team whose move was interrupted is left alone by everybody else, until the same command ends it",
  async (t) => {
    const cluster = exampleMemory();
    for (const line of [...company, ["org", "create", "zeta"]]) await runGrant(line, { cluster });
    const move = ["team", "move", "acme/web", "beta", "--cascade"];
    let count = 0;
    cluster.beforeWrite = () => {
      if (++count === 2) throw apiFailure(403, "Forbidden", "not now");
    };
    t.match(await runGrant(move, { cluster }), { code: 4 });
    cluster.beforeWrite = () => undefined;
    t.match(JSON.stringify(cluster.objects()), JSON.stringify(note));
    const before = cluster.writes.length;
    for (const words of others)
      t.match(
        await runGrant(words, { cluster }),
        { code: 2, stderr: /team acme\/web is being moved to beta/ },
        words.join(" "),
      );
    t.equal(cluster.writes.length, before);
    t.match(
      await runGrant(["explain", "ann", "deploy/web", "-n", "dev"], { cluster }),
      { code: 0 },
      "it is still read",
    );
    t.match(await runGrant(["org", "add", "acme", "bob"], { cluster }), { code: 0 }, "the organization is not at rest");
    t.match(await runGrant(move, { cluster }), { code: 0, stdout: /beta\/web now/ });
    t.notMatch(JSON.stringify(cluster.objects()), "kubectl-mirrord.io/moving");
  },
);

t.test("a move that has copied nothing yet is given up by moving the team to where it is", async (t) => {
  const cluster = exampleMemory();
  for (const line of company) await runGrant(line, { cluster });
  const stay = ["team", "move", "acme/web", "acme"];
  t.match(await runGrant(stay, { cluster }), { code: 0, stdout: "Nothing was changed.\n" });
  const acme = cluster.objects().find(({ kind, metadata }) => kind === "Organization" && metadata.name === "acme")!;
  const noted = { ...acme, metadata: { ...acme.metadata, annotations: { "kubectl-mirrord.io/moving": note } } };
  cluster.put(noted);
  t.match(await runGrant(stay, { cluster }), { code: 0, stdout: "Team acme/web stays.\n" });
  t.match(await runGrant(["team", "add", "acme/web", "bob"], { cluster }), { code: 0 });

  for (const line of [
    ["team", "remove", "acme/web", "bob"],
    ["team", "create", "beta/web"],
    ["team", "add", "beta/web", "ann"],
  ])
    await runGrant(line, { cluster });
  cluster.put(noted);
  t.match(await runGrant(stay, { cluster }), { code: 2, stderr: /is being moved to beta/ }, "the copy is there");
});

t.test("what an interrupted move has made of a grant is revoked with it", async (t) => {
  const cluster = exampleMemory();
  for (const line of company) await runGrant(line, { cluster });
  cluster.beforeWrite = (_count, what) => {
    if (what.startsWith("update ClusterRoleBinding mirrord:grant:acme-web"))
      throw apiFailure(500, "InternalError", "down");
  };
  t.match(await runGrant(["team", "move", "acme/web", "beta", "--cascade"], { cluster }), { code: 4 });
  cluster.beforeWrite = () => undefined;
  t.match(JSON.stringify(cluster.objects()), "grant:beta-web");
  t.match(await runGrant(["revoke", "team:acme/web"], { cluster }), { code: 0 });
  t.notMatch(JSON.stringify(cluster.objects()), /grant:(acme|beta)-web/);
});

t.test("an organization whose renaming was interrupted is left alone, until the same command ends it", async (t) => {
  const cluster = exampleMemory();
  for (const line of [...company, ["org:acme", "--ns", "dev"]]) await runGrant(line, { cluster });
  const rename = ["org", "move", "acme", "apex", "--cascade"];
  let count = 0;
  cluster.beforeWrite = () => {
    if (++count === 2) throw apiFailure(403, "Forbidden", "not now");
  };
  t.match(await runGrant(rename, { cluster }), { code: 4 });
  cluster.beforeWrite = () => undefined;
  const before = cluster.writes.length;
  const all = [
    ["org", "move", "acme", "zeta", "--cascade"],
    ["org", "add", "acme", "bob"],
    ["org", "create", "acme", "--description", "Those who build the shop"],
    ["org", "delete", "acme", "--cascade", "-y"],
    ["org:acme", "--ns", "qa"],
    ["team", "create", "acme/cart"],
    ["team", "add", "acme/web", "bob"],
    ["team", "move", "acme/web", "beta", "--cascade"],
    ["team:acme/web", "--ns", "qa"],
  ];
  for (const words of all) {
    const answer = { code: 2, stderr: /acme is being moved to apex/ };
    t.match(await runGrant(words, { cluster }), answer, words.join(" "));
  }
  t.equal(cluster.writes.length, before);
  t.match(await runGrant(rename, { cluster }), { code: 0, stdout: /Organization acme is apex now/ });
  t.notMatch(JSON.stringify(cluster.objects()), /kubectl-mirrord.io\/moving|acme/);
});

t.test("the renaming of an organization that has copied nothing yet is given up by the name that it has", async (t) => {
  const cluster = exampleMemory();
  for (const line of company) await runGrant(line, { cluster });
  const stay = ["org", "move", "acme", "acme"];
  t.match(await runGrant(stay, { cluster }), { code: 0, stdout: "Nothing was changed.\n" });
  const acme = cluster.objects().find(({ kind, metadata }) => kind === "Organization" && metadata.name === "acme")!;
  const annotations = { "kubectl-mirrord.io/moving": '{"":"apex"}' };
  cluster.put({ ...acme, metadata: { ...acme.metadata, annotations } });
  t.match(await runGrant(stay, { cluster }), { code: 0, stdout: "Organization acme stays.\n" });
  t.match(await runGrant(["org", "add", "acme", "bob"], { cluster }), { code: 0 });
  const changed = cluster.objects().find(({ kind, metadata }) => kind === "Organization" && metadata.name === "acme")!;
  cluster.put(
    { ...changed, metadata: { ...changed.metadata, annotations } },
    { ...changed, metadata: { name: "apex" } },
  );
  t.match(await runGrant(stay, { cluster }), { code: 2, stderr: /is being moved to apex/ }, "the copy is there");
});
