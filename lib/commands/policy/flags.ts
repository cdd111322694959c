import { booleanFlag, listFlag, type Flags } from "../../cli/grammar/flags.ts";
import { connectionFlags, dryRunFlag, namespaceFlag } from "../../cli/grammar/shared-flags.ts";

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
  dryRun: dryRunFlag,
  diff: booleanFlag("Show what would change, and write nothing; exit code 1 when something would."),
} satisfies Flags;
