import { customResourceDefinitions, type CustomResourceDefinition } from "../../../../lib/install/crds/definitions.ts";
import { POLICIES_GROUP } from "../../../../lib/mirrord/resources.ts";

/** The definitions of both kinds of policies, to install them. */
export const policyDefinitions: readonly CustomResourceDefinition[] = customResourceDefinitions(new Set()).filter(
  ({ spec }) => spec.group === POLICIES_GROUP,
);
