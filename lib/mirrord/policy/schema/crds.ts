import type { ResourceType } from "../../../kubernetes/object.ts";
import { mirrordResources } from "../../resources.ts";

/** A structural schema, `openAPIV3Schema` of a CustomResourceDefinition; as much of it as decides what is accepted. */
export interface StructuralSchema {
  type?: string;
  nullable?: boolean;
  default?: unknown;
  enum?: readonly unknown[];
  minimum?: number;
  maximum?: number;
  items?: StructuralSchema;
  properties?: Readonly<Record<string, StructuralSchema>>;
  required?: readonly string[];
  additionalProperties?: boolean | StructuralSchema;
  [keyword: string]: unknown;
}

/** The kinds of policies, with where they live in the API. */
export const policyTypes: readonly ResourceType[] = [mirrordResources.policies, mirrordResources.clusterPolicies];

export function definitionName({ resource, group }: ResourceType): string {
  return `${resource}.${group}`;
}

const text: StructuralSchema = { type: "string" };
const optionalText: StructuralSchema = { type: "string", nullable: true };
const texts: StructuralSchema = { type: "array", items: text, default: [] };

function fields(
  properties: Record<string, StructuralSchema>,
  more: Pick<StructuralSchema, "required" | "nullable" | "default"> = {},
): StructuralSchema {
  return { type: "object", properties, ...more };
}

const port = fields(
  {
    port: { type: "integer", minimum: 0, maximum: 65_535 },
    protocol: { type: "string", enum: ["TCP", "UDP"] },
  },
  { required: ["port", "protocol"] },
);

const outgoingRules: StructuralSchema = {
  type: "array",
  default: [],
  items: fields({
    hostname: optionalText,
    ipBlock: fields({ cidr: text, except: texts }, { required: ["cidr"], nullable: true }),
    ports: { type: "array", items: port, default: [] },
  }),
};

const selector = fields(
  {
    matchExpressions: {
      type: "array",
      nullable: true,
      items: fields(
        {
          key: text,
          operator: { type: "string", enum: ["In", "NotIn", "Exists", "DoesNotExist"] },
          values: { type: "array", items: text, nullable: true },
        },
        { required: ["key", "operator"] },
      ),
    },
    matchLabels: { type: "object", additionalProperties: text, nullable: true },
  },
  { nullable: true },
);

const noHeaderFilter = { headerFilter: null };
const noOutgoing = { allow: [], block: [] };

const spec = fields(
  {
    appliesToCopyTargets: { type: "boolean", default: false },
    block: {
      type: "array",
      items: { type: "string", enum: ["steal", "steal-without-filter", "mirror", "copy-target-scale-down"] },
    },
    env: fields({ exclude: texts }, { default: { exclude: [] } }),
    fs: fields(
      { local: texts, notFound: texts, readOnly: texts },
      { default: { local: [], notFound: [], readOnly: [] } },
    ),
    network: fields(
      {
        incoming: fields(
          { httpFilter: fields({ headerFilter: optionalText }, { default: noHeaderFilter }) },
          { default: { httpFilter: noHeaderFilter } },
        ),
        outgoing: fields({ allow: outgoingRules, block: outgoingRules }, { default: noOutgoing }),
      },
      { default: { incoming: { httpFilter: noHeaderFilter }, outgoing: noOutgoing } },
    ),
    profileAllowlist: { type: "array", items: text, nullable: true },
    requireProfile: { type: "boolean", default: false },
    selector,
    targetPath: optionalText,
  },
  { required: ["block"] },
);

/** What both kinds may say, as of chart 3.187.0: used where the installed definition cannot be read. */
export const builtInSchema: StructuralSchema = fields({ spec }, { required: ["spec"] });
