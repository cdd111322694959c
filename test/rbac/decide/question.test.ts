import t from "tap";
import type { AccessAttributes } from "../../../lib/kubernetes/access.ts";
import { isPathQuestion, toQuestion, type Question } from "../../../lib/rbac/decide/question.ts";

const plain = {
  verb: "get",
  apiGroup: "",
  resource: "pods",
  subresource: "",
  anyWithSubresource: "",
  name: "",
  namespace: "",
};
const pods = { verb: "get", apiGroup: "", resource: "pods" };

const cases: { name: string; request: AccessAttributes; want: Question }[] = [
  { name: "a type everywhere", request: pods, want: plain },
  {
    name: "an object in a namespace",
    request: { ...pods, namespace: "dev", name: "web" },
    want: { ...plain, namespace: "dev", name: "web" },
  },
  {
    name: "a subresource",
    request: { ...pods, subresource: "log" },
    want: { ...plain, resource: "pods/log", subresource: "log", anyWithSubresource: "*/log" },
  },
  { name: "a subresource of no name", request: { ...pods, subresource: "" }, want: plain },
  {
    name: "a type that is written with a subresource, which stays what it is",
    request: { ...pods, resource: "pods/log" },
    want: { ...plain, resource: "pods/log" },
  },
  { name: "a path", request: { verb: "get", path: "/metrics" }, want: { verb: "get", path: "/metrics" } },
  { name: "an empty path", request: { verb: "get", path: "" }, want: { verb: "get", path: "" } },
  {
    name: "neither a type nor a path, as no type allows it",
    request: { verb: "get" } as AccessAttributes,
    want: { verb: "get", path: "" },
  },
];
for (const { name, request, want } of cases) {
  t.test(`a question about ${name}`, async (t) => {
    const question = toQuestion(request);
    t.same(question, want);
    t.equal(isPathQuestion(question), "path" in want);
  });
}
