import t from "tap";
import { asWritten, exemptionObjects } from "../../../lib/install/secure-defaults/objects.ts";

const operator = { namespace: "mirrord", name: "mirrord-operator", ephemeralAgents: false };
const shown = (objects: ReturnType<typeof exemptionObjects>, kind: string) =>
  objects
    .filter((object) => object.kind === kind)
    .map(({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}`);

t.test("the operator is exempt from each option in its own namespace, and nowhere else", async (t) => {
  const objects = exemptionObjects({ operator });
  t.same(shown(objects, "ClusterRoleBinding"), []);
  const bindings = shown(objects, "RoleBinding");
  t.equal(bindings.length, 7);
  t.ok(bindings.every((name) => name.startsWith("mirrord/mirrord:operator:")));
});

t.test("agents in running pods need an exemption everywhere, for that alone", async (t) => {
  const objects = exemptionObjects({ operator: { ...operator, ephemeralAgents: true } });
  t.match(
    objects.filter(({ kind }) => kind === "ClusterRoleBinding"),
    [
      {
        metadata: { name: "mirrord:operator:ephemeralContainers" },
        roleRef: { name: "mirrord:role:privileged-ephemeralContainers" },
        subjects: [{ kind: "ServiceAccount", namespace: "mirrord", name: "mirrord-operator" }],
      },
    ],
  );
});

t.test("each administrator has a binding of its own, whatever is in the name", async (t) => {
  const bindings = shown(
    exemptionObjects({
      operator,
      administrators: [
        { kind: "User", name: "a/b" },
        { kind: "User", name: "a=2Fb" },
        { kind: "Group", name: "a/b" },
        { kind: "ServiceAccount", namespace: "x", name: "y" },
      ],
    }),
    "ClusterRoleBinding",
  );
  t.equal(new Set(bindings).size, 4);
  for (const name of bindings) t.match(name, /^\/mirrord:administrator:[^/%]+$/);
});

t.test("every role that is bound is brought", async (t) => {
  const objects = exemptionObjects({
    operator: { ...operator, ephemeralAgents: true },
    administrators: [{ kind: "User", name: "ann" }],
  });
  const roles = new Set(shown(objects, "ClusterRole"));
  for (const object of objects)
    if ("roleRef" in object) t.ok(roles.has(`/${object.roleRef.name}`), object.roleRef.name);
});

t.test("an add-on is exempt from its attributes where it makes pods, or everywhere", async (t) => {
  const account = { namespace: "home", name: "maker" };
  const bindings = (namespaces: string[]) => {
    const addOns = [{ name: "disks", account, namespaces, attributes: ["hostPath", "localVolume"] as const }];
    return exemptionObjects({ operator, addOns }).filter(({ metadata }) => metadata.name?.includes("disks") === true);
  };
  t.same(
    bindings(["home", "other"]).map(({ kind, metadata, ...object }) => [
      kind,
      metadata.namespace,
      metadata.name,
      "roleRef" in object ? object.roleRef.name : "",
    ]),
    ["home", "other"].flatMap((namespace) =>
      ["hostPath", "localVolume"].map((attribute) => [
        "RoleBinding",
        namespace,
        `mirrord:add-on:disks:${attribute}`,
        `mirrord:role:privileged-${attribute}`,
      ]),
    ),
  );
  t.match(bindings(["*"]), [
    { kind: "ClusterRoleBinding", metadata: { name: "mirrord:add-on:disks:hostPath", namespace: undefined } },
    { kind: "ClusterRoleBinding", subjects: [{ kind: "ServiceAccount", namespace: "home", name: "maker" }] },
  ]);
});

t.test(
  "what is written says that it belongs to the secure defaults, but for roles that grants bring and namespaces",
  async (t) => {
    const labels = { mine: "kept" };
    for (const [kind, want] of [
      ["RoleBinding", { mine: "kept", "kubectl-mirrord.io/component": "secure-defaults" }],
      ["ClusterRoleBinding", { mine: "kept", "kubectl-mirrord.io/component": "secure-defaults" }],
      ["ValidatingAdmissionPolicy", { mine: "kept", "kubectl-mirrord.io/component": "secure-defaults" }],
      ["ClusterRole", labels],
      ["Namespace", labels],
    ] as const) {
      t.same(asWritten({ apiVersion: "v1", kind, metadata: { name: "x", labels } }).metadata.labels, want, kind);
    }
  },
);
