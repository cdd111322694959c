import { isWithin, parseCollection } from "../../../access/collection.ts";
import { command } from "../../../cli/grammar/command.ts";
import { usageError } from "../../../errors.ts";
import { oneByOne } from "../../../kubernetes/plan.ts";
import { connectBounded } from "../../connection.ts";
import { changeCollections, pathText } from "./change.ts";
import { changeFlags } from "../change-flags.ts";
import { knownPath, requiredNamespacesFlag } from "./flags.ts";
import { namespacesNamed, placeNamespace, placesNow } from "./members.ts";

export const unassign = command({
  name: "grant collection unassign",
  summary: "Take namespaces out of their collection.",
  description: "Whoever has access there by a grant on the collection loses it by the same command.",
  usage: "[PATH] --ns NAMESPACE … [flags]",
  examples: {
    "kubectl mirrord grant collection unassign --ns shop": "Wherever it is",
    "kubectl mirrord grant collection unassign prod/web --ns shop": "Only if it is in prod/web or below",
  },
  positionals: { path: { ...knownPath, required: false } },
  flags: { namespace: requiredNamespacesFlag, ...changeFlags },
  async run({ path: text, namespace: names, dryRun, output, yes: _yes, ...connection }, world) {
    const path = text === undefined ? undefined : parseCollection(text);
    const cluster = await connectBounded(connection, world);
    return await changeCollections(
      cluster,
      async (seen) => {
        const namespaces = await namespacesNamed(cluster, names, seen);
        const places = placesNow(namespaces);
        for (const [name, now] of places) {
          if (path === undefined || now === undefined || isWithin(now, path)) continue;
          throw usageError(`namespace ${name} is in collection ${now}, not in ${path}`);
        }
        return {
          plan: oneByOne(namespaces.map((namespace) => placeNamespace(namespace, undefined))),
          place: { names, path: undefined },
          sentences: [...places].map(
            ([name, now]) => `Namespace ${name} is in no collection now; it was in ${pathText(now)}.`,
          ),
        };
      },
      { dryRun, output },
      world,
    );
  },
});
