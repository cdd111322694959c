import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { uniqueName } from "../control-plane/namespace.ts";
import { clusterRoleBinding, group, user } from "../rbac/objects.ts";

/** A user and a group that may do everything, for walks that become one of them. */
export const boss = uniqueName("boss");
export const bosses = uniqueName("bosses");
export const administrators = (name: string): KubernetesObject[] => [
  clusterRoleBinding(`${name}-bosses`, "cluster-admin", [user(boss), group(bosses)]),
];
