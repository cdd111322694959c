import type { PrivilegedAttribute } from "../access/privileged-options.ts";
import type { Finding, FindingRule } from "../findings/finding.ts";
import type { PrivilegedWorkload } from "./privileged.ts";

const rule = (summary: string, explanation: string): FindingRule & { fix: string } => ({
  severity: "error",
  summary,
  explanation,
  fix: "Take it out, or have an administrator exempt whoever makes it (docs/secure-defaults.md).",
});

/** By what only administrators may have. */
export const privilegedRules: Readonly<Record<PrivilegedAttribute, FindingRule & { fix: string }>> = {
  hostIPC: rule(
    "A pod shares the node's IPC.",
    "It reads the shared memory of processes of the node and of other pods.",
  ),
  hostNetwork: rule(
    "A pod is in the node's network.",
    "It reaches what listens on the node alone, past network policies, and can see the node's traffic.",
  ),
  hostPID: rule(
    "A pod sees the node's processes.",
    "It can read the environment and the files of processes of the node and of other pods.",
  ),
  allowPrivilegeEscalation: rule(
    "A container's processes may gain more rights than they were started with.",
    "A program that its file makes root is root then, whoever starts it.",
  ),
  capabilities: rule(
    "A container is given further capabilities of root.",
    "With some of them, such as SYS_ADMIN, it can leave the container.",
  ),
  privileged: rule(
    "A container is privileged.",
    "It has the node's devices and every capability: whoever is in it has the node, and every pod there.",
  ),
  hostPath: rule("A pod mounts a path of the node.", "It reads, and may write, files of the node and of other pods."),
  localVolume: rule(
    "A volume is on a node's own disk.",
    "A pod that claims it reads, and may write, files of that node.",
  ),
};

/** One for each place in an object that an administrator has to allow. */
export function privilegedFindings(found: readonly PrivilegedWorkload[]): Finding<PrivilegedAttribute>[] {
  return found.flatMap(({ kind, namespace, name, attributes, paths, owner, managers, by }) => {
    const isKnown = owner !== undefined || managers.length > 0;
    return attributes.flatMap((attribute) =>
      paths
        .filter((path) => attribute === "localVolume" || path.endsWith(`.${attribute}`))
        .map((path) => ({
          rule: attribute,
          severity: privilegedRules[attribute].severity,
          subject: { kind, name, ...(namespace === undefined ? {} : { namespace }) },
          field: path,
          message: `${path} is for administrators alone${isKnown ? `; ${by} answers for it` : ""}`,
          fix: privilegedRules[attribute].fix,
        })),
    );
  });
}
