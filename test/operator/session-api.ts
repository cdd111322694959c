import { apiVersion, isDryRun, listReply, selected } from "./lists.ts";
import type { Call, Handler, Operator } from "./operator.ts";
import type { Reply } from "./reply.ts";
import { displaySessionId, sessionEntry } from "./sessions.ts";
import type { Session } from "./sessions.ts";
import { methodNotAllowed, notFound, success } from "./status.ts";

/** `sessions`: list, get, delete and deletecollection, below a namespace and at cluster scope. */
export const handleSessions: Handler = (operator, call) => {
  const { method, path } = call;
  // What an operator without these routes answers: text that no client can read as a Status.
  if (operator.settings.legacy) return { code: 404, text: "404 page not found\n" };
  if (path.proxied || path.subresource !== undefined) throw methodNotAllowed();
  if (path.name === undefined) {
    if (method === "GET") return listReply(operator, call, "Session", selectedObjects(operator, call));
    if (method === "DELETE") return deleteCollection(operator, call);
    throw methodNotAllowed();
  }
  if (method === "DELETE" && path.name === "inactive") return deleteInactive(operator, call);
  const session = operator.sessions.find(path.name, path.namespace);
  if (session === undefined) throw notFound("sessions", path.name);
  if (method === "GET") return { code: 200, json: sessionObject(session, operator.now()) };
  if (method !== "DELETE") throw methodNotAllowed();
  if (!isDryRun(call)) operator.sessions.stop(session);
  return { code: 200, json: success("session stopped") };
};

function sessionObject(session: Session, now: Date) {
  const metadata = { name: displaySessionId(session.id), namespace: session.namespace };
  return { apiVersion, kind: "Session", metadata, spec: { session: sessionEntry(session, now) } };
}

function selectedObjects(operator: Operator, call: Call) {
  return selectedSessions(operator, call).map((session) => sessionObject(session, operator.now()));
}

const fields = ["metadata.name", "metadata.namespace", "spec.session.key"] as const;

function selectedSessions(operator: Operator, call: Call): Session[] {
  const isSelected = selected(call, fields);
  return sessionsInScope(operator, call).filter((session) =>
    isSelected({
      "metadata.name": displaySessionId(session.id),
      "metadata.namespace": session.namespace,
      "spec.session.key": session.key,
    }),
  );
}

function sessionsInScope({ sessions }: Operator, { path: { namespace } }: Call): Session[] {
  return sessions.all().filter((session) => (namespace ?? session.namespace) === session.namespace);
}

function deleteCollection(operator: Operator, call: Call): Reply {
  const chosen = selectedSessions(operator, call);
  if (!isDryRun(call)) for (const session of chosen) operator.sessions.stop(session);
  return { code: 200, json: success("sessions stopped") };
}

function deleteInactive(operator: Operator, call: Call): Reply {
  const chosen = sessionsInScope(operator, call).filter(({ active }) => !active);
  if (!isDryRun(call)) for (const session of chosen) operator.sessions.stop(session);
  return { code: 200, json: success("inactive sessions stopped") };
}
