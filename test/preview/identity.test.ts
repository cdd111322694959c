import t from "tap";
import { UserError } from "../../lib/errors.ts";
import { otherIdentity, ownIdentity, type Identity } from "../../lib/preview/identity.ts";
import { apiFailure } from "../kube/memory-cluster.ts";
import { fakeCluster } from "./fake-cluster.ts";

const accounts = ["system:serviceaccounts", "system:serviceaccounts:dev", "system:authenticated"];

const others: { name: string; groups?: string[]; given?: boolean; want: Omit<Identity, "self"> }[] = [
  {
    name: "jim",
    want: {
      user: { name: "jim", groups: ["system:authenticated"] },
      groupsKnown: false,
      impliedGroups: ["system:authenticated"],
    },
  },
  {
    name: "jim",
    groups: ["devs"],
    given: true,
    want: {
      user: { name: "jim", groups: ["devs", "system:authenticated"] },
      groupsKnown: true,
      impliedGroups: ["system:authenticated"],
    },
  },
  {
    name: "jim",
    groups: ["system:authenticated"],
    given: true,
    want: { user: { name: "jim", groups: ["system:authenticated"] }, groupsKnown: true, impliedGroups: [] },
  },
  {
    name: "system:serviceaccount:dev:ci",
    want: {
      user: { name: "system:serviceaccount:dev:ci", groups: accounts },
      groupsKnown: true,
      impliedGroups: accounts,
    },
  },
  {
    name: "system:serviceaccount:dev",
    want: {
      user: { name: "system:serviceaccount:dev", groups: ["system:authenticated"] },
      groupsKnown: false,
      impliedGroups: ["system:authenticated"],
    },
  },
  {
    name: "system:anonymous",
    want: {
      user: { name: "system:anonymous", groups: ["system:unauthenticated"] },
      groupsKnown: true,
      impliedGroups: ["system:unauthenticated"],
    },
  },
];
for (const { name, groups = [], given = false, want } of others) {
  t.test(`${name} in ${JSON.stringify(groups)}, ${given ? "as" : "not"} said`, async (t) => {
    t.same(otherIdentity({ name, groups, groupsGiven: given }), { ...want, self: false });
  });
}

t.test("what else was said of somebody is kept", async (t) => {
  const extra = { scopes: ["a"] };
  t.match(otherIdentity({ name: "jim", groups: [], groupsGiven: true, uid: "u", extra }).user, { uid: "u", extra });
});

t.test("the caller is whom the cluster says, with all groups", async (t) => {
  const caller = { name: "ann", groups: ["admins"] };
  t.same(await ownIdentity(fakeCluster({ caller })), {
    self: true,
    groupsKnown: true,
    impliedGroups: [],
    user: caller,
  });
});

const refusals: { status: number; reason: string; isNameless: boolean }[] = [
  { status: 404, reason: "NotFound", isNameless: true },
  { status: 403, reason: "Forbidden", isNameless: true },
  { status: 401, reason: "Unauthorized", isNameless: false },
  { status: 503, reason: "ServiceUnavailable", isNameless: false },
];
for (const { status, reason, isNameless } of refusals) {
  t.test(`a cluster that answers ${status} to who one is ${isNameless ? "need not say" : "fails"}`, async (t) => {
    const cluster = fakeCluster();
    const cause = apiFailure(status, reason, "no");
    const error = new UserError("undetermined", "the cluster does not say who you are", [], { cause });
    cluster.identity = () => Promise.reject(error);
    if (!isNameless) return void (await t.rejects(ownIdentity(cluster), error));
    t.same(await ownIdentity(cluster), {
      self: true,
      groupsKnown: true,
      impliedGroups: [],
      user: { name: "you", groups: [] },
      nameless: true,
    });
  });
}
