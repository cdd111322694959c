import fc from "fast-check";
import t from "tap";
import { intentWith } from "./grant.ts";
import {
  decodeIntent,
  encodeIntent,
  exemptedAttributes,
  exemptionRole,
  grantId,
  grantSlug,
  type Intent,
} from "../../lib/access/intent.ts";
import { privilegedAttributes } from "../../lib/access/privileged-options.ts";

t.test("the stored form has sorted keys, a schema version, and no defaults", async (t) => {
  t.equal(encodeIntent(intentWith()), '{"namespaces":["dev"],"subject":{"kind":"User","name":"jim"},"version":1}');
  t.equal(
    encodeIntent(intentWith({ role: "minimal", set: { kind: "all" }, reads: false })),
    '{"allNamespaces":true,"reads":false,"role":"minimal","subject":{"kind":"User","name":"jim"},"version":1}',
  );
});

t.test("the id is twenty characters of base32 and does not depend on order or repeats", async (t) => {
  const id = grantId(intentWith({ set: { kind: "namespaces", namespaces: ["dev", "qa"] } }));
  t.match(id, /^[a-z2-7]{20}$/);
  t.equal(grantId(intentWith({ set: { kind: "namespaces", namespaces: ["qa", "dev", "qa"] } })), id);
});

const different: [name: string, change: Partial<Intent>][] = [
  ["subject", { subject: { kind: "User", name: "jimmy" } }],
  ["kind of subject", { subject: { kind: "Group", name: "jim" } }],
  ["role", { role: "minimal" }],
  ["namespaces", { set: { kind: "namespaces", namespaces: ["qa"] } }],
  ["all namespaces", { set: { kind: "all" } }],
  ["targets", { targets: ["deployment/web"] }],
];
for (const [name, change] of different) {
  t.test(`another ${name} is another grant`, async (t) => t.not(grantId(intentWith(change)), grantId(intentWith())));
}

t.test("a permanent and a temporary grant of the same thing are two grants", async (t) => {
  t.not(grantId(intentWith({ temporary: true })), grantId(intentWith()));
});

t.test("leaving the reads out is the same grant", async (t) =>
  t.equal(grantId(intentWith({ reads: false })), grantId(intentWith())),
);

t.test("every intent survives being stored", async () => {
  const text = fc.string({ minLength: 1 });
  const arbitrary = fc.record<Intent>({
    subject: fc.oneof(
      fc.record({ kind: fc.constantFrom("User" as const, "Group" as const), name: text }),
      fc.record({ kind: fc.constant("ServiceAccount" as const), namespace: text, name: text }),
    ),
    role: fc.oneof(
      fc.constantFrom("user" as const, "minimal" as const, "view" as const),
      text.map((name) => `clusterrole/${name}` as const),
      fc.uniqueArray(fc.constantFrom(...privilegedAttributes), { minLength: 1 }).map(exemptionRole),
    ),
    set: fc.oneof(
      fc.constant({ kind: "all" as const }),
      fc.record({
        kind: fc.constant("namespaces" as const),
        selectors: fc
          .uniqueArray(fc.constantFrom("env=dev", "team in (a,b)", "!x"), { minLength: 1 })
          .map((list) => list.toSorted()),
        namespaces: fc.constant<string[]>([]),
      }),
      fc.record({
        kind: fc.constant("namespaces" as const),
        namespaces: fc.uniqueArray(text, { minLength: 1 }).map((list) => list.toSorted()),
      }),
    ),
    targets: fc
      .uniqueArray(fc.constantFrom("deployment/web", "pod/a", "statefulset/db/container/x"))
      .map((list) => list.toSorted()),
    reads: fc.boolean(),
  });
  fc.assert(
    fc.property(arbitrary, (value) => t.same(decodeIntent(encodeIntent(value)), value) && grantId(value).length === 20),
  );
});

const unreadable: [name: string, text: string | undefined][] = [
  ["nothing", undefined],
  ["no JSON", "{"],
  ["a newer schema", '{"version":2,"subject":{"kind":"User","name":"jim"},"namespaces":["dev"]}'],
  ["no subject", '{"version":1,"namespaces":["dev"]}'],
  ["an unknown kind of subject", '{"version":1,"subject":{"kind":"Robot","name":"jim"},"namespaces":["dev"]}'],
  [
    "a service account without a namespace",
    '{"version":1,"subject":{"kind":"ServiceAccount","name":"x"},"namespaces":["dev"]}',
  ],
  ["no resource set", '{"version":1,"subject":{"kind":"User","name":"jim"}}'],
  [
    "two resource sets",
    '{"version":1,"subject":{"kind":"User","name":"jim"},"namespaces":["dev"],"allNamespaces":true}',
  ],
  ["an empty list of namespaces", '{"version":1,"subject":{"kind":"User","name":"jim"},"namespaces":[]}'],
  ["an unknown role", '{"version":1,"subject":{"kind":"User","name":"jim"},"namespaces":["dev"],"role":"root"}'],
  [
    "a target that no connection can be limited to",
    '{"version":1,"subject":{"kind":"User","name":"jim"},"namespaces":["dev"],"targets":["label/app=web"]}',
  ],
  ["a selector that nobody can read", '{"version":1,"subject":{"kind":"User","name":"jim"},"selectors":["a=(b"]}'],
  [
    "targets that are no strings",
    '{"version":1,"subject":{"kind":"User","name":"jim"},"namespaces":["dev"],"targets":[1]}',
  ],
];
for (const [name, text] of unreadable) {
  t.test(`${name} is not an intent`, async (t) => t.equal(decodeIntent(text), undefined));
}

const slugs: [intent: Intent, slug: string][] = [
  [intentWith(), "jim-dev"],
  [
    intentWith({ subject: { kind: "Group", name: "oidc:Backend Team" }, set: { kind: "all" } }),
    "oidc-backend-team-all",
  ],
  [
    intentWith({ subject: { kind: "User", name: "a-very-long-name-of-somebody-somewhere" } }),
    "a-very-long-name-of-somebody-s",
  ],
  [intentWith({ subject: { kind: "User", name: "日本" }, set: { kind: "namespaces", namespaces: ["dev"] } }), "dev"],
];
for (const [given, slug] of slugs) {
  t.test(`the slug of ${given.subject.name} is ${slug}`, async (t) => t.equal(grantSlug(given), slug));
}

t.test("an exemption that names what there is not, or in another order, is no stored intent", async (t) => {
  t.equal(exemptedAttributes("privileged/hostPID,everything"), undefined);
  t.equal(exemptedAttributes("view"), undefined);
  for (const role of ["privileged/", "privileged/hostPID,capabilities", "privileged/x"]) {
    const text = JSON.stringify({ namespaces: ["dev"], role, subject: { kind: "User", name: "jim" }, version: 1 });
    t.equal(decodeIntent(text), undefined, role);
  }
});
