// For tap: which files a test file is to cover. What another folder's tests run through on their way does not count, nor
// what processes of the e2e tests run: a file is covered by the tests that stand where it stands.
import { basename, dirname, relative } from "node:path";

/** The files of the mirrored folder of lib and below, as a pattern; a test in no such folder covers nothing. */
export default function coveredFiles(testFile: string): string {
  const folder = dirname(relative("test", testFile));
  return folder === "." ? `lib/${basename(testFile, ".test.ts")}.ts` : `lib/${folder.replaceAll("\\", "/")}/**/*.ts`;
}
