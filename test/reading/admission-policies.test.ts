import t from "tap";
import { mayWritePolicies, servesPolicies } from "../../lib/reading/admission-policies.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";

const { admissionPolicies, mutatingWebhooks } = nativeResources;

t.test("a cluster has them unless it says what it has, and they are not among it", async (t) => {
  const serves = (served: readonly (typeof admissionPolicies)[] | undefined) =>
    servesPolicies({ discover: async () => served && [...served] });
  t.equal(await serves(undefined), true);
  t.equal(await serves([]), true);
  t.equal(await serves([mutatingWebhooks, admissionPolicies]), true);
  t.equal(await serves([mutatingWebhooks]), false);
});

t.test("whoever is refused one of the rights may not write them; what is unknown is tried", async (t) => {
  const may = (answer: "yes" | "no" | "unknown") =>
    mayWritePolicies({
      review: async (requests) =>
        requests.map((_, at) => ({ answer: at === 2 ? answer : ("yes" as const), reason: "" })),
    });
  t.equal(await may("yes"), true);
  t.equal(await may("unknown"), true);
  t.equal(await may("no"), false);
});
