import type { V1Secret } from "@kubernetes/client-node";
import { textIn } from "../../json.ts";
import { fieldsIn } from "../../kubernetes/api-types.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { Wanted } from "../../kubernetes/plan.ts";
import { withComponent, type Component } from "../component.ts";
import type { TypedObject } from "./typed-objects.ts";

/** What has to be there before others. All other kinds are between the definitions and the bindings. */
const stages: Readonly<Record<string, number>> = {
  Namespace: 0,
  CustomResourceDefinition: 1,
  RoleBinding: 3,
  ClusterRoleBinding: 3,
  Service: 4,
  Deployment: 5,
  StatefulSet: 5,
  DaemonSet: 5,
  Job: 5,
  CronJob: 5,
  MutatingWebhookConfiguration: 6,
  ValidatingWebhookConfiguration: 6,
  APIService: 6,
};
const OTHERS = 2;

/** Lower stages are written first. */
export const writeStage = (kind: string): number => stages[kind] ?? OTHERS;

/** The objects as they are written, in the stages in which they can be. */
export function wantedObjects(objects: readonly TypedObject[], component: Component): Wanted[] {
  return objects.map(({ type, object }) => ({
    type,
    object: withComponent(secretAsStored(object), component),
    stage: writeStage(object.kind),
  }));
}

/**
 * A Secret with `data` only. The server moves `stringData` there, so that a key which is no longer applied would belong to nobody
 * and stay.
 */
export function secretAsStored(object: KubernetesObject): KubernetesObject {
  if (object.kind !== "Secret" || object.apiVersion !== "v1" || object["stringData"] === undefined) return object;
  const { stringData, data, ...rest } = object;
  const texts = Object.entries(fieldsIn<NonNullable<V1Secret["stringData"]>>(stringData));
  const encoded = texts.map(([key, value]) => [key, Buffer.from(textIn(value)).toString("base64")]);
  return { ...rest, data: { ...fieldsIn<NonNullable<V1Secret["data"]>>(data), ...Object.fromEntries(encoded) } };
}
