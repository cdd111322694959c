import { usageError } from "../../errors.ts";
import { command } from "../../cli/grammar/command.ts";
import { booleanFlag, stringFlag, type Flags } from "../../cli/grammar/flags.ts";
import { outputFlag, quietFlag } from "../../cli/grammar/shared-flags.ts";
import type { World } from "../../cli/world.ts";
import { findOperatorPod } from "../../reading/operator-pod.ts";
import { attempt, type Read } from "../../reading/read.ts";
import { readOperatorStatus } from "../../reading/sessions.ts";
import { httpStatus } from "../../kubernetes/api-error.ts";
import { wrapDescription } from "../../view/describe-lines.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import { answerExitCodes } from "../exit-code.ts";
import { liveFlags } from "./flags.ts";
import { logLines, operatorLogs, type OperatorLogs } from "./operator-logs.ts";
import { probeOperator, probeLines, type Probe } from "./probe.ts";
import { statusFields, statusLines, type Status } from "./status-lines.ts";

/** As many as fit on a screen. */
const DEFAULT_TAIL = 50;

const diagnosisFlags = {
  probe: booleanFlag(
    "Ask the operator's pod itself, to see whether it or the way from the API server to it is at fault.",
  ),
  logs: booleanFlag("Show the last lines of the operator's log."),
  tail: stringFlag("LINES", `With --logs: how many lines; ${DEFAULT_TAIL} when left out, all with -1.`, {
    parse: parseTail,
  }),
  previous: booleanFlag("With --logs: the log of the operator before its container was restarted."),
} satisfies Flags;

function parseTail(text: string): { lines: number | undefined } {
  if (text === "-1") return { lines: undefined };
  if (/^\d{1,9}$/.test(text)) return { lines: Number(text) };
  throw usageError(`--tail takes a number of lines, or -1 for all of them, not ${JSON.stringify(text)}`);
}

export const status = command({
  name: "session status",
  summary: "Show the operator: version, licence, copies, users, sessions, queue splits.",
  description: [
    "What `mirrord operator status` shows, also as JSON and YAML. Needs only get on mirrordoperators; the operator shows the",
    "sessions of all namespaces to everybody who has that. When the operator does not answer, --probe asks its pod itself:",
    "is it the operator, or the way from the API server to it? That takes create on pods/portforward in its namespace.",
  ].join(" "),
  usage: "[flags]",
  examples: {
    "kubectl mirrord session status": "Everything that is going on",
    "kubectl mirrord session status -o json": "For a program",
    "kubectl mirrord session status --probe": "Why the operator does not answer",
    "kubectl mirrord session status --logs --tail 200": "With the last lines of its log",
  },
  flags: { quiet: quietFlag, output: outputFlag(["table", "json", "yaml"]), ...diagnosisFlags, ...liveFlags },
  needs: [
    { option: "tail", needs: ["logs"], message: "--tail is about the log", hint: "Add --logs" },
    { option: "previous", needs: ["logs"], message: "--previous is about the log", hint: "Add --logs" },
  ],
  waits: "Reading the operator's status",
  async run({ output, quiet: _quiet, probe, logs, tail, previous, ...connection }, world) {
    const cluster = await world.connect(connection);
    if (probe && cluster.pods?.connectionFault !== undefined) throw cluster.pods.connectionFault;
    const read = await attempt(() => readOperatorStatus(cluster));
    if (!probe && !logs) return await show({ status: read }, output, world);
    const place = await attempt(() => findOperatorPod(cluster));
    // Then it is the API server that does not answer.
    if (place.failed && httpStatus(place.error) === undefined) throw place.error;
    const choice = { tailLines: tail === undefined ? DEFAULT_TAIL : tail.lines, previous };
    const [probed, log] = await Promise.all([
      probe ? probeOperator(cluster, read, place) : undefined,
      logs ? operatorLogs(cluster, place, choice) : undefined,
    ]);
    return await show({ status: read, probe: probed, logs: log }, output, world);
  },
});

interface Shown {
  status: Read<Status>;
  probe?: Probe | undefined;
  logs?: Read<OperatorLogs> | undefined;
}

/** Prints all that could be found out; what could not is the error that the command ends with. */
async function show(shown: Shown, output: "table" | "json" | "yaml", world: World): Promise<number> {
  const { status: read, probe, logs } = shown;
  const failed = [read, logs].find((one) => one?.failed);
  const log = logs === undefined || logs.failed ? undefined : logs.value;
  if (failed?.failed && probe === undefined && log === undefined) throw failed.error;
  if (output === "table") {
    const parts = [
      ...(read.failed ? [] : [await statusLines(read.value, world)]),
      ...(probe === undefined ? [] : [wrapDescription(probeLines(probe), world)]),
      ...(log === undefined ? [] : [logLines(log)]),
    ];
    world.print(parts.flatMap((lines, index) => (index === 0 ? lines : ["", ...lines])));
  } else {
    const fields = read.failed ? { problem: read.error.message } : statusFields(read.value);
    const document = { apiVersion: API_VERSION, kind: "OperatorStatus", ...fields };
    await printDocument(
      { ...document, ...(probe === undefined ? {} : { probe }), ...(log === undefined ? {} : { logs: log }) },
      output,
      world,
    );
  }
  if (failed?.failed) throw failed.error;
  return answerExitCodes[probe === undefined || probe.verdict === "works" ? "yes" : "unknown"];
}
