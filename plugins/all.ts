import type { Completer } from "../lib/cli/completion/complete.ts";
import { completeList, completeNamespaces } from "../lib/cli/completion/completers.ts";
import type { Plugins } from "../lib/cli/dispatcher.ts";
import { audit, canI, grant, install, permissions, policy, session } from "./table.ts";

const inKubeconfig =
  (entries: "contexts" | "clusters" | "users") =>
  async (...[typed, { env }]: Parameters<Completer>): Promise<string[]> => {
    const { kubeconfigNames } = await import("../lib/kube/config/kubeconfig-names.ts");
    return kubeconfigNames(entries, typed, env);
  };

export const all: Plugins = {
  plugins: [install, grant, canI, session, policy, audit],
  besides: [permissions],
  completers: {
    namespace: completeNamespaces,
    context: inKubeconfig("contexts"),
    contexts: async (...line) => completeList(await inKubeconfig("contexts")(...line), line[2].current),
    cluster: inKubeconfig("clusters"),
    user: inKubeconfig("users"),
    target: async (...line) =>
      await (await import("../lib/commands/can-i/complete-targets.ts")).completeTargets(...line),
    question: async (...line) =>
      await (await import("../lib/commands/can-i/complete-targets.ts")).completeQuestion(...line),
    subject: async (...line) =>
      await (await import("../lib/commands/grant/complete-subjects.ts")).completeSubjects(...line),
    "rbac-subject": async (...line) =>
      await (await import("../lib/commands/grant/complete-subjects.ts")).completeRbacSubjects(...line),
    administrator: async (...line) =>
      await (await import("../lib/commands/grant/complete-subjects.ts")).completeAdministrators(...line),
    grant: async (...line) => await (await import("../lib/commands/grant/complete-grants.ts")).completeGrants(...line),
    "temporary-grant": async (...line) =>
      await (await import("../lib/commands/grant/complete-grants.ts")).completeTemporaryGrants(...line),
    collection: async (...line) =>
      await (await import("../lib/commands/grant/complete-collections.ts")).completeCollections(...line),
    organization: async (...line) =>
      await (await import("../lib/commands/grant/complete-organizations.ts")).completeOrganizations(...line),
    team: async (...line) =>
      await (await import("../lib/commands/grant/complete-organizations.ts")).completeTeams(...line),
    member: async (...line) =>
      await (await import("../lib/commands/grant/complete-organizations.ts")).completeMembers(...line),
    "custom-role": async (...line) =>
      await (await import("../lib/commands/grant/complete-grants.ts")).completeCustomRoles(...line),
    role: async (...line) => await (await import("../lib/commands/grant/complete-grants.ts")).completeRoles(...line),
    policy: async (...line) =>
      await (await import("../lib/commands/policy/complete-policies.ts")).completePolicies(...line),
    permissions: async (...line) =>
      await (await import("../lib/commands/permissions/complete-commands.ts")).completeCommands(...line),
    session: async (...line) =>
      await (await import("../lib/commands/session/complete-sessions.ts")).completeSessions(...line),
  },
};
