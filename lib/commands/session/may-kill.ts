import type { World } from "../../cli/world.ts";
import { UserError } from "../../errors.ts";
import type { Cluster, ReviewAnswer } from "../../kube/cluster.ts";
import type { ResourceAttributes } from "../../kubernetes/access.ts";
import { mirrordResources } from "../../mirrord/resources.ts";
import { bareId, decimalName } from "../../mirrord/session/session-id.ts";
import { shellQuote } from "../../text/shell-quote.ts";
import type { KillOptions } from "./choose-to-kill.ts";

const { group, resource } = mirrordResources.sessions;

/**
 * Asks whether the caller may end sessions in the whole cluster, where mirrord ends them: a role in a namespace is not
 * enough. A rule may name sessions, by either spelling of their ids. What could not be asked is left to the server.
 * Throws UserError "refused" that names the missing rule.
 */
export async function checkMayKill(
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
  throw missing(await nameOf(cluster), any);
}

/** `487F…` and its decimal form; what is typed in decimal is as good as the other. */
function spellings(text: string): string[] {
  const id = bareId(text);
  return [...new Set([id, decimalName(id)].filter((name) => name !== undefined))];
}

async function nameOf(cluster: Pick<Cluster, "identity">): Promise<string> {
  try {
    return (await cluster.identity()).name;
  } catch (error) {
    if (!(error instanceof UserError) || error.kind === "interrupted") throw error;
    return "USER";
  }
}

function missing(user: string, { reason }: ReviewAnswer): UserError {
  const name = "mirrord-session-admin";
  return new UserError(
    "refused",
    `${user === "USER" ? "you" : JSON.stringify(user)} cannot delete ${resource}.${group} in the whole cluster${reason === "" ? "" : ` (${reason})`}`,
    [
      "mirrord ends sessions at cluster scope, so a role in one namespace is not enough. The rule that is missing:",
      `  apiGroups: [${group}], resources: [${resource}], verbs: [delete]`,
      "An administrator can grant it; it lets its holder end everybody's sessions:",
      `  kubectl create clusterrole ${name} --verb=delete --resource=${resource}.${group}`,
      `  kubectl create clusterrolebinding ${name} --clusterrole=${name} --user=${shellQuote(user)}`,
    ],
  );
}
