import { clusterRole } from "../../lib/commands/permissions/cluster-role.ts";
import { permissionsTable, type CommandPermissions } from "../../lib/commands/permissions/table.ts";
import type { PolicyRule } from "../../lib/rbac/types.ts";

/** docs/permissions.md: a section for each command, from the table that `kubectl mirrord permissions` prints. */
export function permissionsPage(): string {
  return [INTRODUCTION, ...permissionsTable.map(section)].join("\n");
}

function section(permissions: CommandPermissions): string {
  const { command, sends, holds, note } = permissions;
  const sent = ruleLines({ ...permissions, holds: [] });
  const held = ruleLines({ ...permissions, sends: [] });
  return [
    `## \`${command}\`\n`,
    ...(sends.length === 0 ? ["It needs no rights."] : sent),
    ...(holds.length === 0 ? [] : ["\nWhoever runs it also has to hold:\n", ...held]),
    ...(note === undefined ? [] : [`\n${note}`]),
    "",
  ].join("\n");
}

const ruleLines = (permissions: CommandPermissions): string[] =>
  (clusterRole(permissions).rules ?? []).map((rule) => `- ${ruleText({ ...rule })}`);

/** The verbs, then what they are on and in which group; of many names the first. */
function ruleText({ verbs, apiGroups = [], resources = [], resourceNames = [] }: PolicyRule): string {
  const group = apiGroups.every((name) => name === "") ? "" : ` of \`${apiGroups.join(", ")}\``;
  const [first, ...more] = resourceNames;
  const named = first === undefined ? "" : `: \`${first}\`${more.length === 0 ? "" : ` and ${more.length} more`}`;
  return `**${verbs.join(", ")}** ${resources.join(", ").replaceAll("*", String.raw`\*`)}${group}${named}`;
}

const INTRODUCTION = `# The rights that each command needs

Every right that a command may need. \`kubectl mirrord permissions COMMAND\` shows them, and with \`-o yaml\` prints them as a ClusterRole, with all names. \`npm run permissions\` makes the table: it runs the commands on a
real API server and takes what the audit log recorded. A test runs each command as somebody who has exactly these rights. \`npm run docs\` makes this page.

- A ClusterRole that is bound by a RoleBinding gives these rights in one namespace. What belongs to no namespace stays out of reach then, and the command says so.
- Every logged-in user may ask which types there are (\`/apis\`) and what they may do themselves: these requests are left out.
- A single run may need less: what exists already is not created, and what the command line does not name is not read.
- To apply an object takes \`patch\`, and also \`create\` where the object does not exist yet.
- Whoever writes a role or a binding has to hold the rights in it. Cluster administrators hold \`escalate\` and \`bind\` instead.
- Where \`can-i\` may not \`create subjectaccessreviews\`, it asks about others by \`localsubjectaccessreviews\` or by impersonation, whichever the caller may use.
`;
