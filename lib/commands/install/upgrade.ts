import { command } from "../../cli/grammar/command.ts";
import { liveClusterFlags, yesFlag } from "../../cli/grammar/shared-flags.ts";
import type { World } from "../../cli/world.ts";
import { usageError } from "../../errors.ts";
import { installedObject, readInstallationStatus, type InstallationStatus } from "../../install/status.ts";
import { NAME } from "../../install/installed.ts";
import { roleChanges, roleChangeText, versionChange } from "../../install/upgrade.ts";
import type { Cluster, Plan } from "../../kube/cluster.ts";
import { readAllRbac } from "../../reading/rbac-objects.ts";
import { connectBounded } from "../connection.ts";
import { applyInstallation } from "./apply.ts";
import { TIMEOUT_MILLISECONDS, valueFlags, writeFlags } from "./flags.ts";
import { keptValues } from "./upgrade-values.ts";

export const upgrade = command({
  name: "install upgrade",
  summary: "Bring the operator to this program's version, and say first what changes for whom.",
  description: [
    "As `install` with the same values, on an operator that is there: definitions first, then roles, then the workload. Before it",
    "asks, it says from which version to which, who gains and loses what where a role changes, and how many sessions are running.",
    "The values that `install` was given stay, but for operator.imageTag, and what is given stands above them; a --values file",
    "replaces them all. Secrets are not kept, the licence aside: those have to be given again.",
  ].join(" "),
  usage: "[flags]",
  examples: {
    "kubectl mirrord install upgrade": "See what would change, and do it",
    "kubectl mirrord install upgrade --diff": "Only see it, field by field",
    "kubectl mirrord install upgrade --license-key-file key.txt": "With a new licence",
    "kubectl mirrord install upgrade --values values.yaml": "With these values in place of those that it has",
  },
  flags: {
    ...valueFlags,
    ...writeFlags,
    yes: yesFlag,
    ...liveClusterFlags("files are upgraded with kubectl mirrord install -o yaml"),
  },
  conflicts: [
    {
      option: "licenseKeyFile",
      excludes: ["licenseSecret"],
      hint: "One says the key, the other where it is: leave one out.",
    },
  ],
  exitCodes: {
    0: "upgraded, and it answers",
    1: "declined; with --diff: something would change; the licence is over",
    2: "there is nothing to upgrade, a value is wrong, or Helm or another tool manages the operator",
    3: "it was applied, and does not answer yet",
  },
  async run({ timeout = TIMEOUT_MILLISECONDS, ...options }, world) {
    const { namespace, ...connection } = options;
    const status = await lookAt(connection, namespace, world);
    const kept = keptValues(status, options);
    const preview = (cluster: Cluster, plan: Plan) => previewUpgrade(cluster, plan, status);
    return await applyInstallation({ ...options, adopt: false, timeout, kept }, world, preview);
  },
});

async function lookAt(
  connection: Parameters<typeof connectBounded>[0],
  namespace: string | undefined,
  world: World,
): Promise<InstallationStatus> {
  const cluster = await connectBounded(connection, world);
  const status = await readInstallationStatus(cluster, namespace);
  if (installedObject(status.installed, "Deployment", NAME) !== undefined) return status;
  throw usageError(`there is no operator in namespace ${status.installed.namespace} to upgrade`, [
    "Is it in another one? Then: -n NAMESPACE",
    "To install it: kubectl mirrord install",
  ]);
}

async function previewUpgrade(
  cluster: Cluster,
  plan: Plan,
  status: InstallationStatus,
): Promise<{ notes: string[]; warnings: string[] }> {
  const { installed, operator } = status;
  const version = versionChange(installedObject(installed, "Deployment", NAME), plan);
  const rbac = await readAllRbac(cluster);
  const roles = roleChanges(plan, rbac.unreadable.length === 0 ? rbac.objects : undefined);
  const sessions = operator.failed ? undefined : operator.value.live?.sessions.length;
  return {
    notes: [...(version === undefined ? [] : [versionText(version)]), ...roles.map(roleChangeText)],
    warnings: [
      ...(version?.older === true
        ? [`${version.to} is older than ${version.from}: stored objects may have fields that its definitions lack`]
        : []),
      ...sessionWarnings(sessions),
    ],
  };
}

const versionText = ({ from, to }: { from: string; to: string }): string =>
  from === to ? `version ${to} stays` : `version ${from} becomes ${to}`;

function sessionWarnings(count: number | undefined): string[] {
  if (count === undefined) return ["the operator does not say whether sessions are running"];
  if (count === 0) return [];
  const are = count === 1 ? "1 session is" : `${count} sessions are`;
  return [`${are} running, and may have to connect again. See whose: kubectl mirrord session list -A`];
}
