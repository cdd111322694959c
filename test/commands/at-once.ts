// Commands about one company at once, on a cluster in memory: what they leave has to be what some order of them leaves.
import t from "tap";
import { collectionLabels, type CollectionPath } from "../../lib/access/collection.ts";
import type { Cluster } from "../../lib/kube/cluster.ts";
import type { MemoryCluster } from "../kube/memory-cluster.ts";
import { exampleMemory, runGrant, type Ran } from "./grant-world.ts";
import { inTurns, standing, waiting } from "./turns.ts";

/** What the commands find: the example cluster after other commands. */
export interface Company {
  /** One after the other; each of them has to end well. */
  commands: readonly string[][];
  /** Namespaces that somebody has put into a collection by their labels before: nobody has created that. */
  labelled?: Readonly<Record<string, CollectionPath>>;
}

async function companyAfter({ commands, labelled = {} }: Company): Promise<MemoryCluster> {
  const cluster = exampleMemory();
  for (const [name, path] of Object.entries(labelled)) {
    const labels = { ...collectionLabels(path), "kubernetes.io/metadata.name": name };
    cluster.put({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
  }
  for (const words of commands) {
    const { code, stderr } = await runGrant(words, { cluster });
    if (code !== 0) throw new Error(`${words.join(" ")}: ${stderr}`);
  }
  return cluster;
}

/** Just before the write of that number, counted from 1, of the first command, the second runs from beginning to end. Undefined: there is no such write. */
async function runBetween(
  cluster: MemoryCluster,
  [first, second]: readonly [string[], string[]],
  at: number,
): Promise<[Ran, Ran] | undefined> {
  let writes = 0;
  let meanwhile: Ran | undefined;
  const between = waiting(cluster, async (isWrite) => {
    if (isWrite && (writes += 1) === at) meanwhile = await runGrant(second, { cluster });
  });
  const own = await runGrant(first, { cluster: between });
  return meanwhile === undefined ? undefined : [own, meanwhile];
}

/** All of them at the same time: whose request is next is by chance. */
async function runTogether(cluster: MemoryCluster, commands: readonly string[][], seed: number): Promise<Ran[]> {
  const ran: Ran[] = [];
  const workers = commands.map((words, at) => async (own: Cluster) => {
    ran[at] = await runGrant(words, { cluster: own });
  });
  await inTurns(cluster, workers, seed);
  return ran;
}

/** Who is where, and what is granted to whom and until when; that each grant that ends has one Job in a namespace to end it. */
function remains(cluster: MemoryCluster): string {
  const kinds = new Set(["Organization", "ClusterRoleBinding", "RoleBinding", "Namespace", "Job"]);
  return standing(cluster.objects())
    .filter(({ kind }) => kinds.has(kind))
    .map(({ kind, metadata: { namespace = "", name = "", annotations = {}, labels }, subjects, spec }) =>
      JSON.stringify([
        kind,
        namespace,
        // The server makes up the end of the name of a Job.
        kind === "Job" ? name.replace(/-[^-]*$/, "") : name,
        annotations["kubectl-mirrord.io/intent"],
        annotations["kubectl-mirrord.io/expires-at"],
        subjects,
        kind === "Job" ? undefined : spec,
        ...(kind === "Namespace"
          ? [
              Object.entries(labels ?? {})
                .map(([key, value]) => `${key}=${value}`)
                .toSorted(),
            ]
          : []),
      ]),
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

/** Every outcome of the commands after one another, in each order, and of some of them where others fail. */
export async function possibleOutcomes(company: Company, commands: readonly string[][]): Promise<Set<string>> {
  const possible = new Set<string>();
  for (const order of orders(commands.map((_, at) => at))) {
    const cluster = await companyAfter(company);
    const ran: (Ran | undefined)[] = commands.map(() => undefined);
    for (const which of order) ran[which] = await runGrant(commands[which] ?? [], { cluster });
    for (const words of [ran, withoutFirst(commands, ran), withoutSecond(commands, ran)])
      for (const each of await outcomes(cluster, words)) possible.add(each);
  }
  return possible;
}

/** Of several that take back the same grant at the same time each may say that it did. */
function withoutFirst(commands: readonly string[][], ran: readonly (Ran | undefined)[]): (Ran | undefined)[] {
  const revoke = ran.map((one, at) => one !== undefined && commands[at]?.[0] === "revoke");
  const isDone = ran.some((one, at) => revoke[at] === true && one !== undefined && said(one).includes("done"));
  return ran.map((one, at) => (one !== undefined && isDone && revoke[at] === true ? { ...one, stderr: "" } : one));
}

/** Of two that are the same each may say that it did what one of them did. */
function withoutSecond(commands: readonly string[][], ran: readonly (Ran | undefined)[]): (Ran | undefined)[] {
  const done = new Set(commands.filter((_words, at) => ran[at]?.code === 0).map((words) => words.join(" ")));
  return ran.map((one, at) => one && (done.has(commands[at]?.join(" ") ?? "") ? { ...one, code: 0, stderr: "" } : one));
}

/** Every order of each selection. */
function orders(items: readonly number[]): number[][] {
  return [
    [],
    ...items.flatMap((first) => orders(items.filter((item) => item !== first)).map((rest) => [first, ...rest])),
  ];
}

/** What the commands said, and what there is. What one that failed has left over, the next sync clears away. */
async function outcomes(cluster: MemoryCluster, ran: readonly (Ran | undefined)[]): Promise<string[]> {
  const words = ran.map((one): Said[] => (one === undefined ? ["failed"] : said(one)));
  if (words.flat().includes("failed")) await runGrant(["sync", "-y"], { cluster });
  const left = remains(cluster);
  const together = words.reduce<string[][]>(
    (all, each) => all.flatMap((one) => each.map((word) => [...one, word])),
    [[]],
  );
  return together.map((each) => [...each, left].join("\n"));
}

/** Whether these commands, at the same time, leave and say what some order of them does. Undefined where they do; else what was left and said. */
export async function impossibleOutcome(
  company: Company,
  commands: readonly string[][],
  { possible, seed }: { possible: ReadonlySet<string>; seed: number },
): Promise<{ left: string[]; said: string[] } | undefined> {
  const cluster = await companyAfter(company);
  const ran = await runTogether(cluster, commands, seed);
  const left = await outcomes(cluster, ran);
  if (left.some((each) => possible.has(each))) return undefined;
  return { left, said: ran.map(({ stdout, stderr }) => stdout + stderr) };
}

/** A test for each pair: before each write of the first command the second runs from its beginning to its end. */
export function testBetween(company: Company, pairs: readonly [string, string[], string[]][]): void {
  for (const [what, first, second] of pairs) {
    t.test(what, async (t) => {
      const possible = await possibleOutcomes(company, [first, second]);
      let at = 1;
      for (; ; at += 1) {
        const cluster = await companyAfter(company);
        const ran = await runBetween(cluster, [first, second], at);
        if (ran === undefined) break;
        const left = await outcomes(cluster, ran);
        const isPossible = left.some((each) => possible.has(each));
        t.ok(isPossible, `before write ${at}`, { left, said: ran.map(({ stderr }) => stderr) });
      }
      t.ok(at > 1, "there are writes to come between");
    });
  }
}

/** A test for each selection of commands: they run at the same time, in a random order of their requests for each seed. */
export function testTogether(company: Company, selections: readonly string[][][], seeds: readonly number[]): void {
  for (const commands of selections) {
    t.test(`at once: ${commands.map((words) => words.join(" ")).join("; ")}`, async (t) => {
      const possible = await possibleOutcomes(company, commands);
      for (const seed of seeds) {
        const wrong = await impossibleOutcome(company, commands, { possible, seed });
        t.ok(wrong === undefined, `seed ${seed}`, wrong ?? {});
      }
    });
  }
}
