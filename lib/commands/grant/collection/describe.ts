import { parseCollection } from "../../../access/collection.ts";
import { describeCollection, type CollectionDescription } from "../../../access/collection-description.ts";
import { refuseUnknown } from "../../../access/collection-plan.ts";
import { command } from "../../../cli/grammar/command.ts";
import { connectionFlags, outputFlag } from "../../../cli/grammar/shared-flags.ts";
import { readCollections } from "../../../reading/collections.ts";
import { readListedGrants } from "../../../reading/grants.ts";
import { API_VERSION, printDocument } from "../../../view/output.ts";
import { printText } from "../../../view/text.ts";
import { connectBounded } from "../../connection.ts";
import { warnOfFaults } from "./faults.ts";
import { knownPath } from "./flags.ts";

export const describe = command({
  name: "grant collection describe",
  summary: "Show a collection: what is in it, and which grants reach it.",
  description: "A grant reaches it when it names the collection or one above it, or holds in all namespaces.",
  usage: "PATH [flags]",
  examples: { "kubectl mirrord grant collection describe prod/web": "One collection" },
  positionals: { path: knownPath },
  flags: { output: outputFlag(["table", "json", "yaml"]), ...connectionFlags },
  async run({ path: text, output, ...connection }, world) {
    const path = parseCollection(text);
    const cluster = await connectBounded(connection, world);
    const [seen, grants] = await Promise.all([readCollections(cluster), readListedGrants(cluster)]);
    refuseUnknown(path, seen.known);
    if ("unlisted" in grants)
      world.warn(`you may not list ${grants.unlisted.join(", ")}: which grants reach it is not shown`);
    warnOfFaults(seen.members, world);
    const found = describeCollection(path, seen, "unlisted" in grants ? undefined : grants.grants);
    if (output === "table") printText(lines(found), world);
    else {
      const { grants: reaching, ...rest } = found;
      const value = { ...rest, ...(reaching === undefined ? {} : { grants: reaching }) };
      await printDocument({ apiVersion: API_VERSION, kind: "CollectionDescription", ...value }, output, world);
    }
    return 0;
  },
});

function lines({ path, description, above, children, namespaces, below, grants }: CollectionDescription): string[] {
  return [
    `Collection:  ${path}`,
    ...(description === "" ? [] : [`About:  ${description}`]),
    `Within:  ${above.at(-1) ?? "none"}`,
    ...section("Collections below it", children),
    ...section("Namespaces", namespaces),
    ...section(
      "Namespaces below it",
      below.map((each) => `${each.namespace} in ${each.path}`),
    ),
    ...section(
      "Grants that reach it",
      grants?.map(({ id, subject, role, on }) => `${id}  ${subject}: ${role} ${placeText(on, path)}`) ?? ["<unknown>"],
    ),
  ];
}

const placeText = (on: string, path: string): string =>
  on === "*" ? "in all namespaces" : on === "/" ? "in every collection" : on === path ? "on it" : `on ${on}`;

const section = (title: string, items: readonly string[]): string[] =>
  items.length === 0 ? [`${title}:  none`] : [`${title}:`, ...items.map((item) => `  ${item}`)];
