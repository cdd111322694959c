import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import t from "tap";
import type { AccessAttributes } from "../../../lib/kubernetes/access.ts";
import { review } from "../../../lib/kube/live/review.ts";
import { failure, fakeApi, json, transportTo } from "../fake-api.ts";

const inDev: AccessAttributes = {
  verb: "get",
  apiGroup: "apps",
  resource: "deployments",
  namespace: "dev",
  name: "web",
};
const url: AccessAttributes = { verb: "get", path: "/healthz" };
const jim = { name: "jim", groups: ["backend", "oidc:a, b"] };

interface Rules {
  /** Status of subjectaccessreviews. */
  sar?: number;
  local?: number;
  /** Status of the proof under impersonation, or whom the server sees then. */
  proof?: number | { username: string; groups: string[]; extra?: Record<string, string[]> };
  /** Of a question under impersonation. */
  self?: number;
  status?: object;
}

type Asked = { path: string; body: { spec?: object }; as: string | undefined };

async function server(
  t: Parameters<typeof fakeApi>[0],
  { sar = 201, local = 201, proof = 201, self = 201, status = { allowed: true } }: Rules,
) {
  const asked: Asked[] = [];
  const api = await fakeApi(t, async (request, response) => {
    const path = request.url ?? "";
    asked.push({ path, body: JSON.parse(await text(request)), as: impersonatedUser(request) });
    if (path.includes("localsubject") && local !== 201) return failure(response, local, "Forbidden");
    if (path.endsWith("/subjectaccessreviews") && sar !== 201) return failure(response, sar, "Forbidden");
    if (path.endsWith("selfsubjectaccessreviews") && self !== 201) return failure(response, self, "Forbidden");
    if (path.endsWith("selfsubjectreviews")) {
      if (typeof proof === "number" && proof !== 201) return failure(response, proof, "Forbidden");
      const userInfo =
        typeof proof === "number" ? { username: "jim", groups: [...jim.groups, "system:authenticated"] } : proof;
      return json(response, { status: { userInfo } }, 201);
    }
    return json(response, { status }, 201);
  });
  return { asked, transport: transportTo(t, api.url) };
}

const impersonatedUser = ({ headers }: IncomingMessage): string | undefined => headers["impersonate-user"]?.toString();
const kinds = (asked: Asked[]): string[] => asked.map(({ path }) => path.replace(/^.*\//, "")).toSorted();

t.test("for somebody else: a SubjectAccessReview with all that is known", async (t) => {
  const { asked, transport } = await server(t, {});
  const user = { ...jim, uid: "7", extra: { k: ["v"] } };
  t.same(await review(transport, [inDev, url], user, undefined), [
    { answer: "yes", reason: "" },
    { answer: "yes", reason: "" },
  ]);
  const { verb, apiGroup, ...rest } = { ...inDev };
  t.match(
    asked.map(({ body }) => body.spec),
    [
      {
        user: "jim",
        groups: jim.groups,
        uid: "7",
        extra: { k: ["v"] },
        resourceAttributes: { verb, group: "apps", ...rest },
      },
      { user: "jim", nonResourceAttributes: url },
    ],
  );
  t.type(apiGroup, "string");
});

t.test("for oneself: a SelfSubjectAccessReview", async (t) => {
  const { asked, transport } = await server(t, {});
  await review(transport, [inDev], undefined, undefined);
  t.same(kinds(asked), ["selfsubjectaccessreviews"]);
});

t.test("not allowed to ask: impersonation, once proven", async (t) => {
  const { asked, transport } = await server(t, { sar: 403 });
  const yes = { answer: "yes", reason: "" };
  t.same(await review(transport, [inDev, url], jim, undefined), [yes, yes]);
  t.same(kinds(asked), [
    "selfsubjectaccessreviews",
    "selfsubjectaccessreviews",
    "selfsubjectreviews",
    "subjectaccessreviews",
    "subjectaccessreviews",
  ]);
  t.ok(asked.every(({ path, as }) => (as === "jim") === path.includes("self")));
});

const impostors = [
  { name: "headers are dropped", proof: { username: "me", groups: [] }, want: /it sees user "me"/ },
  {
    name: "groups are joined",
    proof: { username: "jim", groups: ["backend,oidc:a, b"] },
    want: /does not see the groups/,
  },
  {
    name: "a group is added",
    proof: { username: "jim", groups: [...jim.groups, "admins"] },
    want: /also sees the groups \["admins"\]/,
  },
];
t.test("extra that does not arrive is not believed either; the server reads its names in lower case", async (t) => {
  const extra = { Team: ["a", "b"] };
  const seen = (team: string[]) => ({ proof: { username: "jim", groups: jim.groups, extra: { team } } });
  const { transport: half } = await server(t, seen(["a"]));
  t.match(await review(half, [inDev], { ...jim, extra }, "impersonate"), [
    { answer: "unknown", reason: /does not see the extra "Team"/ },
  ]);
  const { transport: whole } = await server(t, seen(["b", "a"]));
  t.match(await review(whole, [inDev], { ...jim, extra }, "impersonate"), [{ answer: "yes" }]);
});

t.test("impersonation that may not ask leaves the question to the next way", async (t) => {
  const { transport } = await server(t, { sar: 403, self: 403 });
  t.match(await review(transport, [inDev, url], jim, undefined), [
    { answer: "yes" },
    { answer: "unknown", reason: /impersonate: .*not to create selfsubjectaccessreviews; local-sar: / },
  ]);
});

for (const { name, proof, want } of impostors) {
  t.test(`impersonation that does not arrive as meant is not believed: ${name}`, async (t) => {
    const { transport } = await server(t, { proof });
    const [answer] = await review(
      transport,
      [inDev],
      { ...jim, ...(name.includes("uid") ? { uid: "7" } : {}) },
      "impersonate",
    );
    t.match(answer, { answer: "unknown", reason: want });
  });
}

t.test("neither: a review in the namespace, and what has none stays unknown", async (t) => {
  const { asked, transport } = await server(t, { sar: 403, proof: 403 });
  t.match(await review(transport, [url, inDev], jim, undefined), [
    { answer: "unknown", reason: /sar: .*; impersonate: .*; local-sar: / },
    { answer: "yes" },
  ]);
  t.ok(asked.some(({ path }) => path === "/apis/authorization.k8s.io/v1/namespaces/dev/localsubjectaccessreviews"));
});

t.test("no way to ask is unknown, never no", async (t) => {
  const { transport } = await server(t, { sar: 403, proof: 403, local: 403 });
  t.match(await review(transport, [inDev], jim, undefined), [{ answer: "unknown", reason: /^could not be asked/ }]);
});

t.test("one way can be forced", async (t) => {
  for (const [via, want] of [
    ["sar", ["subjectaccessreviews"]],
    ["local-sar", ["localsubjectaccessreviews"]],
    ["impersonate", ["selfsubjectaccessreviews", "selfsubjectreviews"]],
  ] as const) {
    const { asked, transport } = await server(t, {});
    await review(transport, [inDev], jim, via);
    t.same(kinds(asked), want, via);
  }
  const { asked, transport } = await server(t, { sar: 403 });
  t.match(await review(transport, [inDev], jim, "sar"), [{ answer: "unknown" }]);
  t.same(kinds(asked), ["subjectaccessreviews"], "and no other is tried");
});

const verdicts: { name: string; status: object; want: object }[] = [
  { name: "allowed", status: { allowed: true, reason: "RBAC: x" }, want: { answer: "yes", reason: "RBAC: x" } },
  { name: "allowed in spite of an error", status: { allowed: true, evaluationError: "e" }, want: { answer: "yes" } },
  { name: "not allowed", status: { allowed: false }, want: { answer: /^no$/, reason: "" } },
  { name: "denied", status: { allowed: false, denied: true, evaluationError: "e" }, want: { answer: /^no$/ } },
  {
    name: "an error of an authorizer",
    status: { allowed: false, evaluationError: "webhook down" },
    want: { answer: "unknown", reason: "webhook down" },
  },
  {
    name: "a binding to a role that is gone",
    status: { allowed: false, reason: "r", evaluationError: 'clusterrole.rbac.authorization.k8s.io "x" not found' },
    want: { answer: /^no$/, reason: "r" },
  },
  {
    name: "several such bindings",
    status: {
      allowed: false,
      evaluationError:
        '[clusterrole.rbac.authorization.k8s.io "x" not found, role.rbac.authorization.k8s.io "y" not found]',
    },
    want: { answer: /^no$/ },
  },
  {
    name: "such a binding and another error",
    status: { allowed: false, evaluationError: '[clusterrole.rbac.authorization.k8s.io "x" not found, webhook down]' },
    want: { answer: "unknown" },
  },
  { name: "no verdict", status: {}, want: { answer: "unknown" } },
];
for (const { name, status, want } of verdicts) {
  t.test(`verdict: ${name}`, async (t) => {
    const { transport } = await server(t, { status });
    t.match(await review(transport, [inDev], jim, undefined), [want]);
  });
}

t.test("a server that cannot take the question", async (t) => {
  const { transport } = await server(t, { sar: 422 });
  t.match(await review(transport, [inDev], jim, "sar"), [{ answer: "unknown", reason: /^Error from server/ }]);
  const rejecting = await server(t, { sar: 401 });
  await t.rejects(review(rejecting.transport, [inDev], jim, undefined), { name: "ApiError", status: 401 });
});

t.test("names that cannot stand in a header are not asked by header", async (t) => {
  const { transport } = await server(t, {});
  const user = { name: "jim\r\nImpersonate-Group: system:masters", groups: [] };
  t.match(await review(transport, [inDev], user, "impersonate"), [{ answer: "unknown", reason: /control characters/ }]);
});
