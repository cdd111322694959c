import { shellCommand } from "../../text/shell-quote.ts";
import { usageError } from "../../errors.ts";
import { nearest, slip } from "../../text/suggest.ts";
import { actions, type Action } from "../../mirrord/plan/session-plan.ts";
import { targetIn, type Target } from "../../mirrord/target.ts";
import { parseTypedTarget, type TypedTarget } from "../../mirrord/typed-target.ts";
import { isTypeWord } from "../../mirrord/unknown-kind.ts";
import { isKnownVerb } from "../../kubernetes/verbs.ts";
import { plainQuestion, type PlainQuestion } from "./plain-question.ts";

/** The commands that take such questions. */
type Asker = "can-i" | "audit who-can";

/** What a configuration says about a session. */
export interface Configured {
  action: Action;
  session: { target: Target };
}

export interface TypedQuestion {
  kind: "session";
  action: Action;
  target: TypedTarget;
}

const isAction = (word: string): word is Action => actions.some((action) => action === word);

/** These need no target: they are about the operator or about a namespace. */
export const needNoTarget: ReadonlySet<Action> = new Set(["targetless", "ci", "list-sessions", "kill-sessions"]);

/**
 * Reads the words after `can-i`: an action with its target, a target alone (mirror), or a plain Kubernetes question.
 * What is left out comes from the configuration, if there is one. Throws UserError "usage" for anything else, and for a
 * word that is close to an action.
 * @param asker the command to write again
 */
export function parseQuestion(
  words: readonly string[],
  config: Configured | undefined,
  asker: Asker = "can-i",
): TypedQuestion | PlainQuestion {
  const [first, second, ...rest] = joinKindName(words);
  if (rest.length > 0) throw usageError(`too many words: ${JSON.stringify(rest[0])}`, usageHint(asker));
  if (first === undefined) {
    if (config === undefined)
      throw usageError("nothing to ask about: an action and a target are missing", usageHint(asker));
    return { kind: "session", action: config.action, target: config.session.target };
  }
  if (isAction(first)) return typedQuestion(first, second, { config, asker });
  if (second === undefined) {
    const near = first.includes("/") ? undefined : slip(first, actions);
    if (near !== undefined) throw mistyped(first, near);
    return typedQuestion(config?.action ?? "mirror", first, { config, asker });
  }
  const near = nearest(first, actions);
  if (near !== undefined && !isKnownVerb(first)) throw mistyped(first, near);
  refuseNoVerb(first, second, asker);
  return plainQuestion(first, second);
}

/**
 * The questions that words ask: an action (or none: mirror) about several targets is one about each. Targets without an action
 * have their kinds, as everything else could be a plain question.
 */
export function splitQuestions(words: readonly string[]): string[][] {
  const [first = "", ...others] = joinKindName(words);
  if (isAction(first)) return others.length > 1 ? others.map((target) => [first, target]) : [[...words]];
  const areTargets = others.length > 0 && [first, ...others].every(isTargetPath);
  return areTargets ? [first, ...others].map((target) => [target]) : [[...words]];
}

/** `deployment web`, as kubectl takes a target in two words: behind an action, or alone. */
function joinKindName(words: readonly string[]): readonly string[] {
  const at = words[0] !== undefined && isAction(words[0]) ? 1 : 0;
  const [kind, name, ...rest] = words.slice(at);
  const isPair = kind !== undefined && name !== undefined && rest.length === 0 && isTypeWord(kind);
  return isPair && !isAction(name) && !isKnownVerb(name) ? [...words.slice(0, at), `${kind}/${name}`] : words;
}

/** A word that is no verb would be allowed by whoever may do everything, and the session would not have been looked at. */
function refuseNoVerb(verb: string, what: string, asker: Asker): void {
  if (isAction(what))
    throw usageError(
      `the action comes first: ${JSON.stringify(what)}`,
      `Write: ${shellCommand(["kubectl", "mirrord", ...asker.split(" "), what, verb])}`,
    );
  if (verb === "" || what === "" || verb.includes("/"))
    throw usageError(`${JSON.stringify(`${verb} ${what}`)} is no question`, usageHint(asker));
  if (isKnownVerb(verb) || !isTargetPath(what)) return;
  throw usageError(
    `unknown action ${JSON.stringify(verb)}`,
    `The actions are ${actions.join(", ")}. To ask about a verb of that name write the type with its group: deployments.apps/web.`,
  );
}

function isTargetPath(text: string): boolean {
  return text.includes("/") && targetIn(text) !== undefined;
}

/**
 * The action and the namespace of a session as its client has them: without a target mirroring is `targetless`, and goes to
 * `default`, whatever the kubeconfig says. Source: operator contract section 0.
 * @param named the namespace that was typed or configured
 */
export function placeSession(
  { action, target }: { action: Action; target: { kind: string } },
  named: string | undefined,
  contextNamespace: string,
): { action: Action; namespace: string } {
  const isTargetless = target.kind === "targetless" && (action === "targetless" || action === "mirror");
  return {
    action: isTargetless ? "targetless" : action,
    namespace: named ?? (isTargetless ? "default" : contextNamespace),
  };
}

/** Which actions `--list` shows; none given: those that are about a target. Throws UserError "usage". */
export function parseListedActions(words: readonly string[]): Action[] {
  return words.map((word) => {
    if (!isAction(word)) {
      throw usageError(
        `--list shows actions, and ${JSON.stringify(word)} is none`,
        `The actions are ${listedActions.join(", ")}.`,
      );
    }
    if (!listedActions.some((action) => action === word)) {
      throw usageError(`${word} is not about a target`, `Ask for it by itself: kubectl mirrord can-i ${word}`);
    }
    return word;
  });
}

/** The columns of `--list`. */
export const listedActions = ["mirror", "steal", "copy", "copy-scale-down", "preview", "targetless"] as const;

const usageHint = (asker: Asker) => `Write for example: kubectl mirrord ${asker} steal deploy/web -n dev`;

const mistyped = (word: string, near: string) =>
  usageError(`unknown action ${JSON.stringify(word)}`, `Did you mean ${near}?`);

function typedQuestion(
  action: Action,
  target: string | undefined,
  { config, asker }: { config: Configured | undefined; asker: Asker },
): TypedQuestion {
  if (target !== undefined) return { kind: "session", action, target: parseTypedTarget(target) };
  if (needNoTarget.has(action)) return { kind: "session", action, target: { kind: "targetless" } };
  if (config !== undefined) return { kind: "session", action, target: config.session.target };
  throw usageError(`${action} needs a target`, usageHint(asker));
}
