import { readDeclarations, type Declarations } from "../../audit/drift/declarations.ts";
import { readDrift } from "../../audit/drift/read-drift.ts";
import { connectionWords } from "../../cli/connection-words.ts";
import { command } from "../../cli/grammar/command.ts";
import { stringFlag } from "../../cli/grammar/flags.ts";
import { connectionFlags, noHeadersFlag, outputFlag, quietFlag } from "../../cli/grammar/shared-flags.ts";
import type { World } from "../../cli/world.ts";
import { usageError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { listWords } from "../../text/list-words.ts";
import { clustersConflicts, clustersFlags } from "./clusters/contexts.ts";
import { readClusters } from "./clusters/read-clusters.ts";
import { clusterRows, skippedParts } from "./clusters/report.ts";
import { showDrift } from "./show-drift.ts";
import { withPlaces } from "../with-places.ts";

export const drift = command({
  name: "audit drift",
  summary: "Say where the cluster is not what its grants, or a folder of manifests, declare.",
  description: [
    "Compares the roles and bindings of the cluster with what its grants and organizations say, or with --manifests those of a folder. Shows who has access that nobody declared, who",
    "lacks access that was declared, which fields of which objects differ, and the commands that mend it. A binding to a role of mirrord that was made by hand is drift, unless the folder has it.",
  ].join(" "),
  usage: "[flags]",
  examples: {
    "kubectl mirrord audit drift": "The cluster against its own grants and organizations",
    "kubectl mirrord audit drift --manifests ./access -o markdown":
      "The cluster against a repository, as Markdown for a comment",
    "kubectl mirrord audit drift --manifests ./access --against snapshot.json":
      "The same without a cluster, by what audit snapshot kept of it",
    "kubectl mirrord audit drift --manifests ./access --context east,west": "Two clusters against one repository",
  },
  flags: {
    against: stringFlag("PATH", "Compare this snapshot, or folder of manifests, in place of the cluster.", {
      completes: "file",
    }),
    output: outputFlag(["table", "wide", "json", "yaml", "csv", "markdown", "sarif"]),
    noHeaders: noHeadersFlag,
    quiet: quietFlag,
    ...connectionFlags,
    ...clustersFlags,
    manifests: {
      ...connectionFlags.manifests,
      describe: "Compare with the grants and organizations of this folder or file, '-' for stdin; may be repeated.",
    },
  },
  conflicts: [{ ...clustersConflicts[0], excludes: ["context", "cluster", "server", "against"] }],
  exitCodes: {
    0: "everything is as it is declared",
    1: "something differs",
    3: "nothing that was read differs, but something could not be read",
  },
  waits: "Comparing",

  async run({ against, manifests, output: format, noHeaders, quiet: _quiet, ...clusters }, world) {
    if (against === "-" && manifests.includes("-"))
      throw usageError("only one of --against and --manifests can be standard input");
    const { allContexts: _all, clusterTimeout: _timeout, ...connection } = clusters;
    const folder = manifests.length === 0 ? undefined : await world.connect({ ...connection, manifests });
    const declared = folder === undefined ? undefined : await requireDeclared(folder, world);
    const compared = { ...clusters, manifests: against === undefined ? [] : [against] };
    const answers = await readClusters(compared, world, async (cluster, said, reached) => {
      const found = await readDrift(cluster, {
        ...(declared === undefined ? {} : { declared }),
        local: world.now().getTime(),
        connection: connectionWords(reached),
        paths: manifests,
      });
      for (const warning of found.warnings) said.warn(warning);
      // An object is written where it is declared, else in the snapshot.
      return { ...found, items: withPlaces(withPlaces(found.items, cluster), folder ?? cluster) };
    });
    await showDrift(answers, { format, noHeaders }, world);
    const skipped = skippedParts(answers);
    for (const why of skipped) world.warn(why);
    if (clusterRows(answers, ({ items }) => items).length > 0) return 1;
    return skipped.length > 0 ? 3 : 0;
  },
});

/** What is not declared there is not compared, and this is said. Throws UserError "usage" where nothing is. */
async function requireDeclared(folder: Cluster, world: Pick<World, "note">): Promise<Declarations> {
  const declared = await readDeclarations(folder);
  const missing = [
    ...(declared.grants === undefined ? ["grants"] : []),
    ...(declared.organizations === undefined ? ["organizations"] : []),
  ];
  if (missing.length === 2) {
    throw usageError(
      `${folder.place} declare no grant and no organization`,
      "Grants are written there by: kubectl mirrord grant SUBJECT --ns NAMESPACE --manifests PATH",
    );
  }
  if (missing.length > 0) world.note(`${folder.place} declare no ${listWords(missing)}: those of the cluster count.`);
  return declared;
}
