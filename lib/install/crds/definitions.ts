import type {
  V1CustomResourceDefinition,
  V1CustomResourceDefinitionSpec,
  V1CustomResourceDefinitionVersion,
} from "@kubernetes/client-node";
import type { ApiObject, Json } from "../../kubernetes/api-types.ts";
import type { StructuralSchema } from "../../mirrord/policy/schema/crds.ts";
import type { Feature } from "../features.ts";
import { definitions, type Definition } from "./definition-table.ts";
import { schemaFromShape } from "./shape.ts";

/** Its schemas are written by hand: client-node's type for them renames keys (`default` is `_default`). */
export type CustomResourceDefinition = Omit<ApiObject<V1CustomResourceDefinition>, "spec"> & {
  spec: Omit<Json<V1CustomResourceDefinitionSpec>, "versions"> & { versions: DefinitionVersion[] };
};

type DefinitionVersion = Omit<Json<V1CustomResourceDefinitionVersion>, "schema"> & {
  schema: { openAPIV3Schema: StructuralSchema };
};

/** The definitions of an installation. */
export function customResourceDefinitions(features: ReadonlySet<Feature>): readonly CustomResourceDefinition[] {
  const wanted = definitions.filter(({ when }) => when === undefined || when.some((feature) => features.has(feature)));
  return wanted.map(definitionObject);
}

const pluralName = ({ kind, plural }: Definition): string => plural ?? `${kind.toLowerCase()}s`;

function definitionObject(definition: Definition): CustomResourceDefinition {
  const { kind, group, scope, shortName } = definition;
  const singular = kind.toLowerCase();
  const plural = pluralName(definition);
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { kind, listKind: `${kind}List`, plural, singular, ...(shortName ? { shortNames: [shortName] } : {}) },
      versions: [definitionVersion(definition)],
    },
  };
}

function definitionVersion(definition: Definition): DefinitionVersion {
  const { kind, version, spec, status, needsStatusObject = false, columns } = definition;
  const statusKey = needsStatusObject ? "status" : "status?";
  const schema = isWhole(spec)
    ? spec.whole
    : schemaFromShape({ "spec!": spec, ...(status === undefined ? {} : { [statusKey]: status }) });
  return {
    name: version,
    served: true,
    storage: true,
    schema: { openAPIV3Schema: { ...schema, title: kind } },
    ...(status === undefined ? {} : { subresources: { status: {} } }),
    ...(columns === undefined
      ? {}
      : {
          additionalPrinterColumns: Object.entries(columns).map(([name, jsonPath]) => ({
            name,
            type: jsonPath.startsWith(".metadata.") ? "date" : "string",
            jsonPath,
          })),
        }),
  };
}

const isWhole = (spec: Definition["spec"]): spec is { whole: StructuralSchema } =>
  typeof spec === "object" && "whole" in spec;
