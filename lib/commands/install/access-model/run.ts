import { parseRbacSubject } from "../../../access/subject.ts";
import type { ConnectOptions, World } from "../../../cli/world.ts";
import type { Paragraph } from "../../../view/text.ts";
import { connectBounded } from "../../connection.ts";
import { showWritten } from "../show-written.ts";
import { removeGuards, writeAccessModel, type AccessModelOptions } from "./write.ts";

export interface AccessModelFlags extends Pick<
  AccessModelOptions,
  "dryRun" | "forceConflicts" | "readers" | "withoutPolicies" | "yes"
> {
  accessModel: "on" | "off";
  admin: readonly string[];
  diff: boolean;
}

/** The access model alone: the operator stays as it is. Resolves to the exit code. */
export async function setAccessModel(flags: AccessModelFlags & ConnectOptions, world: World): Promise<number> {
  const { accessModel, admin, readers, withoutPolicies, forceConflicts, yes, diff, ...connection } = flags;
  const administrators = admin.map(parseRbacSubject);
  const cluster = await connectBounded(connection, world);
  const mode = { dryRun: diff && flags.dryRun === "none" ? ("server" as const) : flags.dryRun, yes };
  const { plan, confirmed } =
    accessModel === "off"
      ? await removeGuards(cluster, mode, world)
      : await writeAccessModel(cluster, { ...mode, readers, administrators, withoutPolicies, forceConflicts }, world);
  const outcome = accessModel === "off" ? off : withoutPolicies ? unguarded : on;
  return await showWritten({ plan, confirmed, outcome }, { ...mode, diff }, world);
}

const addAdministrator: Paragraph = { paste: "kubectl mirrord grant admin add SUBJECT" };

const on: Paragraph[] = [
  "Access model: on. Within a second or two only administrators can write grants, roles of mirrord, organizations and collections. To name one:",
  addAdministrator,
  "To prove it:",
  { paste: "kubectl mirrord install verify" },
];

const unguarded: Paragraph[] = [
  "Access model: on, without its policies. Whoever has the rights can change access, administrator or not. To name an administrator:",
  addAdministrator,
];

const off: Paragraph[] = [
  "Access model: off. Nothing but RBAC keeps others from writing grants and collections. Organizations, collections and administrators stay. See:",
  { paste: "kubectl mirrord grant admin list" },
];
