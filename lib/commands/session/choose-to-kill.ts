import type { World } from "../../cli/world.ts";
import { UserError } from "../../errors.ts";
import type { Cluster, ReviewAnswer } from "../../kube/cluster.ts";
import type { ResourceAttributes } from "../../kubernetes/access.ts";
import { mirrordResources } from "../../mirrord/resources.ts";
import { shellCommand } from "../../text/shell-quote.ts";
import type { Session } from "../../mirrord/session/session.ts";
import { bareId, decimalName, findSessions, type FoundSessions } from "../../mirrord/session/session-id.ts";
import { attempt } from "../../reading/read.ts";
import { readSessions, type ReadSessions } from "../../reading/sessions.ts";
import { disputes } from "../session-view.ts";
import { doubt, selectSessions, type FilterOptions } from "./select.ts";

export interface KillOptions extends FilterOptions {
  ids: string[];
  namespace: string | undefined;
  all: boolean;
  inactive: boolean;
}

/** How the sessions were named, which decides how carefully to ask. */
export type Way = "ids" | "filter" | "all" | "inactive";

export function selectionMethod({ ids, all, inactive }: KillOptions): Way {
  if (ids.length > 0) return "ids";
  if (all) return "all";
  return inactive ? "inactive" : "filter";
}

export interface ToKill {
  sessions: Session[];
  missing: FoundSessions["missing"];
  warnings: string[];
  /** Everything that was listed, so that no name can hit another session. */
  all: Session[];
}

/** Chooses the sessions. Whether the caller may end any at all is asked at the same time, before any question to the user. */
export async function chooseToKill(
  cluster: Cluster,
  options: KillOptions,
  world: Pick<World, "now" | "warn">,
): Promise<ToKill> {
  const [, chosen] = await Promise.all([checkMayKill(cluster, options, world), choose(cluster, options, world)]);
  return chosen;
}

async function choose(cluster: Cluster, options: KillOptions, world: Pick<World, "now">): Promise<ToKill> {
  const { ids, namespace } = options;
  if (ids.length > 0) {
    const read = await readSessions(cluster, undefined);
    const { sessions, missing } = findSessions(read.sessions, ids, namespace);
    const previews = sessions
      .filter(isPreview)
      .map(({ id }) => ({ id, reason: `${id} is a preview, not a session; end it with: mirrord preview stop` }));
    return toKill(sessions, [...missing, ...previews], disputes(sessions), read);
  }
  const selected = await selectSessions(cluster, undefined, options, world, namespace);
  const { sessions, unsure, read } = selected;
  const warnings = unsure.map((session) => `session ${session.id} is left alone: ${doubt(selected, session)}`);
  return toKill(sessions, [], [...warnings, ...disputes(read.sessions)], read);
}

const isPreview = ({ kind }: Session): boolean => kind === "preview";

function toKill(
  chosen: readonly Session[],
  missing: FoundSessions["missing"],
  warnings: string[],
  read: ReadSessions,
): ToKill {
  const nameless = chosen.filter(({ id, kind }) => id === "" && kind !== "preview").length;
  return {
    sessions: chosen.filter((session) => !isPreview(session) && session.id !== ""),
    missing,
    warnings:
      nameless === 0 ? warnings : [...warnings, `${nameless} sessions have no id, so they cannot be ended one by one`],
    all: read.sessions,
  };
}

const { group, resource } = mirrordResources.sessions;

/**
 * Asks whether the caller may end sessions in the whole cluster, where mirrord ends them: a role in a namespace is not
 * enough. A rule may name sessions, by either spelling of their ids. What could not be asked is left to the server.
 * Throws UserError "refused" that names the missing rule.
 */
async function checkMayKill(
  cluster: Pick<Cluster, "review" | "identity">,
  { ids, inactive }: Pick<KillOptions, "ids" | "inactive">,
  world: Pick<World, "warn">,
): Promise<void> {
  const rule: ResourceAttributes = { verb: "delete", apiGroup: group, resource };
  const names = inactive ? ["inactive"] : ids.flatMap(spellings);
  const questions = [rule, ...names.map((name) => ({ ...rule, name }))];
  const [any, ...named] = await cluster.review(questions);
  if (any === undefined || any.answer === "yes" || named.some(({ answer }) => answer === "yes")) return;
  const unknown = [any, ...named].find(({ answer }) => answer === "unknown");
  if (unknown !== undefined)
    return world.warn(`it could not be found out whether you may end sessions: ${unknown.reason}`);
  throw mayNotKill(await callerName(cluster), any);
}

/** `487F…` and its decimal form; what is typed in decimal is as good as the other. */
function spellings(text: string): string[] {
  const id = bareId(text);
  return [...new Set([id, decimalName(id)].filter((name) => name !== undefined))];
}

async function callerName(cluster: Pick<Cluster, "identity">): Promise<string> {
  const identity = await attempt(() => cluster.identity());
  return identity.failed ? "USER" : identity.value.name;
}

function mayNotKill(user: string, { reason }: ReviewAnswer): UserError {
  const name = "mirrord-session-admin";
  const create = ["kubectl", "create"];
  return new UserError(
    "refused",
    `${user === "USER" ? "you" : JSON.stringify(user)} cannot delete ${resource}.${group} in the whole cluster${reason === "" ? "" : ` (${reason})`}`,
    [
      "mirrord ends sessions at cluster scope, so a role in one namespace is not enough. The rule that is missing:",
      `  apiGroups: [${group}], resources: [${resource}], verbs: [delete]`,
      "An administrator can grant it; it lets its holder end everybody's sessions:",
      `  ${shellCommand([...create, "clusterrole", name, "--verb=delete", `--resource=${resource}.${group}`])}`,
      `  ${shellCommand([...create, "clusterrolebinding", name, `--clusterrole=${name}`, `--user=${user}`])}`,
    ],
  );
}
