// Whoever may read everything but one type is told which one it is, whenever that changes what a command says: for every
// command that reads, and every read that it makes. test/permissions does the same on a real API server.
import t from "tap";
import { report } from "../../lib/cli/report.ts";
import type { Cluster } from "../../lib/kube/cluster.ts";
import type { ResourceType } from "../../lib/kubernetes/object.ts";
import { fakeWorld } from "../cli/fake-world.ts";
import { apiFailure, memoryCluster } from "../kube/memory-cluster.ts";
import { naming, newLines } from "../permissions/naming.ts";
import {
  commandsBelow,
  fullCluster,
  planningLines,
  readingLines,
  runOn,
  writing,
  writingLines,
} from "./full-cluster.ts";

const full = await fullCluster();

const typeText = ({ resource, group }: ResourceType): string => `${resource}${group === "" ? "" : `.${group}`}`;

/** The cluster for somebody who lacks one right: `list pods`, `get deployments.apps`. What is read is added to `sent`. */
function lacking(cluster: Cluster, lacks: string | undefined, sent: Set<string>): Cluster {
  const check = (verb: string, type: ResourceType): void => {
    const right = `${verb} ${typeText(type)}`;
    sent.add(right);
    const refusal = `${typeText(type)} is forbidden: User "x" cannot ${verb} resource "${type.resource}" in API group "${type.group}" at the cluster scope`;
    if (right === lacks) throw apiFailure(403, "Forbidden", refusal);
  };
  return {
    ...cluster,
    async get(type, ...place) {
      check("get", type);
      return await cluster.get(type, ...place);
    },
    async *list(type, options) {
      check("list", type);
      yield* cluster.list(type, options);
    },
  };
}

/** A grant's id is another one each time. */
const comparable = (text: string): string => text.replaceAll(/\b[a-z2-7]{20}\b/g, "ID");

async function look(line: string, lacks?: string) {
  const sent = new Set<string>();
  const world = fakeWorld();
  const code = await runOn(lacking(memoryCluster(...full.objects()), lacks, sent), line.split(" "), world).catch(
    (error: unknown) => {
      const { lines, exitCode } = report(error);
      world.note(lines);
      return exitCode;
    },
  );
  return { code, stdout: comparable(world.stdout), said: comparable(world.stdout + world.stderr), sent };
}

for (const line of [...readingLines, ...planningLines, ...writingLines])
  t.test(`${line}: with one right less it says what it may not read`, async (t) => {
    const whole = await look(line);
    t.ok([0, 1, 3].includes(whole.code) && whole.sent.size > 0, whole.said);
    for (const lacks of whole.sent) {
      const less = await look(line, lacks);
      t.not(less.code, 70, `without ${lacks}: ${less.said}`);
      const isSame = less.code === whole.code && less.stdout === whole.stdout;
      const [verb = "", resource = ""] = lacks.split(/[ .]/);
      if (!isSame) t.match(newLines(less.said, whole.said), naming({ verb, resource }), `without ${lacks}`);
    }
  });

t.test("every command that reaches a cluster is among them, or is known to write", async (t) => {
  const all = (await commandsBelow()).filter(({ flags, run }) => run !== undefined && "server" in flags);
  const seen = all.filter(({ name }) => [...readingLines, ...planningLines].some((line) => isRunOf(line, name, all)));
  t.same(
    all.map(({ name }) => name).filter((name) => !writing.has(name) && !seen.some((each) => each.name === name)),
    [],
  );
});

/** The longest name that begins a line is the command. */
function isRunOf(line: string, name: string, all: readonly { name: string }[]): boolean {
  const begins = all.filter((each) => line === each.name || line.startsWith(`${each.name} `));
  return begins.every((each) => each.name.length <= name.length) && begins.some((each) => each.name === name);
}
