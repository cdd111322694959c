import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Admission } from "./admission.ts";
import type { Channel } from "./channel.ts";
import type { Operator } from "./operator.ts";
import { bindingPolicies, readPolicies } from "./policies.ts";
import { decideSubscription, displayFilter, parseSubscription } from "./subscription.ts";
import type { SubscriptionAnswer } from "./subscription.ts";
import { acceptWebSocket } from "./websocket.ts";

const maxWaiting = 100;

/**
 * Accepts the websocket of an admitted connect and answers its subscriptions one after the other. The session lives as
 * long as the connection. Throws a Refusal (429) before it answers the handshake.
 */
export function openConnection(
  operator: Operator,
  admission: Admission,
  { request, socket, head }: { request: IncomingMessage; socket: Duplex; head: Buffer },
): Channel {
  const { session } = admission;
  operator.sessions.add(session);
  const copy = operator.copyTargets.find(session.namespace, session.copyTarget ?? "");
  if (copy !== undefined) copy.idleSince = undefined;

  let turn = Promise.resolve();
  let waiting = 0;
  const channel = acceptWebSocket(request, socket, head, {
    onText(text) {
      waiting += 1;
      if (waiting > maxWaiting) return channel.close(1008, "too many messages");
      turn = turn.then(async () => {
        channel.sendText(JSON.stringify(await answer(operator, admission, text)));
        waiting -= 1;
      });
    },
    // mirrord's own protocol, which is not public beyond its client.
    onBinary: () => channel.close(1003, "the stand-in does not speak the mirrord protocol"),
  });
  session.disconnect = (reason) => channel.close(1001, reason);
  void channel.closed.then(() => {
    operator.sessions.end(session);
    const inUse = operator.sessions.all().some((other) => other.copyTarget === session.copyTarget);
    if (copy !== undefined && !inUse) copy.idleSince = operator.now();
  });
  return channel;
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
