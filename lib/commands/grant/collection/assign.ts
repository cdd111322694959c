import { shellQuote } from "../../../text/shell-quote.ts";
import { parseCollection } from "../../../access/collection.ts";
import { refuseUnknown } from "../../../access/collection-plan.ts";
import { command } from "../../../cli/grammar/command.ts";
import { usageError } from "../../../errors.ts";
import { oneByOne } from "../../../kubernetes/plan.ts";
import { connectBounded } from "../../connection.ts";
import { changeCollections } from "./change.ts";
import { changeFlags } from "../change-flags.ts";
import { knownPath, requiredNamespacesFlag } from "./flags.ts";
import { namespacesNamed, placeNamespace, placesNow } from "./members.ts";

export const assign = command({
  name: "grant collection assign",
  summary: "Put namespaces into a collection.",
  description: [
    "Whoever was granted the collection, or one above it, gets access in them by the same command. A namespace that is in",
    "another collection is left there: see `move`.",
  ].join(" "),
  usage: "PATH --ns NAMESPACE … [flags]",
  examples: {
    "kubectl mirrord grant collection assign prod/web --ns shop": "One namespace",
    "kubectl mirrord grant collection assign prod/web --ns cart --dry-run=server": "See what would follow",
  },
  positionals: { path: knownPath },
  flags: { namespace: requiredNamespacesFlag, ...changeFlags },
  async run({ path: text, namespace: names, dryRun, output, yes: _yes, ...connection }, world) {
    const path = parseCollection(text);
    const cluster = await connectBounded(connection, world);
    return await changeCollections(
      cluster,
      async (seen) => {
        refuseUnknown(path, seen.known);
        const namespaces = await namespacesNamed(cluster, names, seen);
        for (const [name, now] of placesNow(namespaces)) {
          if (now === undefined || now === path) continue;
          throw usageError(
            `namespace ${name} is in collection ${now}`,
            `Move it: kubectl mirrord grant collection move --ns ${shellQuote(name)} ${shellQuote(path)}`,
          );
        }
        return {
          plan: oneByOne(namespaces.map((namespace) => placeNamespace(namespace, path))),
          sentences: namespaces.map(({ metadata: { name = "" } }) => `Namespace ${name} is in collection ${path}.`),
        };
      },
      { dryRun, output },
      world,
    );
  },
});
