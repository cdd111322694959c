import t from "tap";
import { decideGrant, type GrantFacts, type GrantFlags } from "../../lib/access/grant-decision.ts";
import { exemptionRole, type Intent, type Lifetime } from "../../lib/access/intent.ts";
import { outlineGrant } from "../../lib/access/outline.ts";
import { ownRole } from "../../lib/access/roles.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { intentWith } from "./grant.ts";
import { operatorClusterRoles } from "./operator-roles.ts";
import { bound, clusterRole } from "./rbac-objects.ts";
import { storedGrant, storedParts } from "./stored-grant.ts";
import { saysKept } from "../kept-text.ts";

const now = Date.parse("2026-01-02T03:04:05Z");
const roleNamed = (name: string) => operatorClusterRoles.find(({ metadata }) => metadata.name === name) ?? "absent";
const reads = "mirrord:role:reads";
const labeller = clusterRole("labeller", { apiGroups: [""], resources: ["namespaces"], verbs: ["patch"] });

const plain: GrantFacts = {
  live: true,
  places: { namespaces: ["dev"], selected: [], warnings: [] },
  uids: {},
  neededRoles: new Map(["mirrord-operator-user"].map((name) => [name, roleNamed(name)])),
  ownRoles: new Map([[reads, ownRole(reads) as KubernetesObject]]),
  stored: undefined,
  permanent: undefined,
  policies: false,
  targets: [],
  account: undefined,
  collections: undefined,
  labelGuard: { guards: true, unreadable: [] },
  rbac: { objects: [], unreadable: [] },
  expiry: { now, clockSkew: 0, sync: undefined, defeat: undefined },
  wildcards: [],
  unlisted: [],
};
const cautious: GrantFlags & { lifetime: Lifetime | undefined } = {
  allowSystem: false,
  dangerous: false,
  force: false,
  absentNamespaces: false,
  acceptLabelRisk: false,
  acceptWeakExpiry: false,
  mayShorten: false,
  tolerant: false,
  lifetime: undefined,
};
const decide = (facts: Partial<GrantFacts> = {}, intent: Partial<Intent> = {}, flags: Partial<typeof cautious> = {}) =>
  decideGrant(outlineGrant(intentWith(intent)), { ...plain, ...facts }, { ...cautious, ...flags });

const selecting: Partial<Intent> = { set: { kind: "namespaces", namespaces: [], selectors: ["env=test"] } as never };
const selected = { places: { namespaces: ["dev"], selected: ["dev"], warnings: [] } };
const risky = {
  ...selected,
  labelGuard: { guards: false, unreadable: [] },
  rbac: { objects: [labeller, bound("a", "labeller", "jim")], unreadable: [] },
};
const exempt: Partial<Intent> = { role: exemptionRole(["hostPID"]) };
const forever = "jim is exempt for good: add --for 8h where that is not meant";
const permanent = storedGrant(storedParts(intentWith()).objects);

const warned: [
  what: string,
  facts: Partial<GrantFacts>,
  intent: Partial<Intent>,
  flags: Partial<typeof cautious>,
  warnings: (string | RegExp)[],
][] = [
  ["nothing", {}, {}, {}, []],
  [
    "what its places have",
    { places: { namespaces: ["dev"], selected: [], warnings: ["of a place"] } },
    {},
    {},
    ["of a place"],
  ],
  [
    "what may not be listed",
    { unlisted: ["rolebindings", "jobs"] },
    {},
    {},
    [
      "you may not list rolebindings: what is there already is not compared",
      "you may not list jobs: what is there already is not compared",
    ],
  ],
  [
    "an account that is not there",
    { account: "absent" },
    { subject: { kind: "ServiceAccount", namespace: "ci", name: "bot" } },
    {},
    ["service account ci/bot does not exist: the grant is for whatever gets that name"],
  ],
  [
    "an account that may not be read",
    { account: "forbidden" },
    { subject: { kind: "ServiceAccount", namespace: "ci", name: "bot" } },
    {},
    [],
  ],
  [
    "the same for good",
    { permanent },
    {},
    {},
    [`the same is granted for good by grant ${permanent.id}: the access does not end unless that is revoked`],
  ],
  ["labels that only administrators change", { ...risky, labelGuard: { guards: true, unreadable: [] } }, {}, {}, []],
  ["labels that others change, where that is meant", risky, {}, { acceptLabelRisk: true }, [/today: .*user jim$/]],
  [
    "a selector that matches nothing",
    { places: { namespaces: [], selected: [], warnings: [] } },
    selecting,
    {},
    ["no namespace matches today: sync grants access in those that will"],
  ],
  ["a selector that matches something", {}, selecting, {}, []],
  ["all namespaces", { places: { namespaces: [], selected: [], warnings: [] } }, { set: { kind: "all" } }, {}, []],
  ["an exemption of a person", {}, exempt, {}, [forever]],
  ["an exemption that ends", {}, { ...exempt, temporary: true }, { lifetime: { for: 3_600_000 } }, []],
  [
    "an exemption of an account",
    {},
    { ...exempt, subject: { kind: "ServiceAccount", namespace: "ci", name: "bot" } },
    {},
    [],
  ],
  [
    "an exemption that does not count, where that is meant",
    { wildcards: ["dev", ""] },
    exempt,
    { force: true },
    [
      "jim holds every right in dev, all namespaces by a wildcard (* on *): the policies count no exemption of such a subject",
      forever,
    ],
  ],
  ["wildcards of a grant that is no exemption", { wildcards: ["dev"] }, {}, {}, []],
];
for (const [what, facts, intent, flags, warnings] of warned) {
  t.test(`a grant is made with a word about ${what}`, async (t) => {
    const found = decide(facts, intent, flags).warnings;
    t.equal(found.length, warnings.length, found.join("\n"));
    for (const [at, warning] of warnings.entries())
      if (typeof warning === "string") t.equal(found[at], warning);
      else t.match(found[at], warning);
    saysKept(t, import.meta.filename, what, () => found);
  });
}

interface Refusal {
  kind: string;
  message: RegExp;
  hint?: RegExp | string;
}
const foreign: Refusal = { kind: "refused", message: /was not made by kubectl-mirrord/ };
const refused: [what: string, facts: Partial<GrantFacts>, intent: Partial<Intent>, error: Refusal][] = [
  [
    "whose role is not there",
    { neededRoles: new Map([["mirrord-operator-user", "absent"]]) },
    {},
    { kind: "usage", message: /the operator's clusterrole "mirrord-operator-user" was not found/ },
  ],
  [
    "that hangs on labels that others change",
    risky,
    {},
    { kind: "usage", message: /today: .*user jim$/, hint: /--accept-label-risk/ },
  ],
  [
    "of an exemption that does not count",
    { wildcards: ["dev"] },
    exempt,
    {
      kind: "usage",
      message: /^jim holds every right in dev by a wildcard/,
      hint: "Bind it to a role that names what it needs, such as edit.\nOr grant it all the same: --force.",
    },
  ],
  [
    "that binds a role of our name which somebody else made",
    { ownRoles: new Map([[reads, clusterRole(reads)]]) },
    {},
    foreign,
  ],
];
for (const [what, facts, intent, error] of refused) {
  t.test(`a grant ${what} is refused`, async (t) => {
    t.throws(() => decide(facts, intent), error);
    saysKept(t, import.meta.filename, what, () => decide(facts, intent));
  });
}

t.test(
  "roles of ours are looked at where the grant binds them: that for policies only where there are some",
  async (t) => {
    const basic = "mirrord:role:reads-basic";
    const ownRoles = new Map([
      [reads, ownRole(reads) as KubernetesObject],
      [basic, clusterRole(basic)],
    ]);
    const { policies, ownRoles: found } = decide({ ownRoles });
    t.equal(policies, false);
    t.same([...found.keys()], [reads]);
    t.throws(() => decide({ ownRoles, policies: true }), foreign);
    t.equal(decide({ policies: true }).policies, true);
  },
);
