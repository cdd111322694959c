// Facts taken from Kubernetes 1.36: inputs and outcomes of its own tables (authorize, effective-rules, applies-to, covers,
// path-covers, compact, simple) and of questions and writes to a live API server (reviews, writes).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { AccessRequest, UserInfo } from "../../lib/kubernetes/access.ts";
import type { SingleResource } from "../../lib/rbac/compact.ts";
import type { PolicyRule, Subject } from "../../lib/rbac/types.ts";

export interface Vectors {
  authorize: { name: string; objects: KubernetesObject[]; checks: { request: AccessRequest; allowed: boolean }[] }[];
  "effective-rules": {
    objects: KubernetesObject[];
    checks: { user: UserInfo; namespace: string; rules: PolicyRule[] }[];
  }[];
  /** `index` of the subject that applies; absent when none does. */
  "applies-to": { name: string; namespace: string; subjects: Subject[]; user: UserInfo; index?: number }[];
  covers: { name: string; owner: PolicyRule[]; servant: PolicyRule[]; uncovered: PolicyRule[]; covered: boolean }[];
  "path-covers": [owner: string, servant: string, covered: boolean][];
  compact: { name: string; rules: PolicyRule[]; compacted: PolicyRule[] }[];
  simple: { name: string; rule: PolicyRule; resource?: SingleResource }[];
  /** `node`: the Node authorizer answered. */
  reviews: {
    objects: KubernetesObject[];
    cases: { name: string; request: AccessRequest; allowed: boolean; reason: string; node?: true }[];
  };
  writes: {
    objects: KubernetesObject[];
    cases: { name: string; user: UserInfo; object: KubernetesObject; code: number; message: string }[];
  };
}

export function vectors<Name extends keyof Vectors>(name: Name): Vectors[Name] {
  const parsed: Vectors[Name] = JSON.parse(readFileSync(join(import.meta.dirname, "vectors", `${name}.json`), "utf8"));
  return parsed;
}
