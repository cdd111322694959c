import { slip } from "../text/suggest.ts";

/** The verbs of `grant`: a bare subject must not be one of them or close to one, or a slip of the finger makes a user. */
export const grantVerbs = [
  "list",
  "describe",
  "explain",
  "extend",
  "revoke",
  "sync",
  "matrix",
  "org",
  "team",
  "collection",
  "admin",
  "role",
  "whoami",
] as const;

const words = (text: string) => new Set(text.split(" "));

/** The other commands of ours, exactly as they are written. */
const ownWords = words(
  "apply assign audit can-i completion create delete describe diff drift explain findings get grant help install kill lint list matrix mirrord move policy privileged render report secure-defaults session snapshot start stats status sync test tree unassign uninstall unused upgrade usage values verify version watch who-can whoami",
);

/** Commands of kubectl, Kubernetes 1.36, and what people try besides. Source: `kubectl __complete ""`. */
const kubectlWords = words(
  "alpha annotate api-resources api-versions apply attach auth autoscale certificate cluster-info completion config cordon cp create debug delete describe diff drain edit events exec explain expose get help kuberc kustomize label logs options patch plugin port-forward proxy replace rollout run scale set taint top uncordon update version wait",
);
const triedWords = words("add check deny disable enable info init ls new remove reset rm rename show undo use view");

/**
 * Why a bare word makes no user: the second half of a sentence that begins with the word. Undefined for a name. Only what is near
 * to a verb of `grant` counts as a slip of it; tom, ron, ruth and mabel are people, although `top`, `run`, `auth` and `label` are
 * commands of kubectl.
 */
export function reservedBecause(word: string): string | undefined {
  const typed = word.toLowerCase();
  const near = slip(typed, grantVerbs);
  if (near === typed) return "is a verb of this command";
  if (ownWords.has(typed)) return "is a command of kubectl mirrord";
  if (kubectlWords.has(typed)) return "is a command of kubectl";
  if (triedWords.has(typed)) return "is a command's word";
  return near === undefined ? undefined : `is too close to the verb "${near}"`;
}
