import { planAdministrators } from "../../../access/administrators.ts";
import { parseGrantee } from "../../../access/parse-intent.ts";
import { formatSubject, requireRbac } from "../../../access/subject.ts";
import { command } from "../../../cli/grammar/command.ts";
import { booleanFlag } from "../../../cli/grammar/flags.ts";
import { unaskedYesFlag } from "../../../cli/grammar/shared-flags.ts";
import { listWords } from "../../../text/list-words.ts";
import { connectBounded } from "../../connection.ts";
import { writePlan } from "../../write-plan.ts";
import { changeFlags } from "../change-flags.ts";
import { showChange } from "../show-change.ts";
import { readAdminBinding, requireAdminRole } from "./read.ts";
import { subjectsPositional } from "./subjects.ts";

export const add = command({
  name: "grant admin add",
  summary: "Make somebody an administrator.",
  description: "Whoever is one already stays one. An administrator decides on everybody's access, also on their own.",
  usage: "SUBJECT … [flags]",
  examples: {
    "kubectl mirrord grant admin add ann": "One user",
    "kubectl mirrord grant admin add group:oidc:platform sa:ci/deployer": "A group and a service account",
  },
  positionals: { subjects: subjectsPositional },
  flags: {
    dangerous: booleanFlag("Allow subjects of Kubernetes itself, such as everybody who is logged in."),
    ...changeFlags,
    yes: unaskedYesFlag,
  },
  async run({ subjects: texts, dangerous, dryRun, output, yes: _yes, ...connection }, world) {
    const subjects = texts.map((text) => requireRbac(parseGrantee(text, dangerous)));
    const cluster = await connectBounded(connection, world);
    await requireAdminRole(cluster);
    const plan = async () => ({ plan: planAdministrators(await readAdminBinding(cluster), subjects) });
    const { planned } = await writePlan(plan, cluster, { world, dryRun });
    const who = listWords(subjects.map(formatSubject));
    const sentences = [`${who} can now decide on everybody's access: grants, roles, organizations and collections.`];
    await showChange("AdministratorChange", { ...planned, sentences }, { dryRun, output }, world);
    return 0;
  },
});
