import type { AccessAttributes } from "../lib/kubernetes/access.ts";

/** `get apps/deployments/scale web in dev`: every part of a question in a line. */
export function describeAttributes(attributes: AccessAttributes): string {
  if ("path" in attributes) return `${attributes.verb} ${attributes.path}`;
  const { verb, apiGroup, resource, subresource, name, namespace } = attributes;
  const type = [apiGroup, resource, ...(subresource === undefined ? [] : [subresource])].join("/");
  return [
    verb,
    type,
    ...(name === undefined ? [] : [name]),
    ...(namespace === undefined ? [] : ["in", namespace]),
  ].join(" ");
}
