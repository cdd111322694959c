// yargs without an outside. By itself it reads package.json and its locales from the working folder upwards, asks the
// environment for the language, and loads what measures and draws its help, which is longer than our commands take to
// start. Here it gets none of these (docs/adr/0009-yargs.md).

import Parser from "yargs-parser/browser";
import type { Argv } from "yargs";
// Not an entry that yargs documents; its own `yargs/browser` loads from the network. test/cli/grammar/yargs.test.ts holds it.
import { YargsInstance } from "../../../node_modules/yargs/build/lib/yargs-factory.js";

/** A message of yargs, with `%s` where the texts belong, in the words that a user gets. */
export type Translate = (message: string, ...texts: string[]) => string;

/** A yargs for one command line: it only parses and checks, prints nothing, and never ends the process. */
export function bareYargs(scriptName: string, translate: Translate): Argv {
  // Its factory would add --help and --version first, to be taken away here.
  const parser = new YargsInstance([], "", undefined, platform(translate));
  return (
    parser
      .scriptName(scriptName)
      // The next word is the value, whatever it looks like. The rest that yargs would read into dashes, dots, numbers and
      // case has nothing to hold on to: normalize.ts writes names of options, and values.
      .parserConfiguration({ "nargs-eats-options": true })
      .exitProcess(false)
      .showHelpOnFail(false)
      .strict()
  );
}

/** All that yargs asks of its surroundings for this; whatever else it came to ask for would be a bug, and no file is read. */
function platform(translate: Translate): object {
  const nothing = (): undefined => undefined;
  return {
    Parser,
    assert: { notStrictEqual: nothing, strictEqual: nothing },
    getEnv: nothing,
    path: { relative: String },
    process: { argv: () => [""], cwd: () => "" },
    y18n: {
      __: translate,
      __n: (one: string, _many: string, _count: number, ...texts: string[]) => translate(one, ...texts),
      setLocale: nothing,
    },
  };
}
