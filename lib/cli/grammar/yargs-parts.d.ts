// Parts of yargs and yargs-parser whose types nobody publishes.

declare module "*/yargs-factory.js" {
  import type { Argv } from "yargs";
  /** What yargs' own entry calls, with a platform that reads files and the environment. */
  export function YargsFactory(platform: object): (words: readonly string[]) => Argv;
}

declare module "yargs-parser/browser" {
  const parser: object;
  export default parser;
}
