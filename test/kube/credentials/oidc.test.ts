import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { oidcTokens } from "../../../lib/kube/credentials/oidc.ts";
import { connectionTo } from "../fake-api.ts";
import { EXPIRED, startIdentityProvider } from "../identity-provider.ts";
import type { IdentityProvider, ProviderAnswers } from "../identity-provider.ts";

// What kubectl 1.36 does with the same kubeconfigs and the same answers, was looked at beside it: requests and words.
const machine = {
  env: {},
  platform: process.platform,
  cwd: "/",
  readFile: (path: string) => readFileSync(path, "utf8"),
};

function tokens(provider: Pick<IdentityProvider, "url" | "authority">, changes: Record<string, string> = {}) {
  const warnings: string[] = [];
  const config = {
    "idp-issuer-url": provider.url,
    "client-id": "kubectl",
    "id-token": EXPIRED,
    "refresh-token": "x",
    "idp-certificate-authority-data": Buffer.from(provider.authority).toString("base64"),
    ...changes,
  };
  const token = oidcTokens({ name: "oidc", config }, connectionTo("https://127.0.0.1:1"), {
    machine,
    signal: new AbortController().signal,
    warn: (text) => void warnings.push(text),
  });
  return { token, warnings };
}

const discovery = "GET /.well-known/openid-configuration";
const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
const form = "grant_type=refresh_token&refresh_token=x";

t.test("an expired id-token is renewed, once for all that wait for it", async (t) => {
  const provider = await startIdentityProvider(t);
  const { token, warnings } = tokens(provider);
  t.same(await Promise.all([token(), token()]), [provider.idToken, provider.idToken]);
  t.equal(await token(), provider.idToken);
  t.same(provider.asked, [discovery, `POST /token ${basic("kubectl:")} ${form}`]);
  t.same(warnings, []);
});

t.test("a token without an end counts as expired, as one that is not there", async (t) => {
  for (const idToken of ["", "e30.e30.c2ln", "nonsense"]) {
    const provider = await startIdentityProvider(t);
    t.equal(await tokens(provider, { "id-token": idToken }).token(), provider.idToken);
  }
});

t.test("the client's name and secret are encoded as a form is", async (t) => {
  const provider = await startIdentityProvider(t);
  await tokens(provider, { "client-secret": "s3:c %", "idp-issuer-url": `${provider.url}/` }).token();
  t.same(provider.asked, [discovery, `POST /token ${basic("kubectl:s3%3Ac+%25")} ${form}`]);
});

t.test("a provider that takes no header gets them in the form", async (t) => {
  const provider = await startIdentityProvider(t, {
    token: (authorization) =>
      authorization === undefined
        ? { status: 200, body: { id_token: "of the form" } }
        : { status: 401, body: { error: "invalid_client" } },
  });
  t.equal(await tokens(provider, { "client-secret": "s" }).token(), "of the form");
  t.equal(provider.asked.at(-1), `POST /token ${form}&client_id=kubectl&client_secret=s`);
});

t.test(
  "a refresh token that is replaced serves the next renewals, is not kept in the kubeconfig, and this is said once",
  async (t) => {
    let renewals = 0;
    const provider = await startIdentityProvider(t, {
      token: () => ({ status: 200, body: { id_token: EXPIRED, refresh_token: `next-${++renewals}` } }),
    });
    const { token, warnings } = tokens(provider);
    for (let times = 0; times < 3; times++) await token();
    const posted = provider.asked
      .filter((request) => request.startsWith("POST"))
      .map((request) => request.split("refresh_token=")[1]);
    t.same(posted, ["x", "next-1", "next-2"]);
    t.same(warnings, [
      "the identity provider replaced the refresh token, and the kubeconfig keeps the old one: log in again if the next command cannot",
    ]);
  },
);

t.test("an answer without a new refresh token leaves the old one in use", async (t) => {
  for (const body of [{ id_token: EXPIRED }, { id_token: EXPIRED, refresh_token: "" }]) {
    const provider = await startIdentityProvider(t, { token: () => ({ status: 200, body }) });
    const { token, warnings } = tokens(provider);
    await token();
    await token();
    t.match(provider.asked.at(-1), /refresh_token=x$/);
    t.same(warnings, []);
  }
});

const failures: [what: string, answers: ProviderAnswers, message: string][] = [
  [
    "the refresh token is not valid any more",
    { token: () => ({ status: 400, body: { error: "invalid_grant", error_description: "revoked" } }) },
    'failed to refresh token: oauth2: "invalid_grant" "revoked"',
  ],
  [
    "the provider fails",
    { token: () => ({ status: 503, body: [] }) },
    "failed to refresh token: oauth2: cannot fetch token: 503 Service Unavailable",
  ],
  [
    "there is no id-token in the answer",
    { token: () => ({ status: 200, body: { access_token: "a" } }) },
    "token response did not contain an id_token, ",
  ],
  [
    "nothing is discovered",
    { discovery: { status: 500, body: {} } },
    'oidc: failed to query metadata endpoint 500 Internal Server Error: "{}"',
  ],
  [
    "the token endpoint is missing",
    { discovery: { status: 200, body: {} } },
    "oidc: discovery object doesn't contain a token_endpoint",
  ],
];
for (const [what, answers, message] of failures)
  t.test(`${what}: kubectl's words, and the next step`, async (t) => {
    const { token } = tokens(await startIdentityProvider(t, answers));
    const error = await token().then(
      () => undefined,
      (cause: unknown) => cause,
    );
    t.match(error, { kind: "undetermined", hint: "Log in again with your identity provider" });
    t.ok((error as Error).message.startsWith(`Unable to connect to the server: ${message}`), String(error));
  });

t.test("without a refresh token nothing is asked", async (t) => {
  const provider = await startIdentityProvider(t);
  await t.rejects(tokens(provider, { "refresh-token": "" }).token(), {
    message: "Unable to connect to the server: No valid id-token, and cannot refresh without refresh-token",
  });
  t.same(provider.asked, []);
});

t.test("another authority than the provider's is not trusted, and the error names the provider", async (t) => {
  const [provider, other] = [await startIdentityProvider(t), await startIdentityProvider(t)];
  await t.rejects(tokens({ url: provider.url, authority: other.authority }).token(), {
    kind: "undetermined",
    message: /x509: certificate signed by unknown authority$/,
    hint: `${provider.url} is the identity provider that the kubeconfig names`,
  });
  t.same(provider.asked, []);
});

t.test("the authority may be a file", async (t) => {
  const provider = await startIdentityProvider(t);
  const file = join(t.testdir({ "ca.pem": provider.authority }), "ca.pem");
  const named = { "idp-certificate-authority-data": "", "idp-certificate-authority": file };
  t.equal(await tokens(provider, named).token(), provider.idToken);
  t.throws(() => tokens(provider, { ...named, "idp-certificate-authority": `${file}.gone` }), {
    kind: "usage",
    message: `open ${file}.gone: no such file or directory`,
  });
});

for (const field of ["idp-issuer-url", "client-id"])
  t.test(`an entry without ${field} is refused, as kubectl refuses it`, async (t) => {
    t.throws(() => tokens({ url: "https://127.0.0.1:1", authority: "" }, { [field]: "" }), {
      kind: "usage",
      message: `Must provide ${field}`,
    });
  });
