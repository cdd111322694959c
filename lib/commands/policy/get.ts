import { command } from "../../cli/grammar/command.ts";
import { noHeadersFlag, outputFlag } from "../../cli/grammar/shared-flags.ts";
import { readPolicy } from "../../mirrord/policy/spec.ts";
import { printDocument, printOutput } from "../../view/output.ts";
import { clusterPolicyFlag, lookupExitCodes, placeFlags } from "./flags.ts";
import { findPolicies } from "./find.ts";
import { parseReference, referenceName } from "./reference.ts";
import { policyColumns } from "./row.ts";
import { withoutManagers } from "./write.ts";

export const get = command({
  name: "policy get",
  summary: "Print policies as they are stored.",
  description:
    "With -o yaml and -o json exactly the stored object, fields of newer operators included: it can be applied again.",
  usage: "NAME... [flags]",
  examples: {
    "kubectl mirrord policy get no-steal -n dev -o yaml": "As it is stored",
    "kubectl mirrord policy get mirrordclusterpolicy/need-filter -o json": "One of the whole cluster",
  },
  positionals: {
    names: { type: "list", placeholder: "NAME", describe: "NAME or KIND/NAME", required: true, completes: "policy" },
  },
  flags: {
    clusterPolicy: clusterPolicyFlag,
    output: outputFlag(["table", "wide", "json", "yaml", "name"]),
    noHeaders: noHeadersFlag,
    ...placeFlags,
  },
  exitCodes: lookupExitCodes,
  waits: "Reading the policies",
  async run({ names, clusterPolicy, output, noHeaders, ...options }, world) {
    const cluster = await world.connect(options);
    const place = { isCluster: clusterPolicy, namespace: options.namespace ?? cluster.namespace };
    const named = names.map((name) => parseReference(name, place));
    const rows = await findPolicies(named, cluster);
    if (output === "json" || output === "yaml") {
      const items = rows.map(withoutManagers);
      const document =
        items.length === 1 && items[0] !== undefined ? items[0] : { apiVersion: "v1", kind: "List", items };
      await printDocument(document, output, world);
      return 0;
    }
    const name = (policy: (typeof rows)[number]) => referenceName(readPolicy(policy).ref);
    await printOutput(
      { kind: "PolicyList", value: { items: rows }, rows, columns: policyColumns(world.now()), name },
      { format: output, noHeaders },
      world,
    );
    return 0;
  },
});
