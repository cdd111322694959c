import { rights, type Right } from "../../lib/commands/permissions/cluster-role.ts";
import { permissionsTable } from "../../lib/commands/permissions/table.ts";
import type { PolicyRule } from "../../lib/rbac/types.ts";

/** docs/permissions.md: a row for each command, of the table that `kubectl mirrord permissions` has. */
export function permissionsPage(): string {
  const rows = permissionsTable.map(({ command, sends, holds, note }) =>
    [`\`${command}\``, words(sends), [words(holds), note ?? ""].filter((text) => text !== "").join(". ")].join(" | "),
  );
  return `${INTRODUCTION}\n| command | sends | has to be held besides |\n|---|---|---|\n${rows.map((row) => `| ${row} |`).join("\n")}\n`;
}

/** By verb: `list` jobs.batch, pods. */
function words(rules: readonly PolicyRule[]): string {
  const byVerb = Map.groupBy(rights(rules), ({ verb }) => verb);
  return [...byVerb].map(([verb, same]) => `**${verb}** ${same.map(typeText).join(", ")}`).join("; ");
}

function typeText({ group, resource, names }: Right): string {
  const type = group === "" ? resource : `${resource}.${group}`;
  const named = names.length === 0 ? "" : ` (${names.join(", ")})`;
  return `${type}${named}`.replaceAll("*", String.raw`\*`);
}

const INTRODUCTION = `# What each command may need

Every right that a command may ask for: \`kubectl mirrord permissions COMMAND -o yaml\` prints it as a ClusterRole. \`npm run permissions\` runs the commands on a real API
server and makes the table of what its audit log recorded; \`npm run permissions:check\` runs each of them as somebody who may do exactly this. \`npm run docs\` makes this page.

- A ClusterRole that is bound by a RoleBinding gives the same in one namespace. What is not in a namespace stays out of reach then, and the command says so.
- Everybody who is logged in may ask what there is (\`/apis\`) and what they may do themselves: this is left out.
- What is already there is not created, and what is not named is not asked for: a run may send less.
- An apply is a \`patch\`, and a \`create\` of what is not there yet.
- Instead of holding what is in a role that they write, cluster administrators hold \`escalate\` and \`bind\`.
- For \`can-i\`, without \`create subjectaccessreviews\` others are asked about by impersonation or \`localsubjectaccessreviews\`, whichever the caller may.
`;
