// Parts of yargs and yargs-parser whose types nobody publishes.

declare module "*/yargs-factory.js" {
  import type { Argv } from "yargs";
  /** What yargs' own entry makes by its factory, with a platform that reads files and the environment. */
  export const YargsInstance: new (
    words: readonly string[],
    folder: string,
    parentRequire: undefined,
    platform: object,
  ) => Argv;
}

declare module "yargs-parser/browser" {
  const parser: object;
  export default parser;
}
