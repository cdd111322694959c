import t from "tap";
import type { AccessRequest } from "../../lib/kubernetes/access.ts";
import { role, rule } from "./objects.ts";
import { smallerCases } from "./shrink.ts";

const objects = [role("dev", "reader", [rule("", "pods", "get"), rule("", "secrets", "list")])];
const getRequest = (name: string, ...groups: string[]): AccessRequest => ({
  user: { name, groups },
  verb: "get",
  apiGroup: "",
  resource: "pods",
});
const usersIn = (request: AccessRequest) =>
  [...smallerCases({ objects: [], request, allowed: true })].map(({ request: { user } }) => user);

t.test("each candidate leaves out one group, and none asks about nobody, which the API server refuses", async (t) => {
  t.same(usersIn(getRequest("jim", "a", "b")), [
    { name: "jim", groups: ["b"] },
    { name: "jim", groups: ["a"] },
  ]);
  t.same(usersIn(getRequest("jim", "a")), [{ name: "jim", groups: [] }]);
  t.same(usersIn(getRequest("", "a")), []);
});

t.test("each candidate leaves out one rule or one value of a rule", async (t) => {
  const rules = [...smallerCases({ objects, request: getRequest("jim"), allowed: true })].map(
    ({ objects: [smaller] }) => smaller?.["rules"],
  );
  t.same(rules, [[rule("", "secrets", "list")], [rule("", "pods", "get")]]);
});
