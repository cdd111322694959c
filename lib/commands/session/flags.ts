import { parseDuration } from "../../cli/duration.ts";
import type { Flags } from "../../cli/flags.ts";
import { allNamespacesFlag, connectionFlags, namespaceFlag } from "../../cli/shared-flags.ts";

const { manifests: _manifests, user: _user, ...live } = connectionFlags;

/** Sessions are alive: a folder of manifests has none. `--user` is whose session it is, not a user of the kubeconfig. */
export const liveFlags = live;

/** Which sessions; without the namespace, whose meaning differs. */
export const filterFlags = {
  user: {
    type: "string",
    placeholder: "USER",
    describe: "Only sessions of this Kubernetes user.",
  },
  target: {
    type: "string",
    placeholder: "KIND/NAME",
    describe: "Only sessions on this target.",
    completes: "target",
  },
  key: { type: "string", placeholder: "KEY", describe: "Only sessions with this session key." },
  longerThan: {
    type: "string",
    placeholder: "DURATION",
    describe: "Only sessions that have been running for longer than this (30m, 2h, 1d).",
    parse: parseDuration,
  },
  stale: {
    type: "boolean",
    describe: "Only sessions whose owner could not start them any more: access that was revoked or is over.",
  },
} as const satisfies Flags;

export const placeFlags = {
  namespace: namespaceFlag,
  allNamespaces: allNamespacesFlag,
} as const satisfies Flags;
