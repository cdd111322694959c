import { edges } from "../../lib/audit/edges.ts";
import { grades } from "../../lib/audit/grades.ts";
import { auditRules } from "../../lib/audit/rules.ts";
import { ruleTopics } from "./audit-topics.ts";

/** docs/audit-findings.md: a section for each rule, whose heading is the anchor that reports name. */
export function auditFindingsPage(): string {
  const sections = Object.entries(auditRules).map(([id, { severity, summary, explanation, fix }]) => {
    const first =
      id in edges ? `Severity: ${grades[severity]}. A path can begin with it.` : `Severity: ${grades[severity]}.`;
    return `## ${id}\n\n**${summary}** ${first}\n\n${explanation}\n\nWhat to do: ${fix}\n`;
  });
  return `${INTRODUCTION}\n${table()}\n\n${sections.join("\n")}`;
}

/** Every rule by its name; the link is to its section. */
function table(): string {
  const rows = Object.entries(auditRules).map(
    ([id, { severity, summary }]) =>
      `| [${id}](#${id}) | ${grades[severity]} | ${summary.replaceAll("|", "\\|")} | ${ruleTopics(id).join("; ")} |`,
  );
  return ["| Rule | Severity | What it finds | About |", "|---|---|---|---|", ...rows].join("\n");
}

const INTRODUCTION = `# What the audit finds

Every rule of [\`kubectl mirrord audit findings\`](audit.md), what it means, why it matters, and what to do. \`npm run docs\` makes this page of the table
that the command has; \`kubectl mirrord audit findings --rules\` prints it.

The severity is that of most findings of a rule: a path that leads to sessions and not to everything is medium, and a finding says so itself.
`;
