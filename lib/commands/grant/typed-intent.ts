import { parseIntent, type GrantFlags } from "../../access/parse-intent.ts";
import type { Intent } from "../../access/intent.ts";
import type { ConnectOptions, World } from "../../cli/world.ts";
import { usageError } from "../../errors.ts";
import { formatTarget } from "../../mirrord/target.ts";
import { parseTypedTarget } from "../../mirrord/typed-target.ts";
import { targetByName } from "../../reading/target-by-name.ts";
import { connectBounded } from "../connection.ts";

/** The intent of a command line, whose targets may be names alone. Throws UserError as `parseIntent` and `targetByName`. */
export async function typedIntent(flags: GrantFlags, connection: ConnectOptions, world: World): Promise<Intent> {
  const typed = flags.target.map((text) => ({ text, target: parseTypedTarget(text) }));
  if (typed.every(({ target }) => target.kind !== "bare")) return parseIntent(flags);
  // What else is wrong is said before anything is looked up: any kind will do for that.
  const provisional = typed.map(({ text, target }) => (target.kind === "bare" ? `deployment/${target.name}` : text));
  const { set } = parseIntent({ ...flags, target: provisional });
  const places = set.kind === "all" || set.selectors !== undefined ? [] : set.namespaces;
  const cluster = await connectBounded(connection, world);
  const target = await Promise.all(
    typed.map(async ({ text, target: one }) => {
      if (one.kind !== "bare") return text;
      const found = await Promise.all(places.map((place) => targetByName(cluster, one.name, place)));
      return onlyKind(one.name, places, found.map(formatTarget));
    }),
  );
  return parseIntent({ ...flags, target });
}

/** A grant's target is of one kind, wherever it holds. */
function onlyKind(name: string, places: readonly string[], paths: readonly string[]): string {
  const [only, ...others] = new Set(paths);
  if (only !== undefined && others.length === 0) return only;
  const found = paths.map((path, index) => `${path} in ${places[index] ?? ""}`).join(" and ");
  throw usageError(
    only === undefined
      ? `${JSON.stringify(name)} has no kind, and a selector says no namespace to look it up in`
      : `${JSON.stringify(name)} is ${found}`,
    `Write the kind as well: --target ${only ?? `deployment/${name}`}.`,
  );
}
