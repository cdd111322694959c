import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JobFigures } from "../../test/long/figures.ts";
import { jobs, type Job } from "../../test/long/jobs.ts";

/** docs/reliability.md: a section for each long test, with the figures of its last run. */
export function reliabilityPage(root: string): string {
  const measured = JSON.parse(readFileSync(join(root, "test/long/figures.json"), "utf8")) as Record<string, JobFigures>;
  return [INTRODUCTION, ...jobs.map((job) => section(job, measured[job.name]))].join("\n");
}

function section(job: Job, measured: JobFigures | undefined): string {
  const title = `## ${job.name}\n\n${job.proves}\n`;
  if (measured === undefined) return `${title}\nNot shown yet: nothing of it has ended well.\n`;
  const rows = Object.entries(measured.figures).map(
    ([name, value]) => `| ${name} | ${typeof value === "number" ? value.toLocaleString("en") : value} |`,
  );
  const took = `${measured.date}, ${duration(measured.seconds)}; ${measured.machine}.`;
  const short = measured.lacks === undefined ? "" : `Not shown yet: ${measured.lacks}\n\n`;
  return `${title}\n${short}${took}\n${rows.length === 0 ? "" : `\n| measured | figure |\n|---|---|\n${rows.join("\n")}\n`}`;
}

const duration = (seconds: number): string => (seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`);

const INTRODUCTION = `# Reliability: what is to be proven, and the figures

\`npm test\` proves on every change what can be proven in minutes: all of it on a real API server where only that can prove it. What takes longer is in \`npm run test:long\`, whose jobs are the sections of this page.

\`\`\`
npm run test:long
npm run test:long -- rbac soak
npm run test:long -- faults --parallel 2
npm run test:long -- --list
\`\`\`

A run that was stopped goes on where it was; \`--fresh\` begins anew, and \`--parallel\` runs so many parts of a job at the same time. Each job writes the figures of its parts that have ended well, with the day and the machine, to \`test/long/figures.json\`, and \`npm run docs\` makes this page of them.
A whole run stands until there is another: one that failed, or was stopped, leaves its figures, with their day. A section without figures says what its job is to show, and nobody has shown it; so does one whose figures fall short, which it says.
`;
