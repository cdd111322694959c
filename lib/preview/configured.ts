import { refuseConflicts } from "../mirrord/config/conflicts.ts";
import { applyProfile } from "../mirrord/config/profile.ts";
import type { SessionConfig } from "../mirrord/config/session-config.ts";
import type { Action } from "../mirrord/plan/session-plan.ts";
import { isAboutTarget, type Asked } from "./asked.ts";
import type { ReadProfile } from "./plan-facts.ts";

/**
 * The session that the client makes of its configuration: what was typed stands above the file (`mirrord exec --steal -t …`),
 * and the profile above both. Nothing that can be typed turns the file's copy target off. Throws UserError "usage" for what the
 * client refuses of the whole, and for a change of the profile that it does not know.
 */
export function configuredSession(
  { action, target, config }: Pick<Asked, "action" | "target" | "config">,
  profile: ReadProfile,
): SessionConfig | undefined {
  if (config === undefined) return undefined;
  const { session, file } = config;
  const typed = isSession(action) ? { ...session, target, incoming: incomingTyped(session, action) } : session;
  const object = profile === undefined || profile.failed ? undefined : profile.value;
  if (object !== undefined) return applyProfile(typed, object, file);
  if (session.profile === undefined && isSession(action)) refuseConflicts(typed, file);
  return typed;
}

const isSession = (action: Action) => action !== "preview" && isAboutTarget(action);

// A configuration that steals is never asked about as `mirror` unless that was typed; one that does nothing is.
function incomingTyped({ incoming }: SessionConfig, action: Action): SessionConfig["incoming"] {
  if (action === "steal") return { ...incoming, mode: "steal" };
  return action === "mirror" && incoming.mode === "steal" ? { ...incoming, mode: "mirror" } : incoming;
}

const does = {
  mirror: "mirror incoming traffic",
  steal: "steal incoming traffic",
  off: "leave incoming traffic alone",
} as const;

/** What the profile makes of incoming traffic, where that is not what was asked about: one line or none. */
export function profileEffects(asked: Asked, profile: ReadProfile): string[] {
  const name = asked.config?.session.profile?.name;
  if (name === undefined || !isSession(asked.action)) return [];
  const before = configuredSession(asked, undefined)?.incoming.mode;
  const after = configuredSession(asked, profile)?.incoming.mode;
  if (before === undefined || after === undefined || before === after) return [];
  const instead = { mirror: "not mirror it", steal: "not steal it", off: "not leave it alone" }[before];
  return [`the profile ${JSON.stringify(name)} makes it ${does[after]}, ${instead}`];
}
