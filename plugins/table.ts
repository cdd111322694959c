import type { LazyCommand } from "../lib/cli/grammar/command.ts";
import type { LoadConnect } from "../lib/cli/process-world.ts";

export const connect: LoadConnect = () => import("../lib/commands/connect.ts");

export const install: LazyCommand = {
  name: "install",
  summary: "Install the operator and wait until it answers, or print its objects.",
  load: async () => (await import("../lib/commands/install/index.ts")).install,
};

export const grant: LazyCommand = {
  name: "grant",
  summary: "Let somebody use mirrord: subject, role and where.",
  load: async () => (await import("../lib/commands/grant/index.ts")).grant,
};

export const canI: LazyCommand = {
  name: "can-i",
  summary: "See beforehand whether a mirrord session will work, and why.",
  load: async () => (await import("../lib/commands/can-i/index.ts")).canI,
};

export const session: LazyCommand = {
  name: "session",
  summary: "See, explain, end and start mirrord sessions.",
  load: async () => (await import("../lib/commands/session/index.ts")).session,
};

export const policy: LazyCommand = {
  name: "policy",
  summary: "Write, test and check the policies that limit mirrord sessions.",
  load: async () => (await import("../lib/commands/policy/index.ts")).policy,
};

export const audit: LazyCommand = {
  name: "audit",
  summary: "Who can do what, through which bindings, and what is risky about it.",
  load: async () => (await import("../lib/commands/audit/index.ts")).audit,
};

/** Of `kubectl mirrord` itself: no plugin of its own. */
export const permissions: LazyCommand = {
  name: "permissions",
  summary: "Show which rights a command needs, and print the ClusterRole that gives them.",
  load: async () => (await import("../lib/commands/permissions/index.ts")).permissions,
};
