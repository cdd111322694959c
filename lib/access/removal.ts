import { annotations, GRANT_LABEL } from "./names.ts";
import { boundSubject, type RbacSubject } from "./subject.ts";
import { listIn, objectIn } from "../json.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { shellCommand } from "../text/shell-quote.ts";
import { isDeepStrictEqual } from "node:util";

/** A command that takes access away. */
export interface Removal {
  command: string;
  /** The binding names others, too: an editor opens, in which one of them can be taken out. */
  others: boolean;
}

/** What takes a binding that was made by hand from its subject. Undefined for what Kubernetes itself installs, and makes again. */
export function bindingRemoval(binding: KubernetesObject, subject: RbacSubject): Removal | undefined {
  const { name = "", namespace, labels = {} } = binding.metadata;
  if (labels["kubernetes.io/bootstrapping"] !== undefined) return undefined;
  const subjects = listIn(binding["subjects"]).map((one) => boundSubject(objectIn(one), namespace));
  const others = subjects.some((one) => !isDeepStrictEqual(one, subject));
  const place = namespace === undefined ? [] : ["-n", namespace];
  const words = ["kubectl", others ? "edit" : "delete", binding.kind.toLowerCase(), name, ...place];
  return { command: shellCommand(words), others };
}

/**
 * The removals of several bindings, named as `rolebinding/x`: `grant revoke` for those that a grant made, kubectl for the others; each
 * once. Anybody can put our label on a binding, so it counts only where a ClusterRoleBinding carries that grant.
 */
export function removals(
  through: readonly string[],
  { objects, namespace, subject }: { objects: readonly KubernetesObject[]; namespace: string; subject: RbacSubject },
): Removal[] {
  const named = new Set(through);
  const bindings = objects.filter(
    ({ kind, metadata }) =>
      named.has(`${kind.toLowerCase()}/${metadata.name ?? ""}`) &&
      (metadata.namespace === undefined || metadata.namespace === namespace),
  );
  const grants = new Set(
    objects
      .filter(({ metadata: { annotations: notes = {} } }) => notes[annotations.intent] !== undefined)
      .map(({ metadata: { labels = {} } }) => labels[GRANT_LABEL]),
  );
  const found = bindings.flatMap((binding) => {
    const id = binding.metadata.labels?.[GRANT_LABEL];
    if (id === undefined || !grants.has(id)) return bindingRemoval(binding, subject) ?? [];
    return { command: shellCommand(["kubectl", "mirrord", "grant", "revoke", id]), others: false };
  });
  return [...new Map(found.map((one) => [one.command, one])).values()];
}
