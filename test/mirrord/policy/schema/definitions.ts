import type {
  V1CustomResourceDefinition,
  V1CustomResourceDefinitionSpec,
  V1CustomResourceDefinitionVersion,
} from "@kubernetes/client-node";
import type { ApiObject, Json } from "../../../../lib/kubernetes/api-types.ts";
import { POLICIES_GROUP } from "../../../../lib/mirrord/resources.ts";
import {
  builtInSchema,
  definitionName,
  policyTypes,
  type StructuralSchema,
} from "../../../../lib/mirrord/policy/schema/crds.ts";

/** Its schemas are written by hand: client-node's type for them renames keys (`default` is `_default`). */
type CustomResourceDefinition = Omit<ApiObject<V1CustomResourceDefinition>, "spec"> & {
  spec: Omit<Json<V1CustomResourceDefinitionSpec>, "versions"> & { versions: DefinitionVersion[] };
};

type DefinitionVersion = Omit<Json<V1CustomResourceDefinitionVersion>, "schema"> & {
  schema: { openAPIV3Schema: StructuralSchema };
};

/**
 * The definitions of both kinds, to install them. Source: operator contract, Appendix A. Without the format `uint16`, which
 * the API server does not know and warns about; minimum and maximum say the same.
 */
export const policyDefinitions: readonly CustomResourceDefinition[] = policyTypes.map((type) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: definitionName(type) },
  spec: {
    group: POLICIES_GROUP,
    scope: type.namespaced ? "Namespaced" : "Cluster",
    names: {
      kind: type.kind,
      listKind: `${type.kind}List`,
      plural: type.resource,
      singular: type.kind.toLowerCase(),
    },
    versions: [
      {
        name: type.version,
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { ...builtInSchema, title: type.kind } },
      },
    ],
  },
}));
