import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { RawData, WebSocket } from "ws";
import type { Admission } from "./admission.ts";
import type { Operator } from "./operator.ts";
import { bindingPolicies, readPolicies } from "./policies.ts";
import { decideSubscription, displayFilter, parseSubscription } from "./subscription.ts";
import type { SubscriptionAnswer } from "./subscription.ts";
import { acceptWebSocket, connectionEnd, messageText } from "./websocket.ts";

const maxWaiting = 100;

/**
 * Accepts the websocket of an admitted connect and answers its subscriptions one after the other. The session lives as
 * long as the connection. Rejects with a Refusal before the handshake is answered: 429 for too many sessions, 400 for a
 * handshake that is none.
 */
export async function openConnection(
  operator: Operator,
  admission: Admission,
  { request, socket, head }: { request: IncomingMessage; socket: Duplex; head: Buffer },
): Promise<WebSocket> {
  const { session } = admission;
  operator.sessions.add(session);
  const copy = operator.copyTargets.find(session.namespace, session.copyTarget ?? "");
  if (copy !== undefined) copy.idleSince = undefined;

  const connection = await acceptWebSocket(request, socket, head).catch((error: unknown) => {
    operator.sessions.end(session);
    throw error;
  });
  let turn = Promise.resolve();
  let waiting = 0;
  connection.on("message", (data: RawData, isBinary) => {
    // mirrord's own protocol, which is not public beyond its client.
    if (isBinary) return connection.close(1003, "the stand-in does not speak the mirrord protocol");
    waiting += 1;
    if (waiting > maxWaiting) return connection.close(1008, "too many messages");
    turn = turn.then(async () => {
      connection.send(JSON.stringify(await answer(operator, admission, messageText(data))), () => {});
      waiting -= 1;
    });
  });
  session.disconnect = (reason) => connection.close(1001, reason);
  void connectionEnd(connection).then(() => {
    operator.sessions.end(session);
    const inUse = operator.sessions.all().some((other) => other.copyTarget === session.copyTarget);
    if (copy !== undefined && !inUse) copy.idleSince = operator.now();
  });
  return connection;
}

async function answer(
  operator: Operator,
  { session, policyTarget }: Admission,
  text: string,
): Promise<SubscriptionAnswer> {
  const subscription = parseSubscription(text);
  if (subscription === undefined) return { ok: false, message: "the message is no subscription" };
  try {
    const policies = await readPolicies(operator.kube, session.namespace);
    const decision = decideSubscription(bindingPolicies(policies, policyTarget), subscription);
    if (decision.ok) {
      const { port, subscribe: kind, filter } = subscription;
      const shown = filter === null ? null : displayFilter(filter);
      session.lockedPorts = session.lockedPorts.filter((lock) => lock.port !== port);
      session.lockedPorts.push({ port, kind, filter: shown });
    }
    return decision;
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}
