// Clusters before 1.28 have no SelfSubjectReview v1, and older ones none at all.
import t from "tap";
import type { Credential } from "../../../lib/kube/credentials/credentials.ts";
import { identity } from "../../../lib/kube/live/identity.ts";
import { createAuthority, issueCertificate } from "../../control-plane/certificates.ts";
import { failure, fakeApi, json, transportTo } from "../fake-api.ts";

const authority = await createAuthority("clients");
const issued = async (commonName: string, ...organizations: string[]) => {
  const { certPem } = await issueCertificate(authority, { commonName, organizations, usage: "client" });
  return { cert: certPem, key: "" };
};
const none: Credential = { authorization: undefined, certificate: undefined };
const token: Credential = { ...none, authorization: "Bearer t1" };
const reviews = (version: string) => `POST /apis/authentication.k8s.io/${version}/selfsubjectreviews`;
const tokenReviews = "POST /apis/authentication.k8s.io/v1/tokenreviews";
const lisa = { username: "lisa", groups: ["dev"], uid: "u1", extra: { scopes: ["a"] } };

const cases: {
  name: string;
  /** What is answered, by request; everything else is not found. */
  answers: Record<string, object | 403>;
  credential?: Credential;
  impersonate?: { name: string; groups: string[] };
  want: object | RegExp;
}[] = [
  {
    name: "1.28 and newer",
    answers: { [reviews("v1")]: { status: { userInfo: lisa } } },
    want: { name: "lisa", groups: ["dev"], uid: "u1", extra: { scopes: ["a"] } },
  },
  { name: "1.27", answers: { [reviews("v1beta1")]: { status: { userInfo: lisa } } }, want: { name: "lisa" } },
  { name: "1.26", answers: { [reviews("v1alpha1")]: { status: { userInfo: lisa } } }, want: { name: "lisa" } },
  {
    name: "a client certificate, its organizations the groups",
    answers: {},
    credential: { ...none, certificate: await issued("jim", "dev", "ops") },
    want: { name: "jim", groups: ["dev", "ops", "system:authenticated"] },
  },
  {
    name: "a client certificate with one organization",
    answers: { [reviews("v1")]: 403 },
    credential: { ...none, certificate: await issued("system:admin", "system:masters") },
    want: { name: "system:admin", groups: ["system:masters", "system:authenticated"] },
  },
  {
    name: "a token that the server reviews",
    answers: { [tokenReviews]: { status: { authenticated: true, user: lisa } } },
    credential: token,
    want: { name: "lisa", groups: ["dev", "system:authenticated"], uid: "u1" },
  },
  {
    name: "a token beside a certificate",
    answers: { [tokenReviews]: { status: { authenticated: true, user: lisa } } },
    credential: { ...token, certificate: await issued("jim") },
    want: { name: "lisa" },
  },
  {
    name: "whom the caller acts as",
    answers: {},
    credential: token,
    impersonate: { name: "system:serviceaccount:ci:runner", groups: [] },
    want: { name: "system:serviceaccount:ci:runner", groups: ["system:serviceaccounts", "system:serviceaccounts:ci"] },
  },
  {
    name: "a token that may not be reviewed",
    answers: { [tokenReviews]: 403 },
    credential: token,
    want: /not enabled/,
  },
  {
    name: "a token that the server does not know",
    answers: { [tokenReviews]: { status: { authenticated: false } } },
    credential: token,
    want: /not enabled/,
  },
  { name: "a password", answers: {}, credential: { ...none, authorization: "Basic eDp5" }, want: /not enabled/ },
  { name: "nobody", answers: {}, want: /not enabled/ },
  { name: "a review without a name", answers: { [reviews("v1")]: { status: {} } }, want: /does not say who you are/ },
];

for (const { name, answers, credential = none, impersonate, want } of cases) {
  t.test(`who somebody is: ${name}`, async (t) => {
    const api = await fakeApi(t, (request, response) => {
      const answer = answers[`${request.method} ${request.url}`];
      if (answer === undefined) failure(response, 404, "NotFound");
      else if (answer === 403) failure(response, 403, "Forbidden");
      else json(response, answer, 201);
    });
    const said = identity(transportTo(t, api.url), { impersonate, credential: async () => credential });
    if (want instanceof RegExp) await t.rejects(said, { name: "UserError", kind: "undetermined", message: want });
    else t.match(await said, want);
  });
}

t.test("a failure of the server is no answer about who somebody is", async (t) => {
  const api = await fakeApi(t, (_, response) => failure(response, 401, "Unauthorized"));
  const said = identity(transportTo(t, api.url), { impersonate: undefined, credential: async () => token });
  await t.rejects(said, { name: "ApiError", status: 401 });
  const broken = await fakeApi(t, ({ url }, response) =>
    failure(response, url?.endsWith("tokenreviews") === true ? 500 : 404, "InternalError"),
  );
  const later = identity(transportTo(t, broken.url), { impersonate: undefined, credential: async () => token });
  await t.rejects(later, { name: "ApiError", status: 500 });
});
