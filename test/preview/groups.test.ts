import t from "tap";
import type { Answer } from "../../lib/kubernetes/access.ts";
import type { GroupsThatMay } from "../../lib/rbac/decide/group-finder.ts";
import type { Check } from "../../lib/preview/check.ts";
import { withGroups } from "../../lib/preview/groups.ts";
import type { Identity } from "../../lib/preview/identity.ts";

const check = (answer: Answer): Check => ({
  id: "pods",
  purpose: "list pods",
  checkedBy: "api-server",
  required: true,
  attributes: { verb: "list", apiGroup: "", resource: "pods" },
  answer,
  reason: "as the server says",
});
const jim = (groupsKnown: boolean): Identity => ({
  user: { name: "jim", groups: [] },
  self: false,
  groupsKnown,
  impliedGroups: [],
});

const cases: { name: string; groupsKnown?: boolean; answer?: Answer; may: GroupsThatMay; want: Partial<Check> }[] = [
  { name: "no group may", may: { known: true, groups: [] }, want: {} },
  {
    name: "some may",
    may: { known: true, groups: ["devs", 'o"ps'] },
    want: {
      answer: "unknown",
      reason: String.raw`groups not given: allowed to "devs", "o\"ps"`,
      groups: ["devs", 'o"ps'],
    },
  },
  {
    name: "nobody can say",
    may: { known: false, why: "you may not list roles" },
    want: { answer: "unknown", reason: "groups not given, and you may not list roles" },
  },
  { name: "all groups were given", groupsKnown: true, may: { known: true, groups: ["devs"] }, want: {} },
  { name: "it is allowed anyway", answer: "yes", may: { known: true, groups: ["devs"] }, want: {} },
  { name: "it could not be asked", answer: "unknown", may: { known: true, groups: ["devs"] }, want: {} },
];
for (const { name, groupsKnown = false, answer = "no", may, want } of cases) {
  t.test(`an answer "${answer}" where ${name}`, async (t) => {
    t.same(
      withGroups([check(answer)], jim(groupsKnown), () => may),
      [{ ...check(answer), ...want }],
    );
  });
}

t.test("groups are looked for with what each check asks", async (t) => {
  const asked: unknown[] = [];
  const path: Check = { ...check("no"), attributes: { verb: "get", path: "/x" } };
  withGroups([check("no"), check("yes"), path], jim(false), (attributes) => {
    asked.push(attributes);
    return { known: true, groups: [] };
  });
  t.same(asked, [check("no").attributes, path.attributes]);
});
