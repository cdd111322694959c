// The kind Organization, as the access model installs it. Source: design section 3.1, and the facts about it on a real API server.

import type { KubernetesObject } from "../../kubernetes/object.ts";
import { LONGEST_NAME, namePattern } from "../../kubernetes/organization-name.ts";
import { resourceType } from "../../kubernetes/resources.ts";

/** Where organizations live in the API. */
export const organizationType = resourceType(
  "access.kubectl-mirrord.io/v1alpha1",
  "Cluster",
  "organizations",
  "Organization",
  "mirrordorg",
);

/** Lists are as long as the API server's budget for CEL rules allows: it counts the longest of each. Larger teams are groups. */
export const organizationLimits = {
  teams: 200,
  members: 5000,
  teamMembers: 1000,
  groups: 200,
  textLength: 256,
} as const;

const name = { type: "string", minLength: 1, maxLength: LONGEST_NAME, pattern: namePattern };
const description = { type: "string", maxLength: 1024 };

// A list that is atomic is replaced as a whole: whoever a GitOps tool takes out of its file is out, whoever else wrote the list.
const texts = (maxItems: number, describe: string, rules: readonly { rule: string; message: string }[]) => ({
  type: "array",
  description: describe,
  maxItems,
  "x-kubernetes-list-type": "atomic",
  items: {
    type: "string",
    minLength: 1,
    maxLength: organizationLimits.textLength,
    pattern: "^[^\\x00-\\x1f\\x7f]+$",
    "x-kubernetes-validations": rules,
  },
});

const belonging = (members: number) => ({
  members: texts(members, "Users and service accounts, as a grant names them: jim, user:jim or sa:NAMESPACE/NAME.", [
    {
      rule: "!self.startsWith('group:') && !self.startsWith('team:') && !self.startsWith('org:')",
      message: "a member is a user or a service account; groups go under groups",
    },
    {
      rule: "self.startsWith('system:serviceaccount:') || !(self.startsWith('system:') || self.startsWith('user:system:'))",
      message: "system: users cannot be members",
    },
  ]),
  groups: texts(
    organizationLimits.groups,
    "Groups of the identity provider, by the names that the API server sees, such as oidc:web.",
    [
      { rule: "!self.startsWith('system:')", message: "system: groups cannot belong to an organization or a team" },
      { rule: "!self.startsWith('group:')", message: "write the group's name alone, without group:" },
    ],
  ),
});

const spec = {
  type: "object",
  properties: {
    description,
    ...belonging(organizationLimits.members),
    teams: {
      type: "array",
      description: "The teams, each in this organization alone.",
      maxItems: organizationLimits.teams,
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      items: {
        type: "object",
        required: ["name"],
        properties: { name, description, ...belonging(organizationLimits.teamMembers) },
      },
    },
  },
};

const { group, version, resource, kind, shortNames = [] } = organizationType;

/** The CustomResourceDefinition, complete; `install --access-model` applies it. */
export const organizationDefinition: KubernetesObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${resource}.${group}` },
  spec: {
    group,
    scope: "Cluster",
    names: {
      kind,
      listKind: `${kind}List`,
      plural: resource,
      singular: kind.toLowerCase(),
      shortNames: [...shortNames],
    },
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        // A path with [*] would show the first element alone, so teams have no column.
        additionalPrinterColumns: [
          { name: "Description", type: "string", jsonPath: ".spec.description" },
          { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
        ],
        schema: {
          openAPIV3Schema: {
            type: "object",
            description: "Who belongs together: teams, their members, and groups of the identity provider.",
            properties: { spec },
            "x-kubernetes-validations": [
              {
                rule: `self.metadata.name.size() <= ${LONGEST_NAME} && self.metadata.name.matches('${namePattern}')`,
                message: `the name of an organization has at most ${LONGEST_NAME} lower-case letters, digits and '-'`,
              },
            ],
          },
        },
      },
    ],
  },
};
