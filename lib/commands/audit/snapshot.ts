import { lstatSync, statSync, writeFileSync } from "node:fs";
import { takeSnapshot } from "../../audit/snapshot.ts";
import { command } from "../../cli/grammar/command.ts";
import { stringFlag } from "../../cli/grammar/flags.ts";
import { connectionFlags } from "../../cli/grammar/shared-flags.ts";
import { UserError, usageError } from "../../errors.ts";
import { jsonText, printDocument } from "../../view/output.ts";
import { goFileError } from "../../kube/config/files.ts";
import { replaceFile } from "../../kube/config/replace-file.ts";
import { connectBounded } from "../connection.ts";

/** What -o takes elsewhere: here it would make a file of that name. */
const formats = new Set(["table", "wide", "json", "yaml", "name", "csv"]);

export const snapshot = command({
  name: "audit snapshot",
  summary: "Keep what an audit needs of a cluster in a file, without secrets.",
  description: [
    "Roles, bindings, policies, namespaces, organizations and workloads, as one file that --manifests and audit diff take.",
    "Of workloads no value of a variable, no command line, no probe and no foreign annotation is kept; Secrets and ConfigMaps are not read.",
  ].join(" "),
  usage: "-o FILE [flags]",
  examples: {
    "kubectl mirrord audit snapshot -o before.json": "The cluster as it is now",
    "kubectl mirrord audit who-can steal deploy/web -n dev --manifests before.json":
      "A question about it, without the cluster",
    "kubectl mirrord audit diff before.json after.json": "What has changed between two of them",
  },
  flags: {
    output: stringFlag("FILE", "The file to write, '-' for stdout.", { short: "o", required: true, completes: "file" }),
    ...connectionFlags,
  },
  exitCodes: { 0: "written", 3: "written, but something could not be read" },
  waits: "Reading the cluster",

  async run({ output, ...connection }, world) {
    if (formats.has(output))
      throw usageError(
        `-o is the file to write here, and ${JSON.stringify(output)} is a format`,
        `A snapshot is always JSON: -o before.json, or -o ./${output} if that is its name.`,
      );
    const { objects, unreadable } = await takeSnapshot(await connectBounded(connection, world));
    const list = { apiVersion: "v1", kind: "List", items: objects };
    if (output === "-") await printDocument(list, "json", world);
    else writeOwn(output, jsonText(list));
    world.note(
      `${objects.length === 1 ? "1 object" : `${objects.length} objects`}${output === "-" ? "" : ` in ${output}`}.`,
    );
    if (unreadable.length === 0) return 0;
    world.warn(`you may not list ${unreadable.join(", ")}: the snapshot is without them`);
    return 3;
  },
});

/** For its owner alone: who may do what is nobody else's business. */
function writeOwn(path: string, text: string): void {
  try {
    if (isStream(path)) writeFileSync(path, text);
    else replaceFile(path, text, { mode: 0o600 });
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw usageError(goFileError(path, cause), undefined, { cause });
  }
}

/**
 * A pipe or a device, which nothing can take the place of.
 * @throws UserError "usage" for a link to anything else: somebody may have put it there
 */
function isStream(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile() && !found.isDirectory()) return true;
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return false;
  throw usageError(`${JSON.stringify(path)} is a link`, "Give -o what it leads to, or - for standard output.");
}
