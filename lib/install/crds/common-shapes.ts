// What several definitions have in common. Source: operator contract, Appendix A (chart 3.187.0).

import type { Shape } from "./shape.ts";

export const texts: Shape = ["string"];

export const textMap: Shape = { "<>": "string" };

export const labelSelector: Shape = {
  "matchExpressions?": [{ "key!": "string", "operator!": "enum:In|NotIn|Exists|DoesNotExist", "values?": texts }],
  "matchLabels?": textMap,
};

export const owner: Shape = {
  "hostname!": "string",
  "k8sUsername!": "string",
  "userId!": "string",
  "username!": "string",
};

export const target: Shape = { "apiVersion!": "string", "container!": "string", "kind!": "string", "name!": "string" };

export const workloadReference: Shape = {
  "apiVersion!": "string",
  "kind!": "string",
  "name!": "string",
  "namespace!": "string",
};
