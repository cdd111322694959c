import { parseTarget, workloadKind, workloadType, type Target, type WorkloadKind } from "./target.ts";

/** A name without its kind, which has to be looked up. */
export interface BareTarget {
  kind: "bare";
  name: string;
}

/** A target as people type it. */
export type TypedTarget = Target | BareTarget;

/**
 * The kind that a word names as kubectl prints and takes it: `deployments`, `deployment.apps`, `deployments.v1.apps`. Undefined
 * for another group's.
 */
export function typedKind(word: string): WorkloadKind | undefined {
  const dot = word.indexOf(".");
  if (dot < 0) return workloadKind(word);
  const kind = workloadKind(word.slice(0, dot));
  if (kind === undefined) return undefined;
  const { group, version } = workloadType(kind);
  const rest = word.slice(dot + 1);
  return rest === group || rest === `${version}.${group}` ? kind : undefined;
}

/** As `parseTarget`, in kubectl's spelling too: `deployment.apps/web`. Throws UserError "usage". */
export function parseTypedPath(text: string): Target {
  const slash = text.indexOf("/");
  const kind = slash < 0 ? undefined : typedKind(text.slice(0, slash));
  return parseTarget(kind === undefined ? text : `${kind}${text.slice(slash)}`);
}

/** The same, and a name alone: `web`. A word that could be an object's name and is no kind. Throws UserError "usage". */
export function parseTypedTarget(text: string): TypedTarget {
  const isName = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(text) && text !== "targetless" && text !== "label";
  return isName && typedKind(text) === undefined ? { kind: "bare", name: text } : parseTypedPath(text);
}
