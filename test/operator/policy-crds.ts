// The two policy kinds as CustomResourceDefinitions, with the schema that decides what a policy may say.
import { connectKube } from "./kube.ts";
import type { Plane } from "./registration.ts";
import { until } from "../until.ts";

const text = { type: "string" };
const texts = { type: "array", items: text, default: [] };
const nullableText = { type: "string", nullable: true };

const outgoingRule = object({
  hostname: nullableText,
  ipBlock: { ...object({ cidr: text, except: texts }, ["cidr"]), nullable: true },
  ports: {
    type: "array",
    default: [],
    items: object(
      {
        port: { type: "integer", minimum: 0, maximum: 65_535 },
        protocol: { type: "string", enum: ["TCP", "UDP"] },
      },
      ["port", "protocol"],
    ),
  },
});
const outgoingRules = { type: "array", items: outgoingRule, default: [] };

const selector = {
  ...object({
    matchLabels: { type: "object", additionalProperties: text, nullable: true },
    matchExpressions: {
      type: "array",
      nullable: true,
      items: object(
        {
          key: text,
          operator: { type: "string", enum: ["In", "NotIn", "Exists", "DoesNotExist"] },
          values: { type: "array", items: text, nullable: true },
        },
        ["key", "operator"],
      ),
    },
  }),
  nullable: true,
};

const spec = object(
  {
    targetPath: nullableText,
    selector,
    block: {
      type: "array",
      items: { type: "string", enum: ["steal", "steal-without-filter", "mirror", "copy-target-scale-down"] },
    },
    appliesToCopyTargets: { type: "boolean", default: false },
    requireProfile: { type: "boolean", default: false },
    profileAllowlist: { type: "array", items: text, nullable: true },
    env: object({ exclude: texts }),
    fs: object({ readOnly: texts, local: texts, notFound: texts }),
    network: object({
      incoming: object({ httpFilter: object({ headerFilter: nullableText }) }),
      outgoing: object({ allow: outgoingRules, block: outgoingRules }),
    }),
  },
  ["block"],
);

function object(properties: Record<string, unknown>, required: string[] = []) {
  return { type: "object", properties, ...(required.length === 0 ? {} : { required }) };
}

function definition(kind: string, scope: "Namespaced" | "Cluster", plural: string) {
  const group = "policies.mirrord.metalbear.co";
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: "v1alpha",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: object({ spec }, ["spec"]) },
        },
      ],
    },
  };
}

/** MirrordPolicy and MirrordClusterPolicy, version v1alpha. */
const policyCrds = [
  definition("MirrordPolicy", "Namespaced", "mirrordpolicies"),
  definition("MirrordClusterPolicy", "Cluster", "mirrordclusterpolicies"),
];

/** Applies both, and waits until objects of both can be listed. */
export async function installPolicyCrds(plane: Plane): Promise<void> {
  const kube = connectKube({ server: plane.server, ca: plane.ca, token: plane.admin.token });
  try {
    for (const crd of policyCrds) {
      const { name } = crd.metadata;
      const { code, body } = await kube.apply(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`, crd);
      if (code > 201) throw new Error(`${name} was not applied: ${JSON.stringify(body)}`);
    }
    for (const {
      spec: { group, names },
    } of policyCrds) {
      await until(`${names.plural} are served`, async () => {
        return (await kube.get(`/apis/${group}/v1alpha/${names.plural}`)).code === 200;
      });
    }
  } finally {
    kube.stop();
  }
}
