// A team is moved, and somebody else changes it meanwhile: before each write of the one command the other runs from its beginning to
// its end. What is left is what one of the two orders leaves; of a command that fails, nothing that a sync does not clear away.
import t from "tap";
import type { Cluster } from "../../lib/kube/cluster.ts";
import type { MemoryCluster } from "../kube/memory-cluster.ts";
import { exampleMemory, runGrant, type Ran } from "./grant-world.ts";

const company = [
  ["org", "create", "acme"],
  ["org", "create", "beta"],
  ["org", "create", "zeta"],
  ["team", "create", "acme/web"],
  ["team", "create", "acme/cart"],
  ["team", "add", "acme/web", "ann"],
  ["team:acme/web", "--ns", "dev", "--ns", "qa"],
];
const move = ["team", "move", "acme/web", "beta", "--cascade"];

const pairs: [what: string, first: string[], second: string[]][] = [
  ["while a team moves, somebody moves it elsewhere", move, ["team", "move", "acme/web", "zeta", "--cascade"]],
  ["while a team moves, somebody adds a member", move, ["team", "add", "acme/web", "bob"]],
  ["while a team moves, somebody deletes it", move, ["team", "delete", "acme/web", "--cascade", "-y"]],
  ["while somebody deletes a team, it moves", ["team", "delete", "acme/web", "--cascade", "-y"], move],
  ["while a team moves, another of the organization changes", move, ["team", "add", "acme/cart", "bob"]],
  ["while a team moves, its organization is renamed", move, ["org", "move", "acme", "apex", "--cascade"]],
  ["while a team moves, somebody grants it more", move, ["team:acme/web", "--ns", "prod"]],
  ["while somebody grants a team more, it moves", ["team:acme/web", "--ns", "prod"], move],
  ["while a team moves, somebody revokes what it was granted", move, ["revoke", "team:acme/web"]],
  ["while somebody revokes what a team was granted, it moves", ["revoke", "team:acme/web"], move],
  ["while a team moves, somebody revokes it in one namespace", move, ["revoke", "team:acme/web", "--ns", "dev"]],
  ["while a team moves, somebody syncs", move, ["sync", "-y"]],
];

async function madeCompany(): Promise<MemoryCluster> {
  const cluster = exampleMemory();
  for (const words of company) {
    const { code, stderr } = await runGrant(words, { cluster });
    if (code !== 0) throw new Error(`${words.join(" ")}: ${stderr}`);
  }
  return cluster;
}

/** The cluster, in which something else happens just before the write of that number, counted from 1. */
function interrupted(cluster: MemoryCluster, at: number, act: () => Promise<void>): Cluster {
  let writes = 0;
  const meanwhile = async (dryRun: boolean | undefined) => {
    if (dryRun !== true && (writes += 1) === at) await act();
  };
  return {
    ...cluster,
    apply: async (type, object, options) => {
      await meanwhile(options?.dryRun);
      return await cluster.apply(type, object, options);
    },
    create: async (type, object, options) => {
      await meanwhile(options?.dryRun);
      return await cluster.create(type, object, options);
    },
    patch: async (...change) => {
      await meanwhile(change[4]?.dryRun);
      return await cluster.patch!(...change);
    },
    delete: async (...deletion) => {
      await meanwhile(deletion[3]?.dryRun);
      return await cluster.delete(...deletion);
    },
  };
}

/** Who is in which team, and what is granted to whom; what belongs to nothing any more is collected. */
function remains(cluster: MemoryCluster): string {
  const all = cluster.objects();
  const uids = new Set(all.map(({ metadata }) => metadata.uid));
  const kinds = new Set(["Organization", "ClusterRoleBinding", "RoleBinding"]);
  return all
    .filter(
      ({ kind, metadata: { ownerReferences = [] } }) =>
        kinds.has(kind) && ownerReferences.every(({ uid }) => uids.has(uid)),
    )
    .map(({ kind, metadata: { namespace = "", name = "", annotations = {} }, subjects, spec }) =>
      JSON.stringify([kind, namespace, name, annotations["kubectl-mirrord.io/intent"], subjects, spec]),
    )
    .toSorted()
    .join("\n");
}

type Said = "done" | "nothing to do" | "failed";

/** What the command says that it did. Exit code 4: part of it, or all before somebody else came. */
function said({ code, stderr }: Ran): Said[] {
  if (code === 4) return ["failed", "done"];
  if (code !== 0 && code !== 1) return ["failed"];
  return [/^no grant of/m.test(stderr) ? "nothing to do" : "done"];
}

/** Every outcome of the two after one another, or of one of them where the other fails. */
async function possibleOutcomes(first: string[], second: string[]): Promise<Set<string>> {
  const possible = new Set<string>();
  for (const order of [[0, 1], [1, 0], [0], [1], []]) {
    const cluster = await madeCompany();
    const ran: (Ran | undefined)[] = [undefined, undefined];
    for (const which of order) ran[which] = await runGrant([first, second][which] ?? [], { cluster });
    for (const each of await outcomes(cluster, ran)) possible.add(each);
  }
  return possible;
}

/** What the two said, and what there is. What one that failed has left over, the next sync clears away. */
async function outcomes(cluster: MemoryCluster, ran: readonly (Ran | undefined)[]): Promise<string[]> {
  const [first = [], second = []] = ran.map((one): Said[] => (one === undefined ? ["failed"] : said(one)));
  if ([...first, ...second].includes("failed")) await runGrant(["sync", "-y"], { cluster });
  const left = remains(cluster);
  return first.flatMap((one) => second.map((other) => [one, other, left].join("\n")));
}

for (const [what, first, second] of pairs) {
  t.test(what, async (t) => {
    const possible = await possibleOutcomes(first, second);
    let at = 1;
    for (; ; at += 1) {
      const cluster = await madeCompany();
      let meanwhile: Ran | undefined;
      const between = interrupted(cluster, at, async () => {
        meanwhile = await runGrant(second, { cluster });
      });
      const own = await runGrant(first, { cluster: between });
      if (meanwhile === undefined) break;
      const left = await outcomes(cluster, [own, meanwhile]);
      t.ok(
        left.some((each) => possible.has(each)),
        `before write ${at}`,
        { left, own: own.stderr, meanwhile: meanwhile.stderr },
      );
    }
    t.ok(at > 1, "there are writes to come between");
  });
}
