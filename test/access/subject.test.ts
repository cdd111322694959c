import t from "tap";
import { formatSubject, isSystemSubject, parseSubject, type GrantSubject } from "../../lib/access/subject.ts";
import { UserError } from "../../lib/errors.ts";

const verbs = ["list", "revoke", "org"];

const readable: [text: string, subject: GrantSubject][] = [
  ["jim", { kind: "User", name: "jim" }],
  ["user:jim", { kind: "User", name: "jim" }],
  ["jim@acme.example", { kind: "User", name: "jim@acme.example" }],
  ["group:oidc:backend", { kind: "Group", name: "oidc:backend" }],
  ["group:user:x", { kind: "Group", name: "user:x" }],
  ["user:group:x", { kind: "User", name: "group:x" }],
  ["oidc:jim", { kind: "User", name: "oidc:jim" }],
  ["sa:ci/runner", { kind: "ServiceAccount", namespace: "ci", name: "runner" }],
  ["sa:ci/build.bot-2", { kind: "ServiceAccount", namespace: "ci", name: "build.bot-2" }],
  ["user:system:serviceaccount:ci:runner", { kind: "ServiceAccount", namespace: "ci", name: "runner" }],
  ["user:revoke", { kind: "User", name: "revoke" }],
  ["Jim O'Neil", { kind: "User", name: "Jim O'Neil" }],
];
for (const [text, subject] of readable) {
  t.test(`${JSON.stringify(text)} is ${subject.kind} ${subject.name}`, async (t) => {
    t.same(parseSubject(text, verbs), subject);
    t.same(parseSubject(formatSubject(subject, verbs), verbs), subject, "what is written can be read again");
  });
}

const refused: [text: string, why: RegExp][] = [
  ["", /no name/],
  ["user:", /no name/],
  ["group:", /no name/],
  ["revoke", /is a verb/],
  ["LIST", /is a verb/],
  ["revok", /too close to the verb "revoke"/],
  ["ogr", /too close to the verb "org"/],
  ["sa:runner", /not a service account/],
  ["sa:CI/runner", /not a service account/],
  ["sa:ci/runner/x", /not a service account/],
  ["sa:ci/", /not a service account/],
  ["team:acme/web", /not supported/],
  ["org:acme", /not supported/],
  ["jim\nroot", /control character/],
  ["group:a\u001b[31m", /control character/],
];
for (const [text, why] of refused) {
  t.test(`${JSON.stringify(text)} is refused`, async (t) => {
    t.throws(() => parseSubject(text, verbs), { message: why, kind: "usage" });
    t.throws(() => parseSubject(text, verbs), UserError);
  });
}

t.test("Kubernetes' own users and groups are system subjects, service accounts are not", async (t) => {
  t.ok(isSystemSubject({ kind: "Group", name: "system:authenticated" }));
  t.ok(isSystemSubject({ kind: "User", name: "system:anonymous" }));
  t.notOk(isSystemSubject({ kind: "Group", name: "oidc:system" }));
  t.notOk(isSystemSubject(parseSubject("user:system:serviceaccount:ci:runner")));
});

t.test("a name that looks like a flag is written so that it is not read as one", async (t) => {
  for (const name of ["-A", "--dangerous", "--"]) t.equal(formatSubject({ kind: "User", name }), `user:${name}`);
});
