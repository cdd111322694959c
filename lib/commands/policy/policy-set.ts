import type { Cluster } from "../../kube/cluster.ts";
import type { ReadOptions } from "../../kube/manifests/folder.ts";
import { keyByKind } from "../../kubernetes/object-key.ts";
import { readPolicy, type PolicyRef } from "../../mirrord/policy/spec.ts";
import type { MirrordPolicy } from "../../mirrord/policy.ts";
import { readPolicies } from "../../reading/policies.ts";
import { readPolicyFiles } from "./files.ts";
import { inNamespace } from "./local.ts";

/** The policies that are weighed: those of the cluster, with those of files in place of their namesakes. */
export interface PolicySet {
  policies: MirrordPolicy[];
  /** Kinds that could not be listed, as plural resource names. */
  unreadable: string[];
  /** Where a policy of a file stands, by `policyKey`. */
  places: ReadonlyMap<string, { file: string; line: number }>;
  /** The policies of files, in their order. */
  local: MirrordPolicy[];
}

export function policyKey(ref: PolicyRef): string {
  return keyByKind(ref.kind, ref);
}

/** @param namespace left out: of every namespace; policies without one in their file are in `fallback` */
export async function readPolicySet(
  cluster: Cluster,
  files: readonly string[],
  { namespace, fallback, ...reading }: { namespace: string | undefined; fallback: string } & ReadOptions,
): Promise<PolicySet> {
  const local = (files.length === 0 ? [] : readPolicyFiles(files, reading)).map((one) =>
    inNamespace(one, undefined, fallback),
  );
  const { policies, unreadable } = await readPolicies(cluster, namespace);
  const places = new Map(local.map(({ policy, file, line }) => [policyKey(readPolicy(policy).ref), { file, line }]));
  const kept = policies.filter((policy) => !places.has(policyKey(readPolicy(policy).ref)));
  const own = local.map(({ policy }) => policy);
  return { policies: [...kept, ...own], unreadable, places, local: own };
}
