// yargs without an outside. By itself it reads package.json and its locales from the working folder upwards, asks the
// environment for the language, and loads what measures and draws its help, which is longer than our commands take to
// start. Here it gets none of these (docs/adr/0009-yargs.md).

import Parser from "yargs-parser/browser";
import type { Argv } from "yargs";
// Not an entry that yargs documents; its own `yargs/browser` loads from the network. test/cli/grammar/yargs.test.ts holds it.
import { YargsFactory } from "../../../node_modules/yargs/build/lib/yargs-factory.js";

/** A message of yargs, with `%s` where the texts belong, in the words that a user gets. */
export type Translate = (message: string, ...texts: string[]) => string;

/** A yargs for one command line: it only parses and checks, prints nothing, and never ends the process. */
export function bareYargs(scriptName: string, translate: Translate): Argv {
  const parser = YargsFactory(platform(translate))([]);
  return (
    parser
      .scriptName(scriptName)
      // The next word is the value, whatever it looks like. The rest that yargs would read into dashes, dots, numbers and
      // case has nothing to hold on to: normalize.ts writes names of options, and values.
      .parserConfiguration({ "nargs-eats-options": true })
      .exitProcess(false)
      .help(false)
      .version(false)
      .showHelpOnFail(false)
      .strict()
  );
}

function platform(translate: Translate): object {
  return {
    Parser,
    assert: { notStrictEqual: nothing, strictEqual: nothing },
    cliui: unused("cliui"),
    findUp: nothing,
    getCallerFile: unused("getCallerFile"),
    getEnv: nothing,
    getProcessArgvBin: nothing,
    inspect: String,
    mainFilename: "",
    path: { basename: String, dirname: String, extname: () => "", join: String, relative: String, resolve: String },
    process: {
      argv: () => [""],
      cwd: () => "",
      emitWarning: unused("emitWarning"),
      execPath: () => "",
      exit: unused("exit"),
      nextTick: unused("nextTick"),
      stdColumns: null,
    },
    readFileSync: unused("readFileSync"),
    readdirSync: unused("readdirSync"),
    require: unused("require"),
    stringWidth: unused("stringWidth"),
    y18n: {
      __: translate,
      __n: (one: string, _many: string, _count: number, ...texts: string[]) => translate(one, ...texts),
      getLocale: () => "en",
      setLocale: nothing,
      updateLocale: nothing,
    },
  };
}

function nothing(): undefined {
  return undefined;
}

function unused(part: string): () => never {
  return () => {
    throw new Error(`yargs asks its platform for ${part}`);
  };
}
