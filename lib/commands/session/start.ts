import { currentTime } from "../../reading/current-time.ts";
import { connectionWords } from "../../cli/connection-words.ts";
import { booleanFlag, stringFlag } from "../../cli/grammar/flags.ts";
import { command } from "../../cli/grammar/command.ts";
import { connectionFlags, namespaceFlag, outputFlag, quietWith, yesFlag } from "../../cli/grammar/shared-flags.ts";
import type { World } from "../../cli/world.ts";
import { formatTarget } from "../../mirrord/target.ts";
import { parseTypedTarget } from "../../mirrord/typed-target.ts";
import { smallestFixes } from "../../preview/fix.ts";
import { shellCommand } from "../../text/shell-quote.ts";
import { previewSession, type Preview } from "../../preview/preview.ts";
import { BARE_CONFIG } from "../config-flag.ts";
import { connectConfigured } from "../connection.ts";
import { answerExitCodes } from "../exit-code.ts";
import { showPreview } from "../preview/view.ts";
import { findMirrord } from "./find-mirrord.ts";
import {
  configuredFile,
  configWith,
  planStart,
  provisional,
  typedConnection,
  type StartOptions,
  type StartPlan,
} from "./start-plan.ts";

const { kubeconfig, context, requestTimeout, v } = connectionFlags;

export const start = command({
  name: "session start",
  summary: "Preview a session, and start it by mirrord exec when it will work.",
  description: [
    "Asks every check that the session will meet, and only on yes becomes `mirrord exec` with the same arguments: terminal, signals",
    "and exit code are mirrord's. On no and on unknown it says why and starts nothing, unless --force; on a terminal it asks about an",
    "unknown, unless -y. mirrord is looked for at MIRRORD_BIN, else on PATH.",
  ].join(" "),
  usage: "[-f mirrord.json] [TARGET] [flags] -- COMMAND [ARGUMENTS…]",
  examples: {
    "kubectl mirrord session start deploy/web -n dev -- node app.js": "Run app.js in the shoes of a deployment",
    "kubectl mirrord session start -f .mirrord/mirrord.json -- npm start": "As a configuration says",
    "kubectl mirrord session start deploy/web -n dev --steal --dry-run": "Only see whether it would work",
  },
  positionals: {
    target: {
      type: "string",
      placeholder: "TARGET",
      describe: "KIND/NAME[/container/NAME], NAME, label/KEY=VALUE or targetless; without it, the configuration's",
      completes: "target",
    },
    command: { type: "list", placeholder: "COMMAND", describe: "What to run, behind --", afterDashes: true },
  },
  flags: {
    config: {
      type: "optional-value",
      short: "f",
      also: ["config-file"],
      takesNext: true,
      bare: BARE_CONFIG,
      placeholder: "FILE",
      describe: "The mirrord configuration; without FILE, .mirrord/mirrord.json.",
      completes: "file",
    },
    namespace: namespaceFlag,
    steal: booleanFlag("Steal traffic instead of mirroring it."),
    key: stringFlag("KEY", "The session key."),
    yes: { ...yesFlag, describe: "When the answer is unknown, start without asking. A no takes --force." },
    dryRun: booleanFlag("Only preview: start nothing."),
    quiet: quietWith("--dry-run"),
    force: booleanFlag("Start even when the answer is no or unknown."),
    output: { ...outputFlag(["table", "json", "yaml"]), describe: "Output format of --dry-run." },
    kubeconfig,
    context,
    requestTimeout,
    v,
  },
  needs: [
    {
      option: "quiet",
      needs: ["dryRun"],
      message: "-q is for a question",
      hint: "With --dry-run: whether the session would work.",
    },
    {
      needs: ["command", "dryRun"],
      message: "there is no command to start",
      hint: "Write it behind --: session start deploy/web -- node app.js, or use --dry-run.",
    },
  ],
  exitCodes: {
    0: "--dry-run: yes; otherwise the exit code is mirrord's",
    1: "no: nothing was started",
    3: "unknown: nothing was started",
    // It writes nothing.
    4: undefined,
  },
  waits: "Asking what the session needs",
  async run({ command: words, dryRun, force, yes, output, ...options }, world) {
    const mirrord = dryRun ? "" : findMirrord(world.env);
    const { plan, preview, now } = await foresee(options, world);
    const { answer, reason } = preview.verdict;
    if (dryRun) {
      await show({ preview, now }, output, options, world);
      return answerExitCodes[answer];
    }
    const args = execArguments(options, plan, words);
    const line = shellCommand(["mirrord", ...args]);
    const because = reason === "" ? "" : ` - ${reason}`;
    const meant = force ? "--force" : yes && answer === "unknown" ? "--yes" : undefined;
    if (answer === "yes" || meant !== undefined) {
      const prefix = answer === "yes" ? "" : `Started all the same (${meant}): `;
      world.note([`${answer}${because}`, `${prefix}${line}`]);
      return await handOver(mirrord, args, options, world);
    }
    await show({ preview, now }, "table", options, world);
    const canAsk = answer === "unknown" && world.isTerminal.stdin && world.isTerminal.stderr;
    if (
      canAsk &&
      (await world.ask.confirm("It is not known whether this will work. Start it all the same?", "--yes"))
    ) {
      return await handOver(mirrord, args, options, world);
    }
    world.note("Nothing was started. To start it all the same, add --force.");
    return answerExitCodes[answer];
  },
});

interface Foreseen {
  plan: StartPlan;
  preview: Preview;
  /** By the clock of the server, where it says. */
  now: Date;
}

async function foresee(options: StartOptions, world: World): Promise<Foreseen> {
  const file = configuredFile(options, world.env);
  const typed = options.target === undefined ? undefined : parseTypedTarget(options.target);
  const config = configWith(provisional(typed), options, file, world.env);
  for (const warning of config.session.warnings) world.warn(warning);
  const cluster = await connectConfigured(typedConnection(options), config, world);
  const progress = world.progress("Asking whether the session will work");
  try {
    const plan = await planStart(cluster, options, file, world.env);
    const preview = await previewSession(cluster, plan.question, { explain: false, exposure: false, now: world.now() });
    return { plan, preview, now: currentTime(cluster, world.now()) };
  } finally {
    progress.end();
  }
}

async function show(
  { preview, now }: Pick<Foreseen, "preview" | "now">,
  format: "table" | "json" | "yaml",
  options: StartOptions,
  world: World,
): Promise<void> {
  const isYes = preview.verdict.answer === "yes";
  const fixes = isYes ? [] : smallestFixes(preview, { connection: connectionWords(options), manifests: [] });
  await showPreview(preview, fixes, { format, explain: false, now }, world);
}

/** What was typed, in mirrord's spelling. What was not typed it finds where the preview found it. */
function execArguments(
  { config, namespace, context: contextName, key, steal }: StartOptions,
  { target }: StartPlan,
  words: readonly string[],
): string[] {
  const file = config === BARE_CONFIG ? ["-f"] : config === undefined ? [] : ["-f", config];
  return [
    "exec",
    ...(target === undefined ? [] : ["--target", formatTarget(target)]),
    ...(namespace === undefined ? [] : ["--target-namespace", namespace]),
    ...(contextName === undefined ? [] : ["--context", contextName]),
    ...(key === undefined ? [] : ["--key", key]),
    ...(steal ? ["--steal"] : []),
    // Last: bare, it would take what follows for a file.
    ...file,
    "--",
    ...words,
  ];
}

async function handOver(
  file: string,
  args: readonly string[],
  { kubeconfig: path }: StartOptions,
  world: World,
): Promise<number> {
  world.signal.throwIfAborted();
  // mirrord has no flag for it.
  const env = path === undefined ? world.env : { ...world.env, MIRRORD_KUBECONFIG: path };
  return await world.exec(file, args, env);
}
