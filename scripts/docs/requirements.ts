// What the access model of Mirantis Kubernetes Engine (MKE) and the security page of mirrord for Teams (MIR) ask for, and the
// tests that show it: a test says in its name which of them it is about.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Requirement {
  id: string;
  what: string;
  /** Why nothing can be tested. */
  notApplicable?: string;
}

const words: [id: string, what: string, notApplicable?: string][] = [
  ["MKE-1", "What somebody may see, edit or use follows from a role and a set of resources"],
  ["MKE-2", "Subjects are users, teams and service accounts"],
  ["MKE-3", "A role is permitted operations on types; some are there, others can be defined"],
  ["MKE-4", "Namespaces are put together in collections"],
  ["MKE-5", "A grant needs all three: subject, role and resource set"],
  ["MKE-6", "A subject can have roles on several resource sets"],
  ["MKE-7", "A user is known to the cluster's authentication, and can be in several teams and organizations"],
  ["MKE-8", "What a team may do, its members may"],
  ["MKE-9", "A team is in exactly one organization"],
  ["MKE-10", "What an organization may do, its teams may"],
  ["MKE-11", "A service account belongs to its namespace"],
  ["MKE-12", "A role gives nothing until it is granted"],
  ["MKE-13", "Looking and using are roles of their own; Restricted Control sees nodes and does not change them"],
  ["MKE-14", "A DBA's role: read, write and run on volumes and secrets"],
  ["MKE-15", "One subject, different roles on different resource sets"],
  ["MKE-16", "A resource set is a collection, or namespaces"],
  ["MKE-17", "Collections are nested, and a grant on one reaches those below it"],
  ["MKE-18", "A path is made, and resources are moved into it"],
  ["MKE-19", "Or its label is written in a manifest"],
  ["MKE-20", "Types of Docker Swarm in a collection", "Kubernetes has none of them (docs/mke.md)"],
  ["MKE-21", "The namespaces of the system are there, and are not granted by accident"],
  ["MKE-22", "Namespaces are not nested"],
  ["MKE-23", "A role names types that exist, and what has no namespace is not granted in one"],
  ["MKE-24", "A grant consists of subject, role and resource set"],
  ["MKE-25", "All grants together say who can access what, and what was bound by hand is seen"],
  ["MKE-26", "Only an administrator manages grants"],
  ["MKE-27", "An administrator makes subjects and roles, moves resources and grants"],
  ["MKE-28", "Privileged pods are for administrators and for accounts that are cluster administrators everywhere"],
  ["MKE-29", "Users do not get around the control plane"],
  ["MKE-30", "hostIPC is refused"],
  ["MKE-31", "hostNetwork is refused"],
  ["MKE-32", "hostPID is refused"],
  ["MKE-33", "allowPrivilegeEscalation is refused"],
  ["MKE-34", "Added capabilities are refused"],
  ["MKE-35", "privileged is refused"],
  ["MKE-36", "Paths of the host are refused"],
  ["MKE-37", "Local volumes are made by administrators only"],
  ["MKE-38", "Others may use a local volume that an administrator made"],
  ["MKE-39", "The refusal says who is no administrator, and for what"],
  ["MIR-1", "Nothing leaves the cluster but what can be listed and switched off"],
  ["MIR-2", "Kubernetes' own access control decides, with no new way to attack"],
  ["MIR-3", "The operator's source can be read", "It is about the operator, not about this project"],
  ["MIR-4", "Policies limit what sessions may do"],
  ["MIR-5", "The operator may make privileged agents, in its own namespace"],
  ["MIR-6", "The roles name the resources of the operator's API"],
  ["MIR-7", "Some of these are for the whole cluster only, others for a namespace"],
  ["MIR-8", "Access is limited by the targets"],
  ["MIR-9", "The operator's role for users is as its page says, or what differs is said"],
  ["MIR-10", "One ClusterRoleBinding gives a user the operator's API"],
  ["MIR-11", "A session needs to read the workload itself as well"],
  ["MIR-12", "The roles can be changed, and a changed one is not overwritten"],
  ["MIR-13", "Limited to a namespace by who may read workloads there"],
  ["MIR-14", "Limited to a namespace by roles that are split in two"],
  ["MIR-15", "Limited to single targets by their names"],
  ["MIR-16", "Policies keep targets from being stolen"],
  ["MIR-17", "Certificates of the vendor (SOC 2, GDPR)", "It is about the vendor, not about this project"],
  ["MIR-18", "What a session shows of Secrets is said beforehand"],
];

export const requirements: readonly Requirement[] = words.map(([id, what, notApplicable]) => ({
  id,
  what,
  ...(notApplicable === undefined ? {} : { notApplicable }),
}));

/** A test that says that it is about a requirement. */
export interface NamedTest {
  /** Relative to the checkout. */
  file: string;
  name: string;
}

const ID = /\b(?:MKE|MIR)-\d+\b/g;

/** The requirements that a name or text is about. */
export const requirementIds = (text: string): string[] => text.match(ID) ?? [];

const LITERAL = /"(?:[^"\\\n]|\\.)*"|`(?:[^`\\\n]|\\.)*`/g;

/** By id the tests of a checkout, by their text: names are literals that hold an id. One that is an id alone stands in a table. */
export function requirementTests(root: string): Map<string, NamedTest[]> {
  const tests = new Map<string, NamedTest[]>();
  for (const file of globSync("test/**/*.test.ts", { cwd: root }).toSorted()) {
    const text = readFileSync(join(root, file), "utf8").replaceAll(/^\s*\/\/.*$/gm, "");
    const literals = (text.match(LITERAL) ?? []).map((literal) => literal.slice(1, -1));
    for (const [at, literal] of literals.entries()) {
      const ids = requirementIds(literal);
      const name = ids.length === 1 && ids[0] === literal ? `${literal} ${literals[at + 1] ?? ""}` : literal;
      for (const id of ids) {
        const known = tests.get(id) ?? [];
        if (!known.some((one) => one.file === file && one.name === name)) tests.set(id, [...known, { file, name }]);
      }
    }
  }
  return tests;
}

/** The page of requirements. */
export function requirementsPage(root: string): string {
  const tests = requirementTests(root);
  const rows = requirements.map(({ id, what, notApplicable }) => {
    const shown = (tests.get(id) ?? []).map(({ file, name }) => `\`${file}\`: ${cell(name)}`);
    const how = notApplicable === undefined ? "no test says so yet" : `does not apply: ${notApplicable}`;
    return `| ${id} | ${what} | ${shown.length === 0 ? how : shown.join("<br>")} |`;
  });
  return [
    "# Requirements",
    "",
    "What the access model of Mirantis Kubernetes Engine (MKE) and the security page of mirrord for Teams (MIR) ask for, in our words, and the tests that show it. `npm run docs` makes this page;",
    "`npm test -- --ids` runs these tests and prints their results.",
    "",
    "| id | what | shown by |",
    "|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

/** What Markdown and its tables would take for their own. */
const cell = (text: string) => text.replaceAll("\\n", " ").replaceAll(/[|<>*_`[\]]/g, (sign) => `\\${sign}`);

/** A test that was run. */
export interface RanTest extends NamedTest {
  result: "passed" | "failed" | "skipped";
}

/** The table of `npm test -- --ids`: a line for each requirement and test, and which have none. */
export function resultLines(ran: readonly RanTest[]): string[] {
  const tests = ran.flatMap((test) => requirementIds(test.name).map((id) => ({ id, ...test })));
  return requirements.flatMap(({ id, notApplicable }) => {
    const own = tests.filter((test) => test.id === id);
    if (own.length > 0)
      return own.map(({ result, file, name }) => `${id.padEnd(7)} ${result.padEnd(8)} ${file}: ${name}`);
    return [`${id.padEnd(7)} ${notApplicable === undefined ? "no test ran" : "does not apply"}`];
  });
}
