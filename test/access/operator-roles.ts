import { readFileSync } from "node:fs";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { parseDocuments } from "../../lib/yaml.ts";

const file = new URL("../../examples/operator.yaml", import.meta.url);

/** The roles of the operator's chart, as the example cluster has them. */
export const operatorClusterRoles = (
  parseDocuments(readFileSync(file, "utf8"), { source: "operator.yaml" }) as KubernetesObject[]
).filter(({ kind }) => kind === "ClusterRole");
