import type { Completer } from "../../cli/completion/complete.ts";
import { readSessions } from "../../reading/sessions.ts";
import { durationText, sortRows, targetText, userText } from "../session-row.ts";

/** The ids of live sessions, with whose they are; those that are on the line already are left out. Previews are none. */
export const completeSessions: Completer = async (typed, world, { given }) => {
  const cluster = await world.connect(typed);
  const { sessions } = await readSessions(cluster, typed.namespace);
  const rows = sortRows(
    sessions.map((session) => ({ session })),
    undefined,
  );
  return rows
    .map(({ session }) => session)
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
