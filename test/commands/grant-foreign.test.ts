import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { exampleFolder, runGrant } from "./grant-world.ts";

// What somebody else made is never taken over, deleted or believed, whatever labels it carries.
const reads = (rest: string) => `---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
${rest}
`;
const strangers: [name: string, role: string, message: RegExp][] = [
  ["has our name", reads("metadata: {name: 'mirrord:role:reads'}\nrules: []"), /is there already and was not made by/],
  [
    "is filled by a controller",
    reads(
      "metadata: {name: 'mirrord:role:reads', labels: {app.kubernetes.io/managed-by: kubectl-mirrord}}\n" +
        "aggregationRule: {clusterRoleSelectors: [{matchLabels: {agg: y}}]}\nrules: []",
    ),
    /is aggregated/,
  ],
];
for (const [name, role, message] of strangers) {
  t.test(`a role that ${name} is not bound, and nothing is written`, async (t) => {
    const folder = exampleFolder(t);
    writeFileSync(join(folder, "role.yaml"), role);
    const run = await runGrant(["jim", "--ns", "dev", "--manifests", folder]);
    t.equal(run.code, 4, run.stderr);
    t.match(run.stderr, message);
    t.notOk(existsSync(join(folder, "mirrord-access")));
  });
}

const idOf = (stdout: string) => /mirrord:grant:jim-dev-([a-z2-7]{20})/.exec(stdout)?.[1] ?? "";

t.test("an object of somebody else that carries the label of a grant survives its end", async (t) => {
  const folder = exampleFolder(t);
  const id = idOf((await runGrant(["jim", "--ns", "dev", "--manifests", folder])).stdout);
  t.match(id, /^[a-z2-7]{20}$/);
  const foreign = `---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: foreign, namespace: dev, labels: {kubectl-mirrord.io/grant: ${id}}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: jane}]
`;
  writeFileSync(join(folder, "foreign.yaml"), foreign);
  const revoked = await runGrant(["revoke", "jim", "--manifests", folder]);
  t.equal(revoked.code, 0, revoked.stderr);
  t.notMatch(revoked.stdout, /foreign/);
  t.ok(existsSync(join(folder, "foreign.yaml")));
});

t.test("an end that stands on another object does not end a grant", async (t) => {
  const folder = exampleFolder(t);
  const id = idOf((await runGrant(["jim", "--ns", "dev", "--manifests", folder])).stdout);
  appendFileSync(
    join(folder, "dev.yaml"),
    `---
apiVersion: v1
kind: ConfigMap
metadata:
  name: x
  namespace: dev
  labels: {kubectl-mirrord.io/grant: ${id}}
  annotations: {kubectl-mirrord.io/expires-at: "2020-01-01T00:00:00Z"}
`,
  );
  const again = await runGrant(["jim", "--ns", "dev", "--manifests", folder]);
  t.match(again.stdout, /jim can now mirror and steal any target/);
});
