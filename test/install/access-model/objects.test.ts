import t from "tap";
import { ownRoleNames } from "../../../lib/access/roles.ts";
import { COMPONENT_LABEL } from "../../../lib/install/component.ts";
import { emptyCollections, modelObjects } from "../../../lib/install/access-model/objects.ts";
import { roleRules } from "../../../lib/rbac/decode.ts";

const names = (readers: readonly string[]) =>
  modelObjects({ readers }).map(({ kind, metadata }) => `${kind} ${metadata.name}`);

t.test("the namespace, the kind Organization, the administrators' role and the roles of grants", async (t) => {
  t.same(names([]), [
    "Namespace mirrord-access",
    "CustomResourceDefinition organizations.access.kubectl-mirrord.io",
    "ClusterRole mirrord-access-admin",
    ...ownRoleNames.map((name) => `ClusterRole ${name}`),
  ]);
});

t.test("what is shared with grants and sync is written as they write it", async (t) => {
  const labelled = modelObjects({ readers: ["devs"] }).filter(
    ({ metadata }) => metadata.labels?.[COMPONENT_LABEL] !== undefined,
  );
  t.same(
    labelled.map(({ metadata }) => metadata.name),
    [
      "organizations.access.kubectl-mirrord.io",
      "mirrord-access-admin",
      "mirrord-access-reader",
      "mirrord-access-reader:devs",
    ],
  );
  t.equal(emptyCollections["data"], undefined);
});

t.test("each group of readers has a binding of its own, once, under a name that RBAC takes", async (t) => {
  const bindings = modelObjects({ readers: ["oidc:devs", "oidc:devs", "a/b %"] }).filter(
    ({ kind }) => kind === "ClusterRoleBinding",
  );
  t.match(bindings, [
    {
      metadata: { name: "mirrord-access-reader:oidc=3Adevs" },
      roleRef: { name: "mirrord-access-reader" },
      subjects: [{ kind: "Group", name: "oidc:devs" }],
    },
    { metadata: { name: "mirrord-access-reader:a=2Fb=20=25" } },
  ]);
});

t.test("an administrator holds no right that gives all others", async (t) => {
  const role = modelObjects({ readers: [] }).find(({ metadata }) => metadata.name === "mirrord-access-admin");
  const rules = role === undefined ? [] : roleRules(role);
  t.match(rules[0], { apiGroups: ["access.kubectl-mirrord.io"], resources: ["grants"], verbs: ["manage"] });
  for (const { apiGroups, resources, verbs, resourceNames } of rules) {
    t.notOk([apiGroups, resources, verbs].some((values) => values?.includes("*")));
    t.notOk(verbs.includes("escalate") || verbs.includes("impersonate"));
    if (verbs.includes("bind")) t.ok(resourceNames?.every((name) => /^mirrord[:-]/.test(name)));
  }
});
