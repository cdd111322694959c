import t from "tap";
import { stateFindings } from "../../lib/audit/state-findings.ts";
import type { AuditFacts } from "../../lib/audit/findings.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { installationRules } from "../../lib/install/installation-rules.ts";
import { intentWith } from "../access/grant.ts";
import { changed, now, storedGrant, storedParts } from "../access/stored-grant.ts";
import {
  clusterRole,
  clusterRoleBinding,
  clusterRoleRef,
  group,
  roleBinding,
  rule,
  serviceAccount,
  user,
} from "../rbac/objects.ts";
import { auditFacts, findingText, held } from "./facts.ts";

const context = { now, live: true, policies: false };
const parts = storedParts(intentWith()).objects;
const whole = storedGrant(parts);
const detached = storedGrant(
  changed(
    parts,
    ({ object }) => object.kind === "RoleBinding",
    (object) => ({
      ...object,
      metadata: {
        ...object.metadata,
        ownerReferences: [
          ...(object.metadata.ownerReferences ?? []),
          { apiVersion: "v1", kind: "ConfigMap", name: "keep", uid: "x" },
        ],
      },
    }),
  ),
);
const orphaned = storedGrant(
  parts.filter(({ type }) => type !== nativeResources.clusterRoleBindings && type.resource !== "clusterrolebindings"),
);
const finalizer = storedGrant(
  changed(
    parts,
    ({ object }) => object.kind === "RoleBinding" && object.metadata.name?.endsWith(":reads") === true,
    (object) => ({
      ...object,
      metadata: { ...object.metadata, finalizers: ["example.com/keep"] },
    }),
  ),
);
const ends = storedParts(intentWith({ temporary: true })).objects;

const podMaker = clusterRole("pods", [rule("", "pods", "create")]);
const userRole = clusterRole("mirrord-operator-user", [rule("operator.metalbear.co", "targets", "proxy")]);
const policy = (trap: "walk-around" | "hidden" | "no-limit", severity: "warning" | "note" | "error") => ({
  rule: trap,
  severity,
  subject: { kind: "MirrordPolicy" as const, name: "p", namespace: "dev" },
  message: "it limits nothing",
  fix: "Mend it.",
});
const installation = (fault: keyof typeof installationRules) => ({
  rule: fault,
  severity: installationRules[fault].severity,
  subject: { kind: "Namespace", name: "mirrord" },
  message: "It is so.",
  fix: "Change it.",
});

const cases: { name: string; given?: KubernetesObject[]; more?: Partial<AuditFacts>; want: RegExp[] }[] = [
  { name: "nothing", want: [] },
  { name: "a grant as it was made", more: { grants: [{ grant: whole, context }] }, want: [] },
  {
    name: "a second owner on a part of it",
    more: { grants: [{ grant: detached, context }] },
    want: [
      /^error grant-detached RoleBinding dev\/mirrord:grant:jim-dev-[a-z2-7]+: is not owned by the grant any more/,
      /grant-detached/,
    ],
  },
  {
    name: "a finalizer",
    more: { grants: [{ grant: finalizer, context }] },
    want: [/^error grant-detached RoleBinding dev\/.*:reads: has the finalizer "example.com\/keep"/],
  },
  {
    name: "a grant whose ClusterRoleBinding is gone",
    more: { grants: [{ grant: orphaned, context }] },
    want: [
      /^error grant-unreadable ClusterRoleBinding [a-z2-7]{20}: objects of a grant whose clusterrolebinding is gone/,
    ],
  },
  {
    name: "a grant that is over and still bound",
    more: { grants: [{ grant: storedGrant(ends), context: { ...context, now: now + 7_200_000 } }] },
    want: [
      /^error grant-expired-still-bound ClusterRoleBinding mirrord:grant:jim-dev-[a-z2-7]+: ended at .* and still gives the access$/,
    ],
  },
  { name: "one that is not over", more: { grants: [{ grant: storedGrant(ends), context }] }, want: [] },
  {
    name: "a platform's own finalizer is nothing wrong",
    more: {
      grants: [
        { grant: finalizer, context: { ...context, platform: new Set(["RoleBinding example.com/keep"]) as never } },
      ],
    },
    want: [],
  },
  {
    name: "a binding made by hand",
    given: [userRole, roleBinding("dev", "hand", clusterRoleRef("mirrord-operator-user"), [user("jim"), group("web")])],
    want: [
      /^warning unmanaged RoleBinding dev\/hand: group:web and jim have clusterrole\/mirrord-operator-user, and no grant says so$/,
    ],
  },
  {
    name: "one for the whole cluster",
    given: [userRole, clusterRoleBinding("hand", "mirrord-operator-user", [user("jim")])],
    want: [/^warning unmanaged ClusterRoleBinding hand: jim has/],
  },
  {
    name: "one that names somebody whose name nobody may type",
    given: [
      userRole,
      roleBinding("dev", "hand", clusterRoleRef("mirrord-operator-user"), [group("eve\u202e"), user(" x "), user("")]),
    ],
    want: [/^warning unmanaged RoleBinding dev\/hand: .*group:eve\u202e.* have clusterrole/],
  },
  {
    name: "one of the control plane, and one to another role",
    given: [
      userRole,
      roleBinding("dev", "hand", clusterRoleRef("mirrord-operator-user"), [serviceAccount("x", "kube-system")]),
      clusterRoleBinding("v", "view", [user("jim")]),
    ],
    want: [],
  },
  {
    name: "policies that do not do what they say; notes are left to policy lint",
    more: { policies: [policy("walk-around", "warning"), policy("hidden", "note"), policy("no-limit", "note")] },
    want: [/^warning policy-walk-around MirrordPolicy dev\/p: it limits nothing$/],
  },
  {
    name: "hardening, and not whether the operator works",
    more: {
      hardening: [
        installation("network-open"),
        installation("front-proxy-unchecked"),
        installation("not-ready"),
        installation("operator-namespace-open"),
      ],
    },
    want: [/^warning network-open /, /^error front-proxy-unchecked /],
  },
  {
    name: "pods where privileged ones are let in",
    given: [
      podMaker,
      roleBinding("dev", "p", clusterRoleRef("pods"), [user("jim")]),
      clusterRoleBinding("p", "pods", [user("ana")]),
    ],
    more: { openNamespaces: ["dev", "qa"] },
    want: [/^warning privileged-pods Namespace dev: ana and jim may run privileged pods, in dev for one$/],
  },
  {
    name: "pods elsewhere, and where the secure defaults are enforced",
    given: [podMaker, roleBinding("dev", "p", clusterRoleRef("pods"), [user("jim")])],
    more: { openNamespaces: ["qa"] },
    want: [],
  },
  { name: "they are enforced everywhere", given: [podMaker, clusterRoleBinding("p", "pods", [user("jim")])], want: [] },
  {
    name: "the control plane makes pods",
    given: [
      podMaker,
      clusterRoleBinding("p", "pods", [
        serviceAccount("job-controller", "kube-system"),
        serviceAccount("mirrord-operator", "mirrord"),
      ]),
    ],
    more: { openNamespaces: ["dev"] },
    want: [],
  },
];
for (const { name, given = [], more, want } of cases)
  t.test(name, async (t) => {
    const facts = auditFacts(given, more);
    const found = stateFindings(facts, held(facts)).map(findingText);
    t.match(found, want, found.join("\n"));
    t.equal(found.length, want.length, found.join("\n"));
  });

t.test("what makes a finding go is a command", async (t) => {
  const facts = auditFacts([], { grants: [{ grant: finalizer, context }] });
  const [found] = stateFindings(facts, held(facts));
  t.match(found?.fix, /Change it: kubectl mirrord grant revoke [a-z2-7]{20}$/);
});
