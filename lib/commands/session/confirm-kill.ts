import type { World } from "../../cli/world.ts";
import type { Session } from "../../mirrord/session/session.ts";
import type { Way } from "./choose-to-kill.ts";
import { userText } from "../session-view.ts";

/** From here on a yes is typed as the number of sessions: a key is pressed too easily. */
const MANY = 10;

/** A few named sessions are confirmed by a key; many, or all, by typing how many they are. */
export async function confirmKill(sessions: readonly Session[], way: Way, world: Pick<World, "ask">): Promise<boolean> {
  const count = sessions.length;
  const users = new Set(sessions.map(userText)).size;
  const what = `${count} ${count === 1 ? "session" : "sessions"} of ${users} ${users === 1 ? "user" : "users"}`;
  const question = way === "inactive" ? `End those of ${what} that are inactive?` : `End ${what}?`;
  if (way !== "all" && way !== "inactive" && count < MANY) return await world.ask.confirm(question, "--yes");
  const typed = await world.ask.input(`${question} Type ${count} to go on, or nothing to stop:`, "--yes", (text) =>
    ["", String(count)].includes(text.trim()) ? undefined : `Type ${count}, or nothing.`,
  );
  return typed.trim() === String(count);
}
