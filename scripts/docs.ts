// Makes the output in README.md and docs/ anew, by running the commands that stand above it: npm run docs
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { auditFindingsPage } from "./docs/audit-findings.ts";
import { withOutput } from "./docs/console.ts";
import { exampleShell } from "./docs/example-shell.ts";
import { documents } from "./docs/documents.ts";
import { referencePages, strayReferencePages } from "./docs/reference.ts";
import { permissionsPage } from "./docs/permissions.ts";
import { reliabilityPage } from "./docs/reliability.ts";
import { requirementsPage } from "./docs/requirements.ts";

const root = join(import.meta.dirname, "..");

writeFileSync(join(root, "docs", "audit-findings.md"), auditFindingsPage());
writeFileSync(join(root, "docs/permissions.md"), permissionsPage());
writeFileSync(join(root, "docs/reliability.md"), reliabilityPage(root));
writeFileSync(join(root, "docs/requirements.md"), requirementsPage(root));
const reference = await referencePages();
for (const file of strayReferencePages(root, reference)) rmSync(join(root, file));
mkdirSync(join(root, "docs", "reference"), { recursive: true });
for (const [file, text] of reference) writeFileSync(join(root, file), text);

for (const file of documents(root)) {
  const path = join(root, file);
  const before = readFileSync(path, "utf8");
  const after = await withOutput(before, exampleShell());
  if (after === before) continue;
  writeFileSync(path, after);
  process.stdout.write(`${file}\n`);
}
