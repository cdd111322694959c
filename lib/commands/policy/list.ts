import { command } from "../../cli/grammar/command.ts";
import { allNamespacesFlag, noHeadersFlag, outputFlag } from "../../cli/grammar/shared-flags.ts";
import { readPolicy } from "../../mirrord/policy/spec.ts";
import { requireNamespace } from "../../reading/namespaces.ts";
import { readPolicies } from "../../reading/policies.ts";
import { printOutput } from "../../view/output.ts";
import { placeFlags } from "./flags.ts";
import { referenceName } from "./reference.ts";
import { policyColumns, sortPolicies } from "./row.ts";
import { withoutManagers } from "./write.ts";

export const list = command({
  name: "policy list",
  summary: "List the policies that can apply in a namespace.",
  description:
    "Those of the namespace and those of the cluster: both bind its sessions, and none exempts from another.",
  usage: "[-n NAMESPACE | -A] [flags]",
  examples: {
    "kubectl mirrord policy list -n dev": "What binds sessions in namespace dev",
    "kubectl mirrord policy list -A -o wide": "Every policy, with what is wrong with it",
  },
  flags: {
    allNamespaces: allNamespacesFlag,
    output: outputFlag(["table", "wide", "json", "yaml", "name", "csv"]),
    noHeaders: noHeadersFlag,
    ...placeFlags,
  },
  waits: "Reading the policies",
  async run({ allNamespaces, output, noHeaders, ...options }, world) {
    const cluster = await world.connect(options);
    const namespace = allNamespaces ? undefined : (options.namespace ?? cluster.namespace);
    const { policies, unreadable } = await readPolicies(cluster, namespace);
    const rows = sortPolicies(policies);
    if (namespace !== undefined && rows.every(({ metadata }) => metadata.namespace === undefined))
      await requireNamespace(cluster, options.namespace);
    await printOutput(
      {
        kind: "PolicyList",
        value: { items: rows.map(withoutManagers), ...(unreadable.length === 0 ? {} : { unreadable }) },
        rows,
        columns: policyColumns(world.now()),
        name: (policy) => referenceName(readPolicy(policy).ref),
        empty:
          namespace === undefined ? "No policies found." : `No policies found that apply in namespace ${namespace}.`,
      },
      { format: output, noHeaders },
      world,
    );
    if (unreadable.length > 0) world.warn(`you may not list ${unreadable.join(" and ")}: there may be more`);
    return unreadable.length > 0 ? 3 : 0;
  },
});
