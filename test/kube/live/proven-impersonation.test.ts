import t from "tap";
import { UserError } from "../../../lib/errors.ts";
import type { ApiRequest, Transport } from "../../../lib/kube/http/transport.ts";
import { provenImpersonation } from "../../../lib/kube/live/proven-impersonation.ts";
import { ApiError } from "../../../lib/kubernetes/api-error.ts";

const jim = { name: "jim", groups: ["dev"] };
const write: ApiRequest = { method: "PATCH", path: "/api/v1/namespaces/dev", body: {} };

/** A server that sees its caller so. */
function seeing(answer: () => unknown): { transport: Transport; sent: string[] } {
  const sent: string[] = [];
  const transport: Transport = {
    async json({ method, path }) {
      sent.push(`${method} ${path}`);
      return path.endsWith("selfsubjectreviews") ? answer() : {};
    },
    text: async () => "",
    stream: () => Promise.reject(new Error("no streams")),
    serverTime: () => undefined,
    close() {},
  };
  return { transport, sent };
}
const as = (username: string, ...groups: string[]) => ({ status: { userInfo: { username, groups } } });
const REVIEW = "POST /apis/authentication.k8s.io/v1/selfsubjectreviews";
const WRITE = "PATCH /api/v1/namespaces/dev";

t.test("without impersonation nothing is asked", async (t) => {
  const { transport, sent } = seeing(() => as("admin"));
  t.equal(provenImpersonation(transport, undefined), transport);
  t.same(sent, []);
});

t.test(
  "an identity that arrives is asked for once, before the first write; reads and reviews are not held up",
  async (t) => {
    const { transport, sent } = seeing(() => as("jim", "dev", "system:authenticated"));
    const proven = provenImpersonation(transport, jim);
    await proven.json({ method: "GET", path: "/api/v1/pods" });
    await proven.json({ method: "POST", path: "/reviews", repeatable: true });
    await Promise.all([proven.json(write), proven.json(write)]);
    await proven.json(write);
    t.same(sent, ["GET /api/v1/pods", "POST /reviews", REVIEW, WRITE, WRITE, WRITE]);
  },
);

for (const [name, seen, said] of [
  ["another user", as("admin", "dev"), 'it sees user "admin"'],
  ["fewer groups", as("jim"), 'it does not see the groups ["dev"]'],
  ["more groups", as("jim", "dev", "ops"), 'it also sees the groups ["ops"]'],
] as const)
  t.test(`${name} than was asked for: nothing is written`, async (t) => {
    const { transport, sent } = seeing(() => seen);
    const proven = provenImpersonation(transport, jim);
    for (const _ of [1, 2])
      await t.rejects(proven.json(write), {
        kind: "undetermined",
        message: `impersonation does not arrive at the server: ${said}`,
      });
    t.same(sent, [REVIEW, REVIEW]);
  });

t.test("a server that does not say is believed; one that fails is asked again", async (t) => {
  const missing = seeing(() => {
    throw new ApiError("undetermined", 404, "");
  });
  await provenImpersonation(missing.transport, jim).json(write);
  t.equal(missing.sent.at(-1), WRITE);
  let fails = true;
  const failing = seeing(() => {
    if (fails) throw new UserError("undetermined", "lost");
    return as("jim", "dev");
  });
  const proven = provenImpersonation(failing.transport, jim);
  await t.rejects(proven.json(write), { message: "lost" });
  fails = false;
  await proven.json(write);
  t.same(failing.sent, [REVIEW, REVIEW, WRITE]);
});
