import { command } from "../../cli/grammar/command.ts";
import { allNamespacesFlag, noHeadersFlag, outputFlag } from "../../cli/grammar/shared-flags.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { readPolicies } from "../../reading/policies.ts";
import { requireNamespace } from "../../reading/namespaces.ts";
import { readPolicy } from "../../mirrord/policy/spec.ts";
import { printDocument, printOutput } from "../../view/output.ts";
import { clusterPolicyFlag, lookupExitCodes, placeFlags } from "./flags.ts";
import { findPolicies } from "./find.ts";
import { parseReference, referenceName } from "./reference.ts";
import { policyColumns, sortPolicies } from "./row.ts";
import { withoutManagers } from "./write.ts";

export const get = command({
  name: "policy get",
  summary: "Print policies as they are stored, by name or all.",
  description:
    "With -o yaml and -o json exactly the stored object, fields of newer operators included: it can be applied again.",
  usage: "[NAME...] [flags]",
  examples: {
    "kubectl mirrord policy get no-steal -n dev -o yaml": "As it is stored",
    "kubectl mirrord policy get mirrordclusterpolicy/need-filter -o json": "One of the whole cluster",
    "kubectl mirrord policy get -n dev -o yaml": "All that apply in namespace dev",
  },
  positionals: {
    names: { type: "list", placeholder: "NAME", describe: "NAME or KIND/NAME; without it, all", completes: "policy" },
  },
  flags: {
    clusterPolicy: clusterPolicyFlag,
    allNamespaces: allNamespacesFlag,
    output: outputFlag(["table", "wide", "json", "yaml", "name"]),
    noHeaders: noHeadersFlag,
    ...placeFlags,
  },
  conflicts: [
    {
      option: "names",
      excludes: ["allNamespaces"],
      message: () => "a policy cannot be got by name across all namespaces",
      hint: "Name its namespace: -n NAMESPACE.",
    },
  ],
  exitCodes: { ...lookupExitCodes, 3: "without a name: not all may be listed" },
  waits: "Reading the policies",
  async run({ names, clusterPolicy, allNamespaces, output, noHeaders, ...options }, world) {
    const cluster = await world.connect(options);
    const place = { isCluster: clusterPolicy, namespace: options.namespace ?? cluster.namespace };
    const { policies: rows, unreadable } =
      names.length > 0
        ? {
            policies: await findPolicies(
              names.map((name) => parseReference(name, place)),
              cluster,
            ),
            unreadable: [],
          }
        : await listPolicies(cluster, allNamespaces ? undefined : place.namespace, clusterPolicy);
    if (rows.length === 0 && !allNamespaces && !clusterPolicy) await requireNamespace(cluster, options.namespace);
    if (unreadable.length > 0) world.warn(`you may not list ${unreadable.join(" and ")}: there may be more`);
    const code = unreadable.length > 0 ? 3 : 0;
    if (output === "json" || output === "yaml") {
      const items = rows.map(withoutManagers);
      const document =
        names.length === 1 && items[0] !== undefined ? items[0] : { apiVersion: "v1", kind: "List", items };
      await printDocument(document, output, world);
      return code;
    }
    const name = (policy: (typeof rows)[number]) => referenceName(readPolicy(policy).ref);
    await printOutput(
      { kind: "PolicyList", value: { items: rows }, rows, columns: policyColumns(world.now()), name, empty: EMPTY },
      { format: output, noHeaders },
      world,
    );
    return code;
  },
});

const EMPTY = "No policies found.";

async function listPolicies(cluster: Cluster, namespace: string | undefined, onlyCluster: boolean) {
  const { policies, unreadable } = await readPolicies(cluster, namespace);
  const wanted = onlyCluster ? policies.filter(({ metadata }) => metadata.namespace === undefined) : policies;
  return { policies: sortPolicies(wanted), unreadable };
}
