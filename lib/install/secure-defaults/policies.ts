import type { V1ValidatingAdmissionPolicy, V1ValidatingAdmissionPolicyBinding } from "@kubernetes/client-node";
import { secureDefaults } from "../../access/names.ts";
import type { ApiObject } from "../../kubernetes/api-types.ts";
import { allowed, ephemeralVariable, podVariables, refusal, resources, volumeVariables } from "./expressions.ts";
import { guards } from "./guards.ts";
import { binding, isNo, policy, rule, type Enforcement, type PolicyParts } from "./policy-parts.ts";
import { shapes, type Shape } from "./shapes.ts";

export interface PolicyOptions {
  enforcement: Enforcement;
  /** StorageClasses whose volumes are on a node's own disk: no policy can look that up. */
  localClasses: readonly string[];
}

export interface PolicyObjects {
  policies: ApiObject<V1ValidatingAdmissionPolicy>[];
  /** From these on they hold. */
  bindings: ApiObject<V1ValidatingAdmissionPolicyBinding>[];
}

/** The policies, and the bindings of the same names. */
export function policyObjects({ enforcement, localClasses }: PolicyOptions): PolicyObjects {
  const judging = [...shapes.map(podPolicy), volumePolicy(localClasses)];
  return {
    policies: [...guards, ...judging].map(policy),
    bindings: [
      // Refused from the first day on: an exemption that somebody makes for himself while it is only audited would stay.
      ...guards.map(({ name }) => binding(name, "enforce")),
      ...judging.map(({ name }) => binding(name, enforcement)),
    ],
  };
}

function podPolicy({ name, rules, spec, controllers }: Shape): PolicyParts {
  const isPod = name === "pods";
  const [object, before] = [`object.${spec}`, `oldObject.${spec}`];
  return {
    name: `${secureDefaults.policyPrefix}${name}`,
    rules: rules.map(({ group, resources: plurals }) => rule(group, plurals)),
    conditions: [
      ...(name === "revisions" ? [{ name: "has-a-pod", expression: hasPath(object) }] : []),
      // Labels, replicas and status of what an administrator made are changed by others, and by controllers, all the time.
      { name: "changed", expression: `request.operation == 'CREATE' || ${object} != ${before}` },
      ...(controllers.length === 0 ? [] : [{ name: "by-no-controller", expression: isNo(controllers) }]),
      ...(isPod ? [{ name: "no-mirror-of-a-static-pod", expression: isNoMirror }] : []),
    ],
    variables: [...podVariables(object), ...(isPod ? [ephemeralVariable] : []), resources],
    expression: isPod ? `${allowed} || (!variables.wildcard && variables.ephemeral)` : allowed,
    message: refusal,
  };
}

/** A volume on a node's own disk is made by administrators; whoever may claim volumes may claim it. */
function volumePolicy(localClasses: readonly string[]): PolicyParts {
  const fields = ["local", "hostPath", "storageClassName", "nodeAffinity"];
  const changed = fields.map((field) => `object.spec.?${field} != oldObject.spec.?${field}`).join(" || ");
  return {
    name: `${secureDefaults.policyPrefix}volumes`,
    rules: [rule("", ["persistentvolumes"])],
    conditions: [{ name: "changed", expression: `request.operation == 'CREATE' || ${changed}` }],
    variables: [...volumeVariables(localClasses), resources],
    expression: allowed,
    message: refusal,
  };
}

/** That each part of a path is there: a revision can hold anything. */
function hasPath(path: string): string {
  const parts = path.split(".");
  const paths = parts.slice(1).map((_part, at) => parts.slice(0, at + 2).join("."));
  return paths.map((each) => `has(${each})`).join(" && ");
}

/** The kubelet shows what it runs of its own accord; nobody but nodes may write that annotation. */
const isNoMirror =
  "!(has(request.userInfo.groups) && 'system:nodes' in request.userInfo.groups && " +
  "has(object.metadata.annotations) && 'kubernetes.io/config.mirror' in object.metadata.annotations)";
