import { booleanFlag, listFlag, stringFlag, type Flags } from "../../cli/grammar/flags.ts";
import { dryRunFlag, namespaceFlag } from "../../cli/grammar/shared-flags.ts";
import { parseDuration } from "../../text/duration.ts";

/** What says which objects there are. */
export const valueFlags = {
  values: listFlag("FILE", "A file of values, '-' for stdin; may be repeated, the last one counts.", {
    completes: "file",
  }),
  set: listFlag("PATH=VALUE", "One value; may be repeated. Not for secrets."),
  setString: listFlag("PATH=TEXT", "One value that is a text, whatever it looks like; may be repeated."),
  setFile: listFlag("PATH=FILE", "One value that is the content of a file; may be repeated."),
  licenseKeyFile: stringFlag("FILE", "File with the licence key, '-' for stdin.", { completes: "file" }),
  licenseSecret: stringFlag("NAME", "Secret that holds the licence key as OPERATOR_LICENSE_KEY."),
  roleNamespaces: listFlag("NAMESPACE,…", "Namespaces that get a Role with the rights of a user.", {
    commas: true,
    completes: "namespace",
  }),
  namespace: { ...namespaceFlag, describe: "The operator's namespace; mirrord without it." },
  image: stringFlag("IMAGE", "Image of the operator, with or without its tag."),
  openshift: booleanFlag("Add what OpenShift needs."),
} satisfies Flags;

/** How they are written. */
export const writeFlags = {
  forceConflicts: booleanFlag("Take fields over that somebody else manages."),
  diff: booleanFlag("Show what would change in each object."),
  dryRun: dryRunFlag,
  noWait: booleanFlag("Do not wait until the operator answers."),
  timeout: stringFlag("DURATION", "How long to wait for it; 5m without it.", { parse: parseDuration }),
} satisfies Flags;

/** As long as Helm waits. */
export const TIMEOUT_MILLISECONDS = 5 * 60 * 1000;
