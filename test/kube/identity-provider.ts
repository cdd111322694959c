// An identity provider of OpenID Connect that also answers access reviews, over TLS: what the oidc auth provider of a kubeconfig needs.
import { createServer } from "node:https";
import { text } from "node:stream/consumers";
import { createAuthority, issueCertificate } from "../control-plane/certificates.ts";
import { json } from "./fake-api.ts";
import { listen } from "./recording-server.ts";

export interface IdentityProvider {
  url: string;
  /** PEM, of the authority that signed its certificate. */
  authority: string;
  /** Method, path and form of each request to the provider, and how the client said who it is. */
  asked: string[];
  /** Answers an access review with yes. */
  idToken: string;
}

interface Teardown {
  teardown(cleanUp: () => unknown): void;
}

export interface ProviderAnswers {
  discovery?: { status: number; body: object };
  token?: (authorization: string | undefined) => { status: number; body: object };
}

/** Of a token that is over: `{"alg":"none"}`, `{"exp":1}`. */
export const EXPIRED = "eyJhbGciOiJub25lIn0.eyJleHAiOjF9.";

export async function startIdentityProvider(t: Teardown, answers: ProviderAnswers = {}): Promise<IdentityProvider> {
  const authority = await createAuthority("provider");
  const { certPem, keyPem } = await issueCertificate(authority, {
    commonName: "provider",
    usage: "server",
    ipAddresses: ["127.0.0.1"],
  });
  const asked: string[] = [];
  const claims = Buffer.from(JSON.stringify({ exp: Date.now() / 1000 + 3600 })).toString("base64url");
  const idToken = `e30.${claims}.c2ln`;
  const server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    void text(request).then((body) => {
      const { url = "", method = "", headers } = request;
      const reply = (answer: { status: number; body: object }) => json(response, answer.body, answer.status);
      if (url.startsWith("/apis/")) {
        const allowed = headers.authorization === `Bearer ${idToken}`;
        return reply({ status: 200, body: { status: { allowed, userInfo: { username: "jim" } } } });
      }
      asked.push([method, url, headers.authorization, body].filter(Boolean).join(" "));
      const discovered = { status: 200, body: { issuer: "https://elsewhere", token_endpoint: `${address}/token` } };
      if (url === "/.well-known/openid-configuration") return reply(answers.discovery ?? discovered);
      return reply(answers.token?.(headers.authorization) ?? { status: 200, body: { id_token: idToken } });
    });
  });
  const address = `https://${await listen(server)}`;
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: address, authority: authority.certPem, asked, idToken };
}
