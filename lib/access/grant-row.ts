import { roleText } from "./custom-role.ts";
import { grantFindings, type CheckContext } from "./findings.ts";
import { statusWord, type GrantFinding } from "./grant-rules.ts";
import { annotations } from "./names.ts";
import { boundSubjects, type StoredGrant } from "./stored.ts";
import { formatSubject } from "./subject.ts";
import { humanDuration } from "../text/duration.ts";
import { parseTime, timestamp } from "../text/instant.ts";
import { fixesInPlace } from "../text/next-step.ts";

/** One grant as it is shown; what nobody knows is left out. */
export interface GrantRow {
  /** Undefined for a binding that was made by hand. */
  id?: string;
  /** Of its ClusterRoleBinding. */
  name: string;
  /** These two are undefined where the intent cannot be read, and for a subject of an unknown kind. */
  subject?: string;
  role?: string;
  /** Where it holds today; `*` for everywhere. */
  namespaces: string[];
  selectors: string[];
  targets: string[];
  /** The gravest of the findings in a word, or `ok`. */
  status: string;
  findings: GrantFinding[];
  /** False: a binding to a mirrord role that was not made here. */
  managed: boolean;
  grantedBy?: string;
  grantedAt?: string;
  expiresAt?: string;
  reason?: string;
}

export function grantRow(grant: StoredGrant, context: CheckContext): GrantRow {
  const { id, binding, objects, expiresAt } = grant;
  const notes = binding?.metadata.annotations ?? {};
  const note = (key: "grantedBy" | "reason") => {
    const value = notes[annotations[key]];
    return value === undefined ? {} : { [key]: value };
  };
  const findings = grantFindings(grant, context);
  const bound = [...new Set(objects.flatMap(({ object }) => object.metadata.namespace ?? []))].toSorted();
  return {
    id,
    name: binding?.metadata.name ?? objects[0]?.object.metadata.name ?? "",
    ...describeIntent(grant, context.namespaces ?? bound),
    status: statusWord(findings),
    findings,
    managed: true,
    ...note("grantedBy"),
    ...grantedAt(binding),
    ...(expiresAt === undefined ? {} : { expiresAt: timestamp(expiresAt) }),
    ...note("reason"),
  };
}

/** When it was granted; of one from a file, when its binding was made. */
function grantedAt(binding: StoredGrant["binding"]): { grantedAt?: string } {
  const { annotations: notes = {}, creationTimestamp } = binding?.metadata ?? {};
  const time = notes[annotations.grantedAt] ?? creationTimestamp;
  return time === undefined ? {} : { grantedAt: time };
}

type Described = Pick<GrantRow, "subject" | "role" | "namespaces" | "selectors" | "targets">;

function describeIntent({ intent, objects }: StoredGrant, namespaces: readonly string[]): Described {
  if (intent === undefined) {
    // Whoever its bindings still name.
    const subject = boundSubjects(objects).map(formatSubject).join(", ");
    return {
      ...(subject === "" ? {} : { subject }),
      namespaces: [...namespaces],
      selectors: [],
      targets: [],
    };
  }
  return {
    subject: formatSubject(intent.subject),
    role: roleText(intent.role),
    namespaces: intent.set.kind === "all" ? ["*"] : [...namespaces],
    selectors: intent.set.kind === "all" ? [] : (intent.set.selectors ?? []),
    targets: intent.targets,
  };
}

/** `7h59m`, `<never>`, or `ended` for the time that is left. */
export function timeLeft(expiresAt: string | undefined, now: Date): string {
  if (expiresAt === undefined) return "<never>";
  const left = (parseTime(expiresAt) ?? 0) - now.getTime();
  return left <= 0 ? "ended" : humanDuration(left);
}

/** The same, of a folder: what mends its findings is done there. */
export function rowInPlace<Shown extends GrantRow>(row: Shown, manifests: readonly string[] | undefined): Shown {
  return { ...row, findings: fixesInPlace(row.findings, manifests) };
}

/** What a table shows of a subject or a role that nobody knows. */
export const UNKNOWN = "<unknown>";

/** The form of a grant in JSON and YAML; what nobody knows is null. Schema: docs/schema/grant-list.json. */
export function grantValue(grant: GrantRow): object {
  const findings = grant.findings.map(({ rule, severity, subject, message, fix }) => {
    const object = findingObject(subject);
    const { namespace } = subject;
    return {
      kind: rule,
      severity,
      text: message,
      fix,
      ...(object === "" ? {} : { object }),
      ...(namespace === undefined ? {} : { namespace }),
    };
  });
  const { id = null, name, subject = null, role = null, ...more } = grant;
  return { id, name, subject, role, ...more, findings };
}

/** `rolebinding/NAME is missing`, or only what is wrong with the grant itself. */
export function findingText({ subject, message }: GrantFinding): string {
  return `${findingObject(subject)} ${message}`.trim();
}

function findingObject({ kind, name }: GrantFinding["subject"]): string {
  return kind === "Grant" ? "" : `${kind.toLowerCase()}/${name}`;
}
