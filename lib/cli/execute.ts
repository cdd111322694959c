import { isDeepStrictEqual } from "node:util";
import { UserError } from "../errors.ts";
import { connectionWords } from "./connection-words.ts";
import { parseArguments } from "./grammar/argv.ts";
import type { Command, Verb } from "./grammar/command.ts";
import { CONNECTION } from "./grammar/flags.ts";
import { fullHelp, shortHelp } from "./grammar/help.ts";
import { commandLine, resolve } from "./grammar/resolve.ts";
import { nextSteps } from "../text/next-step.ts";
import { takeTemplate } from "./template-output.ts";
import { waitingWorld } from "./waiting.ts";
import type { World } from "./world.ts";
import { afterWriting } from "./written.ts";

/**
 * Chooses the command, parses its arguments and runs it; help is answered without running anything. Resolves to the exit
 * code of an answer.
 * @throws UserError with its exit code; anything else is a bug
 */
export async function execute(verb: Verb, args: readonly string[], world: World): Promise<number> {
  const { command, args: own } = await resolve(verb, args);
  if (command.raw) return (await command.run?.({ args: own }, world)) ?? 0;
  if (wantsHelp(own)) {
    world.print(fullHelp(command, world.columns));
    return 0;
  }
  const { options, template } = await parse(command, own);
  if (command.run !== undefined) {
    const heard = options["quiet"] === true ? silent(world) : world;
    const waiting = waitingWorld(heard, command.waits ?? "Waiting for the cluster");
    const written: string[] = [];
    const wrote = (changes: readonly string[]) => void written.push(...changes);
    const told = { ...waiting.world, wrote, ...(template === undefined ? {} : { template }) };
    try {
      return await command.run(options, told);
    } catch (error) {
      throw inPlace(afterWriting(error, written), command, options);
    } finally {
      waiting.end();
    }
  }
  world.print(shortHelp(command, world.columns));
  return 0;
}

/** What an error says to run next is about the same cluster or folder as the command. */
function inPlace(error: unknown, { flags }: Command, options: Record<string, unknown>): unknown {
  if (!(error instanceof UserError)) return error;
  const { manifests } = options;
  const paths = Array.isArray(manifests) ? manifests.map(String) : [];
  // `--user` of `session list` says whose sessions: the name alone does not make it a connection flag.
  const connection = Object.entries(options).filter(([option]) => flags[option]?.group === CONNECTION);
  const hints = nextSteps(error.hints, paths, connectionWords(Object.fromEntries(connection)));
  return isDeepStrictEqual(hints, error.hints)
    ? error
    : new UserError(error.kind, error.lines, hints, { cause: error });
}

/** A world in which nothing is said; errors are none of its words. */
function silent(world: World): World {
  const nothing = (): void => {};
  const said = { print: nothing, redraw: nothing, document: nothing, note: nothing, warn: nothing };
  const progress = () => ({ update: nothing, end: nothing });
  return { ...world, ...said, progress, compare: async () => {} };
}

function wantsHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end === -1 ? undefined : end).some((arg) => arg === "-h" || arg === "--help");
}

/** Adds where to read more, as kubectl does. */
async function parse(
  command: Command,
  typed: readonly string[],
): Promise<{ options: Record<string, unknown>; template: World["template"] }> {
  try {
    const { args, template } = await takeTemplate(command, typed);
    return { options: await parseArguments(command, args), template };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const help = `See '${commandLine(command)} --help' for usage.`;
    throw new UserError(error.kind, error.lines, [...error.hints, help], { cause: error });
  }
}
