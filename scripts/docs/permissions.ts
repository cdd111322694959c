import { clusterRole } from "../../lib/commands/permissions/cluster-role.ts";
import { permissionsTable, type CommandPermissions } from "../../lib/commands/permissions/table.ts";
import type { PolicyRule } from "../../lib/rbac/types.ts";

/** docs/permissions.md: a section for each command, of the table that `kubectl mirrord permissions` has. */
export function permissionsPage(): string {
  return [INTRODUCTION, ...permissionsTable.map(section)].join("\n");
}

function section(permissions: CommandPermissions): string {
  const { command, sends, holds, note } = permissions;
  const sent = ruleLines({ ...permissions, holds: [] });
  const held = ruleLines({ ...permissions, sends: [] });
  return [
    `## \`${command}\`\n`,
    ...(sends.length === 0 ? ["It asks the API server for nothing that has to be allowed."] : sent),
    ...(holds.length === 0 ? [] : ["\nHas to be held besides:\n", ...held]),
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

const INTRODUCTION = `# What each command may need

Every right that a command may ask for: \`kubectl mirrord permissions COMMAND -o yaml\` prints it as a ClusterRole, with all names. \`npm run permissions\` runs the commands on a real API
server and makes the table of what its audit log recorded; \`npm run permissions:check\` runs each of them as somebody who may do exactly this. \`npm run docs\` makes this page.

- A ClusterRole that is bound by a RoleBinding gives the same in one namespace. What is not in a namespace stays out of reach then, and the command says so.
- Everybody who is logged in may ask what there is (\`/apis\`) and what they may do themselves: this is left out.
- What is already there is not created, and what is not named is not asked for: a run may send less.
- An apply is a \`patch\`, and a \`create\` of what is not there yet.
- Instead of holding what is in a role that they write, cluster administrators hold \`escalate\` and \`bind\`.
- For \`can-i\`, without \`create subjectaccessreviews\` others are asked about by impersonation or \`localsubjectaccessreviews\`, whichever the caller may.
`;
