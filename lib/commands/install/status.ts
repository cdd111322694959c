import { setTimeout as delay } from "node:timers/promises";
import { command } from "../../cli/grammar/command.ts";
import { booleanFlag } from "../../cli/grammar/flags.ts";
import {
  WATCH_INTERVAL_MILLISECONDS,
  intervalFlag,
  liveClusterFlags,
  namespaceFlag,
  outputFlag,
  quietFlag,
} from "../../cli/grammar/shared-flags.ts";
import type { World } from "../../cli/world.ts";
import { UserError } from "../../errors.ts";
import type { InstallationFinding } from "../../install/installation-rules.ts";
import { statusFindings } from "../../install/status-findings.ts";
import { readInstallationStatus, type InstallationStatus } from "../../install/status.ts";
import { findingsExitCode } from "../../findings/exit-code.ts";
import { lineText, type Line } from "../../view/lines.ts";
import { API_VERSION, printDocument, printJsonLine } from "../../view/output.ts";
import { connectBounded } from "../connection.ts";
import { statusLines, statusValue } from "./status-view.ts";

export const status = command({
  name: "install status",
  summary: "Show how the operator is doing, and what is wrong with its installation.",
  description: [
    "Versions, licence, replicas, the APIService, definitions that are old or missing, sessions, and what grant and policy need.",
    "What may not be read is named. An APIService that is down is an error: while it is, no namespace can be deleted.",
  ].join(" "),
  usage: "[-n NAMESPACE] [flags]",
  examples: {
    "kubectl mirrord install status": "Is everything as it should be?",
    "kubectl mirrord install status -w": "Watch it come up",
    "kubectl mirrord install status -o json": "For a program",
  },
  flags: {
    namespace: { ...namespaceFlag, describe: "The operator's namespace; without it, the one its APIService names." },
    watch: booleanFlag("Look again and again; on a terminal the screen is redrawn.", { short: "w" }),
    interval: intervalFlag,
    quiet: quietFlag,
    output: outputFlag(["table", "json", "yaml"]),
    ...liveClusterFlags("a folder of manifests has no operator that runs"),
  },
  needs: [{ option: "interval", needs: ["watch"], message: "--interval is for watching", hint: "Add --watch" }],
  exitCodes: {
    0: "nothing is wrong that keeps sessions from starting",
    1: "something is, or there is no operator",
    3: "not all could be read",
  },
  waits: "Reading what is installed",
  async run({ namespace, watch, interval, output, ...connection }, world) {
    const cluster = await connectBounded(connection, world);
    const look = async (): Promise<Look> => {
      const found = await readInstallationStatus(cluster, namespace);
      return { found, findings: statusFindings(found, world.now()) };
    };
    if (watch) return await watchStatus(look, { output, interval }, world);
    const { found, findings } = await look();
    if (output === "table") world.print(await screen({ found, findings }, world));
    else await printDocument(document({ found, findings }, world), output, world);
    return exitCode({ found, findings });
  },
});

interface Look {
  found: InstallationStatus;
  findings: InstallationFinding[];
}

async function screen({ found, findings }: Look, world: World): Promise<Line[]> {
  const wrapAt = world.isTerminal.stdout ? world.columns : undefined;
  return await statusLines(found, findings, { now: world.now(), wrapAt });
}

function document({ found, findings }: Look, world: World): object {
  return { apiVersion: API_VERSION, kind: "InstallationStatus", ...statusValue(found, findings, world.now()) };
}

function exitCode({ found, findings }: Look): number {
  return findingsExitCode(findings, { failOn: "error", incomplete: found.installed.unreadable.length > 0 });
}

/** Ends with Ctrl-C, and when nobody reads any more. The first look must succeed; where nothing can be redrawn, what changed follows. */
async function watchStatus(
  look: () => Promise<Look>,
  {
    output,
    interval = WATCH_INTERVAL_MILLISECONDS,
  }: { output: "table" | "json" | "yaml"; interval: number | undefined },
  world: World,
): Promise<number> {
  let shown: string | undefined;
  while (!world.signal.aborted) {
    try {
      const seen = await look();
      const lines = output === "table" ? await screen(seen, world) : [];
      const text = output === "table" ? lineText(lines) : JSON.stringify(document(seen, world));
      if (text !== shown) {
        shown = text;
        if (output === "json") await printJsonLine(document(seen, world), world);
        else if (output === "yaml") await printYaml(document(seen, world), world);
        else if (world.isTerminal.stdout) world.redraw(lines);
        else world.print([...lines, ""]);
      }
      if (!(await world.printed())) return 0;
    } catch (error) {
      if (shown === undefined || !(error instanceof UserError) || error.kind !== "undetermined") throw error;
      world.note([...error.lines, "Looking again."]);
    }
    await delay(interval, undefined, { signal: world.signal }).catch(() => {});
  }
  return 0;
}

async function printYaml(value: object, world: World): Promise<void> {
  world.document("---\n");
  await printDocument(value, "yaml", world);
}
