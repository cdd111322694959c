import { administrators, planNoAdministrators, type Administrator } from "../../../access/administrators.ts";
import { formatSubject, parseRbacSubject, userSubject, type RbacSubject } from "../../../access/subject.ts";
import { command } from "../../../cli/grammar/command.ts";
import type { World } from "../../../cli/world.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import { readRbac } from "../../../reading/rbac-objects.ts";
import { listWords } from "../../../text/list-words.ts";
import { connectBounded } from "../../connection.ts";
import { writePlan, writes } from "../../write-plan.ts";
import { changeFlags } from "../change-flags.ts";
import { showChange } from "../show-change.ts";
import { readAdminBinding } from "./read.ts";
import { administratorsPositional } from "./subjects.ts";

export const remove = command({
  name: "grant admin remove",
  summary: "Make somebody an administrator no more.",
  description: [
    "The last one is kept, also when two are removed at the same time. Who passes for an administrator by another binding is",
    "named: that binding is left as it is.",
  ].join(" "),
  usage: "SUBJECT … [flags]",
  examples: { "kubectl mirrord grant admin remove ann": "One user" },
  positionals: { subjects: administratorsPositional },
  flags: changeFlags,
  exitCodes: { 0: "removed, or was none", 1: "declined" },
  async run({ subjects: texts, dryRun, output, yes, ...connection }, world) {
    const subjects = texts.map(parseRbacSubject);
    const cluster = await connectBounded(connection, world);
    const plan = async () => ({ plan: planNoAdministrators(await readAdminBinding(cluster), subjects) });
    const confirm = async () => yes || (await isMeant(cluster, subjects, world));
    const { planned, written } = await writePlan(plan, cluster, { world, dryRun, confirm });
    if (dryRun === "none" && !written && writes(planned.plan).length > 0) {
      world.print("Nothing was changed.");
      return 1;
    }
    const who = listWords(subjects.map(formatSubject));
    const sentences = [`${who} ${subjects.length === 1 ? "is" : "are"} no longer named as administrator.`];
    await showChange("AdministratorChange", { ...planned, sentences }, { dryRun, output }, world);
    await warnOfOthers(cluster, subjects, world);
    return 0;
  },
});

/** Whoever removes themselves cannot put themselves back. */
async function isMeant(cluster: Cluster, subjects: readonly RbacSubject[], world: World): Promise<boolean> {
  const own = formatSubject(userSubject((await cluster.identity()).name));
  if (!subjects.some((subject) => formatSubject(subject) === own)) return true;
  return await world.ask.confirm(`You are ${own}. Take this from yourself?`, "--yes");
}

/** A subject that is named by another binding goes on being an administrator. */
async function warnOfOthers(cluster: Cluster, subjects: readonly RbacSubject[], world: World): Promise<void> {
  const { objects, unreadable } = await readRbac(cluster, []);
  if (unreadable.length > 0)
    world.warn(
      `you may not list ${unreadable.join(", ")}: whether they are administrators by another binding is not known`,
    );
  const removed = new Set(subjects.map(formatSubject));
  const isRemoved = ({ subject, managed }: Administrator) => !managed && removed.has(formatSubject(subject));
  for (const { subject, binding, role } of administrators(objects).filter(isRemoved))
    world.warn(
      `${formatSubject(subject)} is still an administrator: clusterrolebinding ${binding} binds clusterrole ${role}`,
    );
}
