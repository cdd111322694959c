import t from "tap";
import { groupName, readSubject, userName } from "../../lib/kubernetes/subject-text.ts";

const others: [text: string, message: string, hint: RegExp][] = [
  ["Group:x", '"Group:x" is not how a subject is written', /^Did you mean group:x\?.* user:Group:x\.$/],
  ["groups:oidc:x", '"groups:oidc:x" is not how a subject is written', /^Did you mean group:oidc:x\?/],
  ["gruop:x", '"gruop:x" is not how a subject is written', /^Did you mean group:x\?/],
  ["USER:jim", '"USER:jim" is not how a subject is written', /^Did you mean user:jim\?/],
  ["user/jim", '"user/jim" is not how a subject is written', /^Did you mean user:jim\?/],
  ["teams:acme/web", '"teams:acme/web" is not how a subject is written', /^Did you mean team:acme\/web\?/],
  ["serviceaccount:ci/runner", '"serviceaccount:ci/runner" is not how a subject is written', /mean sa:ci\/runner\?/],
  ["serviceaccount:ci:runner", '"serviceaccount:ci:runner" is not how a subject is written', /mean sa:ci\/runner\?/],
  ["SA:ci/runner", '"SA:ci/runner" is not how a subject is written', /mean sa:ci\/runner\?/],
  ["sa/runner", '"sa/runner" is not how a subject is written', /mean sa:NAMESPACE\/runner\?/],
  ["ci/runner", '"ci/runner" looks like a service account', /^Write sa:ci\/runner .*user:ci\/runner\.$/],
  ["deploy/web", '"deploy/web" looks like an object, not like a subject', /subject comes first/],
  ["deployment.apps/web", '"deployment.apps/web" looks like an object, not like a subject', /subject comes first/],
  ["oidc:backend", '"oidc:backend" could be a group or a user', /group:oidc:backend .*user:oidc:backend/],
  ["system:masters", '"system:masters" is a group of Kubernetes', /group:system:masters/],
  [
    "system:serviceaccounts:ci",
    '"system:serviceaccounts:ci" is a group of Kubernetes',
    /group:system:serviceaccounts:ci/,
  ],
  ["*", '"*" names nobody: RBAC has no wildcard for subjects', /group:NAME/],
  ["sa:ci:runner", '"sa:ci:runner" is not a service account', /^Did you mean sa:ci\/runner\?/],
  [
    "sa:system:serviceaccount:ci:runner",
    '"sa:system:serviceaccount:ci:runner" is not a service account',
    /sa:ci\/runner\?/,
  ],
  ["sa:CI/runner", '"sa:CI/runner" is not a service account', /^A service account is sa:NAMESPACE\/NAME/],
  ["sa:runner", '"sa:runner" is not a service account', /^A service account is sa:NAMESPACE\/NAME/],
];
for (const [text, message, hint] of others) {
  t.test(`${text} is never taken for the name of a user`, async (t) => {
    t.throws(() => readSubject(text), { kind: "usage", message, hint });
  });
}

const users: [text: string, name: string][] = [
  ["jim", "jim"],
  ["user:jim", "jim"],
  ["sa:ci/runner", "system:serviceaccount:ci:runner"],
  ["system:serviceaccount:ci:runner", "system:serviceaccount:ci:runner"],
  ["oidc:jim", "oidc:jim"],
  ["https://id.acme.example#jim", "https://id.acme.example#jim"],
  ["user:ci/runner", "ci/runner"],
  ["system:admin", "system:admin"],
  ["", ""],
];
for (const [text, name] of users) {
  t.test(`--as ${JSON.stringify(text)} is ${name}`, async (t) => void t.equal(userName("--as", text), name));
}

const notUsers: [flag: string, text: string, message: RegExp, hint: RegExp][] = [
  ["--as", "group:oidc x", /^--as is for a user, and "group:oidc x" is a group$/, /--as USER --as-group 'oidc x'\.$/],
  ["--user", "group:x", /^--user is for a user, and "group:x" is a group$/, /^Nobody can look up who is in "x"/],
  ["--as", "Group:x", /^--as "Group:x" is not how a subject is written$/, /group:x/],
  ["--as", "ci/runner", /^--as "ci\/runner" looks like a service account$/, /sa:ci\/runner/],
  ["--as", "team:acme/web", /is a team/, /grant team describe acme\/web/],
  ["--as", "org:acme", /is an organization/, /grant org describe acme/],
  ["--as", "sa:runner", /not a service account/, /NAMESPACE/],
];
for (const [flag, text, message, hint] of notUsers) {
  t.test(`${flag} ${text} is refused`, async (t) => {
    t.throws(() => userName(flag, text), { kind: "usage", message, hint });
  });
}

t.test("a flag for groups takes a group's name with and without its prefix, and nobody else", async (t) => {
  t.equal(groupName("--as-group", "oidc:x"), "oidc:x");
  t.equal(groupName("--as-group", "group:oidc:x"), "oidc:x");
  t.equal(groupName("--as-group", ""), "");
  for (const text of ["user:jim", "sa:ci/runner"]) {
    t.throws(() => groupName("--as-group", text), {
      kind: "usage",
      message: /^--as-group is for a group/,
      hint: /group:/,
    });
  }
});
