import type { Cluster } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { objectKey } from "../../kubernetes/object-key.ts";
import type { Stored } from "../../kubernetes/plan.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import { attempt, type Read } from "../../reading/read.ts";
import { COMPONENT_LABEL, readLabelled, type ComponentObjects } from "../component.ts";
import { secretReferences, type SecretReference } from "./restart.ts";
import type { TypedObject } from "./typed-objects.ts";

/** What is in the cluster of what an installation is about. */
export interface CurrentState {
  /** The wanted objects that are there. */
  stored: Stored[];
  /** The operator's objects of an earlier installation by this command. */
  installed: ComponentObjects;
  /** Secrets that the pods read and that are not among the wanted objects. */
  secrets: { reference: SecretReference; read: Read<KubernetesObject | undefined> }[];
}

/** Throws where one of the wanted objects may not be read. */
export async function readCurrent(cluster: Cluster, wanted: readonly TypedObject[]): Promise<CurrentState> {
  const own = new Set(wanted.map(({ type, object }) => objectKey(type, object.metadata)));
  const references = wanted.flatMap(({ object }) => (object.kind === "Deployment" ? secretReferences(object) : []));
  const others = references.filter((reference) => !own.has(objectKey(nativeResources.secrets, reference)));
  const [stored, installed, secrets] = await Promise.all([
    Promise.all(wanted.map((one) => readOne(cluster, one))),
    readLabelled(cluster, `${COMPONENT_LABEL}=operator`),
    Promise.all(
      others.map(async (reference) => ({
        reference,
        read: await attempt(() => cluster.get(nativeResources.secrets, reference.name, reference.namespace)),
      })),
    ),
  ]);
  return { stored: stored.flat(), installed, secrets };
}

async function readOne(cluster: Cluster, { type, object: { metadata } }: TypedObject): Promise<Stored[]> {
  const object = await cluster.get(type, metadata.name ?? "", metadata.namespace);
  return object === undefined ? [] : [{ type, object }];
}
