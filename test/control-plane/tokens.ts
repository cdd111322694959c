// Bearer tokens for any user in any groups: a token carries the identity it stands for, signed with a secret of
// the control plane, and the API server asks a webhook who it is.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:https";
import type { Server, ServerOptions } from "node:https";
import { text } from "node:stream/consumers";

/** As in TokenReview.status.user. */
export interface TokenUser {
  username: string;
  groups: readonly string[];
}

/** @param secret of the control plane; anybody who has it can be anybody */
export function tokenFor(secret: string, user: TokenUser): string {
  const claim = Buffer.from(JSON.stringify(user)).toString("base64url");
  return `${claim}.${signature(secret, claim)}`;
}

/** Nothing for a token that this secret did not sign. */
function userOfToken(secret: string, token: string): TokenUser | undefined {
  const [claim = "", signed = ""] = token.split(".");
  const [given, wanted] = [Buffer.from(signed), Buffer.from(signature(secret, claim))];
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
  const user: TokenUser = JSON.parse(Buffer.from(claim, "base64url").toString());
  return user;
}

function signature(secret: string, claim: string): string {
  return createHmac("sha256", secret).update(claim).digest("base64url");
}

/** Answers authentication.k8s.io/v1 TokenReviews for the API server. */
export function tokenWebhook(secret: string, tls: ServerOptions): Server {
  return createServer(tls, (request, response) => {
    void text(request)
      .then((body) => {
        const { spec }: { spec: { token: string } } = JSON.parse(body);
        const user = userOfToken(secret, spec.token);
        const status = user === undefined ? { authenticated: false } : { authenticated: true, user };
        response.setHeader("Content-Type", "application/json");
        response.end(JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", status }));
      })
      .catch(() => response.writeHead(400).end());
  });
}
