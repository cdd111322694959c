import t from "tap";
import {
  formatSubject,
  isSystemSubject,
  parseSubject,
  parseRbacSubject,
  parseSubjectNotVerb,
  subjectWords,
  type GrantSubject,
} from "../../lib/access/subject.ts";
import { UserError } from "../../lib/errors.ts";
import { saysKept } from "../kept-text.ts";

const readable: [text: string, subject: GrantSubject][] = [
  ["jim", { kind: "User", name: "jim" }],
  ["user:jim", { kind: "User", name: "jim" }],
  ["jim@acme.example", { kind: "User", name: "jim@acme.example" }],
  ["group:oidc:backend", { kind: "Group", name: "oidc:backend" }],
  ["group:user:x", { kind: "Group", name: "user:x" }],
  ["user:group:x", { kind: "User", name: "group:x" }],
  ["user:oidc:jim", { kind: "User", name: "oidc:jim" }],
  ["https://id.acme.example#jim", { kind: "User", name: "https://id.acme.example#jim" }],
  ["user:ci/runner", { kind: "User", name: "ci/runner" }],
  ["user:Group:x", { kind: "User", name: "Group:x" }],
  ["user:get", { kind: "User", name: "get" }],
  ["user:*", { kind: "User", name: "*" }],
  ["system:kube-scheduler", { kind: "User", name: "system:kube-scheduler" }],
  ["sa:ci/runner", { kind: "ServiceAccount", namespace: "ci", name: "runner" }],
  ["sa:ci/build.bot-2", { kind: "ServiceAccount", namespace: "ci", name: "build.bot-2" }],
  ["user:system:serviceaccount:ci:runner", { kind: "ServiceAccount", namespace: "ci", name: "runner" }],
  ["user:revoke", { kind: "User", name: "revoke" }],
  ["Jim O'Neil", { kind: "User", name: "Jim O'Neil" }],
  ["team:acme/web", { kind: "Team", name: "acme/web" }],
  ["org:acme", { kind: "Organization", name: "acme" }],
];
for (const [text, subject] of readable) {
  t.test(`${JSON.stringify(text)} is ${subject.kind} ${subject.name}`, async (t) => {
    t.same(parseSubject(text), subject);
    t.same(parseSubjectNotVerb(text), subject);
    t.same(parseSubjectNotVerb(formatSubject(subject)), subject, "what is written can be read again");
  });
}

const refused: [text: string, why: RegExp][] = [
  ["", /no name/],
  ["user:", /no name/],
  ["group:", /no name/],
  ["sa:runner", /not a service account/],
  ["sa:CI/runner", /not a service account/],
  ["sa:ci/runner/x", /not a service account/],
  ["sa:ci/", /not a service account/],
  ["team:acme", /cannot be the name of a team/],
  ["team:acme/Web", /cannot be the name of a team/],
  ["org:acme/web", /cannot be the name of an organization/],
  ["jim\nroot", /control character/],
  ["group:a\u001b[31m", /control character/],
];
for (const [text, why] of refused) {
  t.test(`${JSON.stringify(text)} is refused`, async (t) => {
    saysKept(t, import.meta.filename, text, () => parseSubject(text));
    for (const parse of [parseSubject, parseSubjectNotVerb]) {
      t.throws(() => parse(text), { message: why, kind: "usage" });
      t.throws(() => parse(text), UserError);
    }
  });
}

const reserved: [text: string, why: string][] = [
  ["revoke", "is a verb of this command"],
  ["LIST", "is a verb of this command"],
  ["revok", 'is too close to the verb "revoke"'],
  ["team", "is a verb of this command"],
  ["Role", "is a verb of this command"],
  ["admin", "is a verb of this command"],
  ["org", "is a verb of this command"],
  ["collection", "is a verb of this command"],
  ["get", "is a command of kubectl mirrord"],
  ["Logs", "is a command of kubectl"],
  ["show", "is a command's word"],
  ["ogr", 'is too close to the verb "org"'],
];
for (const [text, why] of reserved) {
  t.test(`${text} can be looked up, and no grant is made for it`, async (t) => {
    t.throws(() => parseSubjectNotVerb(text), {
      kind: "usage",
      message: `"${text}" ${why}`,
      hint: `For a user of that name write user:${text}.`,
    });
    t.same(parseSubject(text), { kind: "User", name: text });
    t.equal(formatSubject({ kind: "User", name: text }), `user:${text}`);
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

t.test("a sentence names a subject in words, and nobody passes for a group", async (t) => {
  const words: [text: string, words: string][] = [
    ["jim", "jim"],
    ["Jim O'Neil", "Jim O'Neil"],
    ["group:oidc:web", "group oidc:web"],
    ["sa:ci/runner", "service account ci/runner"],
    ["user:list", "user list"],
    ["user:group:web", "user group:web"],
    ["user:group web", "user group web"],
  ];
  for (const [text, said] of words) t.equal(subjectWords(parseSubject(text)), said);
});

t.test("a binding can name nobody who stands for others", async (t) => {
  t.same(parseRbacSubject("group:web"), { kind: "Group", name: "web" });
  for (const text of ["team:acme/web", "org:acme"])
    t.throws(() => parseRbacSubject(text), {
      kind: "usage",
      message: `${text} stands for others, and is no subject of RBAC`,
      hint: "Name a user, a group or a service account.",
    });
});
