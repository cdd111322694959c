import { UserError } from "../../errors.ts";
import type { UserInfo } from "../../kubernetes/access.ts";
import type { ApiRequest, Transport } from "../http/transport.ts";
import { differs } from "./identity-difference.ts";
import { seenIdentity } from "./identity.ts";

/**
 * A transport that writes as `as` only after the server has said that it sees that identity: behind a proxy that drops the
 * headers, the write would be the caller's own. Reads are not held up, and a server that has no SelfSubjectReview is believed.
 */
export function provenImpersonation(transport: Transport, as: UserInfo | undefined): Transport {
  if (as === undefined) return transport;
  let proof: Promise<void> | undefined;
  return {
    ...transport,
    async json(request) {
      if (isWrite(request)) {
        proof ??= requireArrival(transport, as);
        // Whoever could not ask may ask again.
        proof.catch(() => (proof = undefined));
        await proof;
      }
      return await transport.json(request);
    },
  };
}

/** What is sent as nobody in particular is sent as whom the connection impersonates. */
const isWrite = ({ method, repeatable, as }: ApiRequest) => method !== "GET" && repeatable !== true && as === undefined;

async function requireArrival(transport: Transport, as: UserInfo): Promise<void> {
  const { seen } = await seenIdentity(transport);
  const difference = seen === undefined ? "" : differs(as, seen);
  if (difference === "") return;
  throw new UserError(
    "undetermined",
    `impersonation does not arrive at the server: ${difference}`,
    "Something between here and there drops its headers: what is written would be written as you. Leave --as out if that is meant.",
  );
}
