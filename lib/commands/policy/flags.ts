import { booleanFlag, listFlag, type Flags } from "../../cli/grammar/flags.ts";
import {
  connectionFlags,
  dryRunFlag,
  namespaceFlag,
  quietWith,
  unaskedYesFlag,
} from "../../cli/grammar/shared-flags.ts";

/** Of a command whose exit code is an answer only with another flag. */
function quietNeeds<const Name extends string>(option: Name, hint: string) {
  return { option: "quiet" as const, needs: [option] as const, message: "-q is for a question", hint };
}

export const filesFlag = listFlag("FILE", "A file or folder with policies, '-' for stdin; may be repeated.", {
  short: "f",
  completes: "file",
});

/** Of a verb that is about files. */
export const requiredFilesFlag = { ...filesFlag, required: true } as const;

/** Of a verb that looks a policy up by its name. */
export const lookupExitCodes = { 2: "the command line is wrong, or there is no such policy" };

/** Of a verb that takes policies out of files. */
export const filesExitCodes = { 2: "the command line is wrong, or there is no policy in the files" };

export const clusterPolicyFlag = booleanFlag("A MirrordClusterPolicy, which applies in every namespace.", {
  also: ["cluster-wide"],
});

/** Where, and how to get there. */
export const placeFlags = { namespace: namespaceFlag, ...connectionFlags };

export const writeFlags = {
  yes: unaskedYesFlag,
  dryRun: dryRunFlag,
  diff: booleanFlag("Show what would change, and write nothing; exit code 1 when something would."),
  quiet: quietWith("--diff"),
} satisfies Flags;

/** What is written is shown; only whether something would be is a question. */
export const writeNeeds = [quietNeeds("diff", "With --diff: whether something would change.")];
