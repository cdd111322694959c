import type { Completer } from "../../cli/completion/complete.ts";
import { readSessions } from "../../reading/sessions.ts";
import { durationText, sortSessions, targetText, userText } from "../session-view.ts";

/** The ids of live sessions, with whose they are; those that are on the line already are left out. Previews are none. */
export const completeSessions: Completer = async (typed, world, { given }) => {
  const cluster = await world.connect(typed);
  const { sessions } = await readSessions(cluster, typed.namespace);
  return sortSessions(sessions)
    .filter(({ id, kind }) => id !== "" && kind !== "preview" && !given.includes(id))
    .map((session) => {
      const { id, namespace, seconds } = session;
      const place = namespace === undefined ? "" : ` in ${namespace}`;
      return {
        value: id,
        describe: `${userText(session)} on ${targetText(session)}${place}, ${durationText(seconds)}`,
      };
    });
};
