// Pods read a Secret when they start: where a licence or certificate changes, they have to be replaced.

import { createHash } from "node:crypto";
import type { V1Container, V1EnvFromSource, V1EnvVar, V1Volume } from "@kubernetes/client-node";
import { listIn, objectIn, textIn, type JsonObject } from "../../json.ts";
import { fieldsIn } from "../../kubernetes/api-types.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { podSpec } from "../../mirrord/workload.ts";

/** On a pod template: a digest of the Secrets that its containers read. Of a key that nobody can guess it gives nothing away. */
const SECRETS_ANNOTATION = "kubectl-mirrord.io/secrets-digest";

// What the operator reads its licence from. Source: operator contract sections 4.3 and 4.4.
const LICENSE_KEY = "OPERATOR_LICENSE_KEY";
const LICENSE_VOLUME = "license-volume";
const LICENSE_FILE = "license.pem";

/** A Secret that pods cannot start without, and the keys that it has to have. */
export interface SecretReference {
  namespace: string;
  name: string;
  keys: string[];
}

/** The Secrets that the pods of a workload read. */
export function secretReferences(workload: KubernetesObject): SecretReference[] {
  const { namespace = "" } = workload.metadata;
  const { containers, initContainers, volumes } = podSpec(workload);
  const found = new Map<string, Set<string>>();
  const add = (name: unknown, ...keys: string[]) => {
    if (textIn(name) !== "") found.set(textIn(name), new Set([...(found.get(textIn(name)) ?? []), ...keys]));
  };
  for (const container of [...listIn(containers), ...listIn(initContainers)].map((one) => fieldsIn<V1Container>(one))) {
    for (const source of listIn(container.envFrom)) {
      add(objectIn(fieldsIn<V1EnvFromSource>(source).secretRef)["name"], LICENSE_KEY);
    }
    for (const variable of listIn(container.env)) {
      const { name, key } = objectIn(objectIn(fieldsIn<V1EnvVar>(variable).valueFrom)["secretKeyRef"]);
      add(name, textIn(key));
    }
  }
  for (const volume of listIn(volumes).map((one) => fieldsIn<V1Volume>(one))) {
    add(objectIn(volume.secret)["secretName"], ...(volume.name === LICENSE_VOLUME ? [LICENSE_FILE] : []));
  }
  return [...found].map(([name, keys]) => ({ namespace, name, keys: [...keys] }));
}

/**
 * The workload with the digest of these Secrets, of which there is at least one.
 * @param secrets as they are or will be stored, with `data`
 */
export function withSecretsDigest(workload: KubernetesObject, secrets: readonly KubernetesObject[]): KubernetesObject {
  const sorted = secrets.toSorted((a, b) => ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1));
  const contents = sorted.map(({ metadata, data }) => [metadata.name, sortedEntries(objectIn(data))]);
  return withAnnotation(workload, createHash("sha256").update(JSON.stringify(contents)).digest("hex").slice(0, 32));
}

const sortedEntries = (data: JsonObject) => Object.entries(data).toSorted(([a], [b]) => (a < b ? -1 : 1));

/** The workload with the digest that it has: the Secrets could not be read, which is no reason to replace its pods. */
export function withSameDigest(workload: KubernetesObject, current: KubernetesObject | undefined): KubernetesObject {
  const digest = textIn(objectIn(objectIn(podTemplate(current)["metadata"])["annotations"])[SECRETS_ANNOTATION]);
  return digest === "" ? workload : withAnnotation(workload, digest);
}

const podTemplate = (workload: KubernetesObject | undefined) => objectIn(objectIn(workload?.["spec"])["template"]);

function withAnnotation(workload: KubernetesObject, digest: string): KubernetesObject {
  const template = podTemplate(workload);
  const metadata = objectIn(template["metadata"]);
  const annotations = { ...objectIn(metadata["annotations"]), [SECRETS_ANNOTATION]: digest };
  const spec = { ...objectIn(workload["spec"]), template: { ...template, metadata: { ...metadata, annotations } } };
  return { ...workload, spec };
}
