// Two clusters to show: the examples, and one in which every name is long.
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The names that the screens are about. */
export interface Names {
  user: string;
  group: string;
  namespace: string;
  deployment: string;
  policy: string;
}

export const shortNames: Names = {
  user: "jim",
  group: "oidc:backend",
  namespace: "dev",
  deployment: "web",
  policy: "no-steal",
};

/** A name of a length that Kubernetes allows; made of words, as names are. */
const long = (start: string, length: number): string =>
  `${start}-${"of-the-payments-platform-".repeat(4)}`.slice(0, length);

export const longNames: Names = {
  user: `${long("jim", 40)}x`,
  group: `oidc:${long("backend", 45)}`,
  namespace: `${long("dev", 62)}x`,
  deployment: `${long("web", 54)}x`,
  policy: `${long("no-steal", 62)}x`,
};

const examples = join(import.meta.dirname, "../../examples");

/** The examples, with a policy that blocks stealing. */
export function exampleCluster(folder: string): void {
  cpSync(examples, folder, { recursive: true });
  writeFileSync(join(folder, "policies.yaml"), blocking(shortNames));
}

/** The operator of the examples, and one workload, group and policy whose names are long. */
export function longCluster(folder: string): void {
  mkdirSync(folder);
  cpSync(join(examples, "operator.yaml"), join(folder, "operator.yaml"));
  const { namespace, deployment, group } = longNames;
  const secret = long("session-key", 60);
  const documents = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: deployment, namespace },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: "web" } },
        template: {
          metadata: { labels: { app: "web" } },
          spec: {
            containers: [
              {
                name: "main",
                image: "nginx",
                env: [{ name: "KEY", valueFrom: { secretKeyRef: { name: secret, key: "key" } } }],
              },
            ],
          },
        },
      },
    },
    {
      ...binding("ClusterRoleBinding", "mirrord-operator-user-basic", group),
      metadata: { name: long("backend-base", 60) },
    },
    {
      ...binding("RoleBinding", "mirrord-operator-user", group),
      metadata: { name: long("backend", 60), namespace },
    },
  ];
  writeFileSync(join(folder, "shop.yaml"), documents.map((document) => JSON.stringify(document)).join("\n---\n"));
  writeFileSync(join(folder, "policies.yaml"), blocking(longNames));
}

function binding(kind: string, role: string, group: string) {
  const apiGroup = "rbac.authorization.k8s.io";
  return {
    apiVersion: `${apiGroup}/v1`,
    kind,
    roleRef: { apiGroup, kind: "ClusterRole", name: role },
    subjects: [{ apiGroup, kind: "Group", name: group }],
  };
}

function blocking({ policy, namespace, deployment }: Names): string {
  return JSON.stringify({
    apiVersion: "policies.mirrord.metalbear.co/v1alpha",
    kind: "MirrordPolicy",
    metadata: { name: policy, namespace },
    spec: { targetPath: `deploy/${deployment}*`, block: ["steal"] },
  });
}
