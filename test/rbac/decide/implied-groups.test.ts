import t from "tap";
import { withImpliedGroups } from "../../../lib/rbac/decide/implied-groups.ts";

const authenticated = "system:authenticated";
const cases: { name: string; user: string; groups: string[]; want: string[] }[] = [
  { name: "everybody is authenticated", user: "jane", groups: ["devs"], want: ["devs", authenticated] },
  { name: "once", user: "jane", groups: [authenticated, "devs"], want: [authenticated, "devs"] },
  {
    name: "unless said to be unauthenticated",
    user: "jane",
    groups: ["system:unauthenticated"],
    want: ["system:unauthenticated"],
  },
  { name: "the anonymous user is not", user: "system:anonymous", groups: [], want: ["system:unauthenticated"] },
  {
    name: "a service account is in two groups more",
    user: "system:serviceaccount:ci:runner",
    groups: [],
    want: ["system:serviceaccounts", "system:serviceaccounts:ci", authenticated],
  },
  {
    name: "not when other groups are given, as under impersonation",
    user: "system:serviceaccount:ci:runner",
    groups: ["devs"],
    want: ["devs", authenticated],
  },
  {
    name: "a name with one colon more is a user",
    user: "system:serviceaccount:ci:a:b",
    groups: [],
    want: [authenticated],
  },
  {
    name: "a namespace that cannot be is none",
    user: "system:serviceaccount:Ci:runner",
    groups: [],
    want: [authenticated],
  },
  { name: "an empty name is none", user: "system:serviceaccount:ci:", groups: [], want: [authenticated] },
];

for (const { name, user, groups, want } of cases) {
  t.test(name, async (t) => {
    const given = { name: user, groups, uid: "u", extra: { a: ["b"] } };
    t.same(withImpliedGroups(given), { ...given, groups: want });
    t.same(given.groups, groups);
  });
}
