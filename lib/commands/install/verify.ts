import manifest from "../../../package.json" with { type: "json" };
import { command } from "../../cli/grammar/command.ts";
import { liveClusterFlags, namespaceFlag } from "../../cli/grammar/shared-flags.ts";
import type { ConnectOptions, World } from "../../cli/world.ts";
import { findingsExitCode } from "../../findings/exit-code.ts";
import { mostSevereFirst } from "../../findings/finding.ts";
import { installationRules } from "../../install/installation-rules.ts";
import { verifyInstallation } from "../../install/verify/verify.ts";
import type { UserInfo } from "../../kubernetes/access.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { printFindings, printRules } from "../../view/findings.ts";
import { nothingFound } from "../../view/nothing-found.ts";
import { asCaller, connectBounded } from "../connection.ts";
import { findingsExitCodes, findingsFlags } from "../findings-flags.ts";

export const verify = command({
  name: "install verify",
  summary: "Prove that every permission and policy of the installation works.",
  description: [
    "Asks the API server for every right of the operator and of its users' roles; has real users without administrator's rights try,",
    "in dry runs, what the admission policies have to refuse, and the operator's account what it has to be able to do; compares what",
    "is stored with what was installed; says what leaves the cluster by the stored Deployment; and goes through the list of how to",
    "harden an installation. Nothing is written.",
  ].join(" "),
  usage: "[-n NAMESPACE] [--fail-on SEVERITY] [flags]",
  examples: {
    "kubectl mirrord install verify": "Does everything work?",
    "kubectl mirrord install verify --fail-on warning -o sarif": "For CI",
    "kubectl mirrord install verify --rules -o wide": "What is looked for, and why",
  },
  flags: {
    namespace: { ...namespaceFlag, describe: "The operator's namespace; without it, the one its APIService names." },
    ...findingsFlags,
    ...liveClusterFlags("a folder of manifests has no operator that runs"),
  },
  exitCodes: {
    ...findingsExitCodes,
    3: "part of it could not be asked or read",
  },
  async run({ namespace, failOn, rules, output, noHeaders, ...connection }, world) {
    if (rules) {
      await printRules("InstallationRules", installationRules, output, world);
      return 0;
    }
    const cluster = await connectBounded(connection, world);
    const progress = world.progress("Asking the API server");
    const asUser = (user: UserInfo) => connectAs(user, connection, world);
    const { findings, checked, egress, skipped } = await verifyInstallation(cluster, {
      namespace,
      now: world.now(),
      asUser,
    }).finally(() => progress.end());
    await printFindings(
      {
        kind: "InstallationVerification",
        tool: { name: "kubectl-mirrord install verify", version: manifest.version },
        rules: installationRules,
        findings: mostSevereFirst(findings),
        subject: "OBJECT",
        item: (finding) => finding,
        empty: nothingFound("No findings.", skipped.length === 0),
        more: { checked, egress, skipped },
      },
      { format: output, noHeaders },
      world,
    );
    world.note(
      `${checked.rights} rights asked for, ${checked.policies} policies compared, ${checked.probes === 1 ? "1 thing" : `${checked.probes} things`} tried.`,
    );
    for (const clause of skipped) world.warn(clause);
    return findingsExitCode(findings, { failOn, incomplete: skipped.length > 0 });
  },
});

/** Only the name: the API server knows which groups an account is in, and of a user nobody knows them. */
function connectAs({ name }: UserInfo, connection: ConnectOptions, world: Pick<World, "connect">): Promise<Cluster> {
  return world.connect({ ...asCaller(connection), as: name });
}
