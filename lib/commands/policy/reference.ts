import { usageError } from "../../errors.ts";
import type { ResourceType } from "../../kubernetes/object.ts";
import type { PolicyRef } from "../../mirrord/policy/spec.ts";
import { mirrordResources } from "../../mirrord/resources.ts";

/** A policy that somebody named. */
export interface NamedPolicy {
  type: ResourceType;
  name: string;
  namespace: string | undefined;
}

/** `NAME`, or `mirrordpolicy/NAME` and `mirrordclusterpolicy.policies.mirrord.metalbear.co/NAME` as `-o name` prints them. */
export function parseReference(
  text: string,
  { isCluster, namespace }: { isCluster: boolean; namespace: string },
): NamedPolicy {
  const slash = text.indexOf("/");
  const word = slash < 0 ? "" : (text.slice(0, slash).split(".")[0] ?? "").toLowerCase();
  const type =
    slash < 0 ? (isCluster ? mirrordResources.clusterPolicies : mirrordResources.policies) : typeOfWord(word);
  const name = text.slice(slash + 1);
  if (type === undefined || name === "" || name.includes("/")) {
    throw usageError(
      `cannot read ${JSON.stringify(text)} as a policy`,
      "Write NAME, mirrordpolicy/NAME or mirrordclusterpolicy/NAME.",
    );
  }
  return { type, name, namespace: type.namespaced ? namespace : undefined };
}

function typeOfWord(word: string): ResourceType | undefined {
  return [mirrordResources.policies, mirrordResources.clusterPolicies].find(
    ({ kind, resource }) => word === kind.toLowerCase() || word === resource,
  );
}

/** For `-o name`, and for the commands to take back. */
export function referenceName({ kind, name }: PolicyRef): string {
  return `${kind.toLowerCase()}.${mirrordResources.policies.group}/${name}`;
}
