// Whoever may read everything but one type is told which one it is, whenever that changes what a command says: for every
// command that reads and many that write, and every read that they make. test/permissions does the same on a real API server.
import t from "tap";
import type { ResourceType } from "../../lib/kubernetes/object.ts";
import { apiFailure } from "../kube/memory-cluster.ts";
import { naming, newLines } from "../permissions/naming.ts";
import {
  commandsBelow,
  fullCluster,
  planningLines,
  readingLines,
  runOnCopy,
  writing,
  writingLines,
} from "./full-cluster.ts";

const full = await fullCluster();

const typeText = ({ resource, group }: ResourceType): string => `${resource}${group === "" ? "" : `.${group}`}`;

/** A grant's id is another one each time. */
const comparable = (text: string): string => text.replaceAll(/\b[a-z2-7]{20}\b/g, "ID");

/** For somebody who lacks one right: `list pods`, `get deployments.apps`. `sent` are the rights that it takes. */
async function look(line: string, lacks?: string) {
  const sent = new Set<string>();
  const { code, stdout, said } = await runOnCopy(full, line, (verb, type) => {
    const right = `${verb} ${typeText(type)}`;
    sent.add(right);
    const refusal = `${typeText(type)} is forbidden: User "x" cannot ${verb} resource "${type.resource}" in API group "${type.group}" at the cluster scope`;
    if (right === lacks) throw apiFailure(403, "Forbidden", refusal);
  });
  return { code, stdout: comparable(stdout), said: comparable(said), sent };
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
