import type { Reported } from "./finding.ts";
import type { PolicySpec } from "../spec.ts";
import { policyPath, workloadKind, workloadKinds, type WorkloadKind } from "../../target.ts";

/** The words that paths begin with, as the operator writes them. */
const policyWords: readonly string[] = [
  ...workloadKinds.map((kind) => policyPath({ kind, name: "x" }).split("/")[0] ?? kind),
  "label",
];

/** What `spec.targetPath` is bound to: the one kind of its first part, where no wildcard leaves that open. */
export function kindOfPath(glob: string): string | undefined {
  const [first = "", ...rest] = glob.split("/");
  return rest.length === 0 || /[*?]/.test(first) ? undefined : first;
}

/** Spelling, and the container at the end. */
export function pathFindings({ targetPath }: PolicySpec): Reported[] {
  if (targetPath === undefined) return [];
  const { text } = targetPath;
  const field = "spec.targetPath";
  const spelling = spellingFinding(text);
  if (spelling !== undefined) return [{ rule: "target-path-spelling", field, ...spelling }];
  return containerFindings(text).map((finding) => ({ field, ...finding }));
}

function spellingFinding(glob: string): Pick<Reported, "message" | "fix"> | undefined {
  const [first = "", ...rest] = glob.split("/");
  if (/[*?]/.test(first)) return undefined;
  const never = `${JSON.stringify(glob)} matches no target`;
  if (rest.length === 0) {
    if (first === "targetless") return undefined;
    return { message: `${never}: a path is KIND/NAME`, fix: `Write deploy/${first || "NAME"}, or *${first}*.` };
  }
  if (!policyWords.includes(first)) {
    const word = wordFor(first);
    const why = `the operator writes the kind as ${word ?? policyWords.join(", ")}, not ${JSON.stringify(first)}`;
    return { message: `${never}: ${why}`, fix: `Write ${[word ?? "deploy", ...rest].join("/")}.` };
  }
  if (first === "label" || rest.some((part) => /[*?]/.test(part))) return undefined;
  const [name = "", separator, container, ...more] = rest;
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name)) {
    return {
      message: `${never}: no object can be named ${JSON.stringify(name)}`,
      fix: "Write the name as kubectl shows it.",
    };
  }
  if (separator === undefined || (separator === "container" && container !== undefined && more.length === 0))
    return undefined;
  return { message: `${never}: behind the name only /container/NAME can follow`, fix: `Write ${first}/${name}.` };
}

/** `deploy` for `deployment`, `deployments`, `Deployment`; undefined for what is no kind in any spelling. */
function wordFor(word: string): string | undefined {
  const kind = workloadKind(word);
  return kind === "deployment" ? "deploy" : kind;
}

function containerFindings(glob: string): Pick<Reported, "rule" | "message" | "fix">[] {
  const kind = kindOfPath(glob);
  if (kind === undefined || kind === "label") return [];
  const exact = /^[^*?]+$/.test(glob);
  const [, name = "", , container] = glob.split("/");
  if (exact && container !== undefined) {
    const message = `${JSON.stringify(glob)} leaves out sessions on ${kind}/${name} that name no container or another one`;
    return [{ rule: "target-path-container", message, fix: pairFix(kind, name) }];
  }
  if (exact) {
    const message = `${JSON.stringify(glob)} leaves out ${kind}/${name}/container/NAME: whoever names a container is not bound`;
    return [{ rule: "target-path-container", message, fix: pairFix(kind, name) }];
  }
  const [, prefix] = /^([^*?]+[a-z0-9])\*$/.exec(glob) ?? [];
  if (prefix === undefined) return [];
  const message = `${JSON.stringify(glob)} also matches ${prefix}-1 and whatever else begins with it`;
  return [{ rule: "target-path-prefix", message, fix: pairFix(kind, prefix.slice(kind.length + 1)) }];
}

function pairFix(kind: string, name: string): string {
  return `Use two policies, for ${kind}/${name} and ${kind}/${name}/container/*, or a selector on labels.`;
}

/** Other ways to name the same workload. */
export const otherWays: readonly string[] = ["pod", "replicaset", "service", "label"];

/** Kinds that have pods of their own behind them. */
export const kindsWithPods: readonly (WorkloadKind | "deploy")[] = [
  "deploy",
  "statefulset",
  "rollout",
  "replicaset",
  "job",
  "cronjob",
  "service",
];
