import { distance } from "fastest-levenshtein";
import { UserError } from "../errors.ts";
import type { AccessAttributes, Cluster } from "../kube/cluster.ts";
import { nativeResources } from "../mirrord/resources.ts";
import { actions, type Action } from "../mirrord/session-requests.ts";
import { parseTarget, type Target } from "../mirrord/target.ts";
import { previewAttributes, type Preview, type PreviewOptions } from "../preview/preview.ts";

export interface SessionQuestion {
  kind: "session";
  action: Action;
  target: Target;
}

/** `VERB TYPE[.GROUP][/NAME]` or `VERB /path`, as `kubectl auth can-i` takes it. */
export interface PlainQuestion {
  kind: "plain";
  attributes: AccessAttributes;
  namespaced: boolean;
}

const isAction = (word: string): word is Action => actions.some((action) => action === word);

// These need no target: they are about the operator or about a namespace.
const needNoTarget: ReadonlySet<Action> = new Set(["targetless", "ci", "list-sessions", "kill-sessions"]);

/**
 * Reads the words after `can-i`: an action with its target, a target alone (mirror), or a plain Kubernetes question.
 * Throws UserError "usage" for anything else, and for a word that is close to an action.
 */
export function parseQuestion(words: readonly string[]): SessionQuestion | PlainQuestion {
  const [first, second, ...rest] = words;
  if (first === undefined)
    throw new UserError("usage", "nothing to ask about: an action and a target are missing", usageHint);
  if (rest.length > 0) throw new UserError("usage", `too many words: ${JSON.stringify(rest[0])}`, usageHint);
  if (isAction(first)) return sessionQuestion(first, second);
  if (second === undefined) return sessionQuestion("mirror", first);
  const near = actions.find((action) => distance(action, first) <= 2);
  if (near !== undefined)
    throw new UserError("usage", `unknown action ${JSON.stringify(first)}`, `Did you mean ${near}?`);
  return plainQuestion(first, second);
}

const usageHint = "Write for example: kubectl mirrord can-i steal deploy/web -n dev";

function sessionQuestion(action: Action, target: string | undefined): SessionQuestion {
  if (target !== undefined) return { kind: "session", action, target: parseTarget(target) };
  if (needNoTarget.has(action)) return { kind: "session", action, target: { kind: "targetless" } };
  throw new UserError("usage", `${action} needs a target`, usageHint);
}

const knownTypes = Object.values(nativeResources);

function plainQuestion(verb: string, what: string): PlainQuestion {
  if (what.startsWith("/")) return { kind: "plain", attributes: { verb, path: what }, namespaced: false };
  const slash = what.indexOf("/");
  const type = slash < 0 ? what : what.slice(0, slash);
  const name = slash < 0 ? {} : { name: what.slice(slash + 1) };
  const dot = type.indexOf(".");
  if (dot > 0) {
    const attributes = { verb, apiGroup: type.slice(dot + 1), resource: type.slice(0, dot), ...name };
    return { kind: "plain", attributes, namespaced: true };
  }
  const known = knownTypes.find(({ resource, kind }) => resource === type || kind.toLowerCase() === type);
  const attributes = { verb, apiGroup: known?.group ?? "", resource: known?.resource ?? type, ...name };
  return { kind: "plain", attributes, namespaced: known?.namespaced ?? true };
}

/** The one check of a plain question, with the same identities, answers and explanations as a session. */
export function previewPlainQuestion(
  cluster: Cluster,
  { attributes, namespaced }: PlainQuestion,
  namespace: string,
  options: PreviewOptions,
): Promise<Preview> {
  const placed = "path" in attributes || !namespaced ? attributes : { ...attributes, namespace };
  return previewAttributes(cluster, placed, namespace, options);
}
