import { parseDuration } from "../../text/duration.ts";
import { booleanFlag, stringFlag, type Flags, type StringFlag } from "../../cli/grammar/flags.ts";
import { usageError } from "../../errors.ts";
import { allNamespacesFlag, liveClusterFlags, namespaceFlag } from "../../cli/grammar/shared-flags.ts";
import { userName } from "../../kubernetes/subject-text.ts";

const { user: _user, ...live } = liveClusterFlags("a folder of manifests has no live sessions");

/** `--user` is whose session it is, not a user of the kubeconfig. */
export const liveFlags = live satisfies Flags;

/** Which sessions; without the namespace, whose meaning differs. */
export const filterFlags = {
  user: stringFlag("USER", "Only sessions of this Kubernetes user, or of sa:NAMESPACE/NAME.", {
    parse: (text: string) => userName("--user", named("--user", text)),
  }),
  target: stringFlag("TARGET", "Only sessions on this target: KIND/NAME, or a name of whatever kind.", {
    completes: "target",
    parse: (text: string) => named("--target", text),
  }),
  key: stringFlag("KEY", "Only sessions with this session key.", { parse: (text: string) => named("--key", text) }),
  longerThan: stringFlag("DURATION", "Only sessions that have been running for longer than this (30m, 2h, 1d).", {
    parse: parseDuration,
  }),
  stale: booleanFlag("Only sessions whose owner could not start them any more: access that was revoked or has ended."),
} satisfies Flags;

/** `-n "$UNSET"` must not mean anything by chance. */
export const placeFlag = {
  ...namespaceFlag,
  emptyIsAbsent: false,
  parse: (text: string) => named("--namespace", text),
} as const satisfies StringFlag;

export const placeFlags = {
  namespace: placeFlag,
  allNamespaces: allNamespacesFlag,
} satisfies Flags;

/** What to type where an id is nobody's. */
export const SEE_SESSIONS = "See what is there: kubectl mirrord session list -A";

function named(flag: string, text: string): string {
  if (text !== "") return text;
  throw usageError(`${flag} is empty`, "Is a variable unset? To look everywhere, leave it out.");
}
