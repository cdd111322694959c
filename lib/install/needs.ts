import type { Guard } from "../access/guard.ts";
import { organizationDefinition } from "../access/organizations/definition.ts";
import { accessModel, operatorRoles } from "../access/names.ts";
import { definitionName, policyTypes } from "../mirrord/policy/schema/crds.ts";
import { installedObject, type InstallationStatus } from "./status.ts";

/** What another plugin needs of an installation. */
export interface Need {
  plugin: "grant" | "policy";
  /** As people name it: `clusterrole mirrord-operator-user`. */
  needs: string;
  state: "there" | "missing" | "unknown";
  /** What is not possible without it. */
  without: string;
}

/** What `grant` and `policy` need, and whether it is there. Pure. */
export function needs(status: InstallationStatus): Need[] {
  const { grantGuard, anchorGuard, collectionGuard, organizations, sync } = status.access;
  const there = (is: boolean): Need["state"] => (is ? "there" : "missing");
  const guard = ({ guards, unreadable }: Guard) => (unreadable.length > 0 ? "unknown" : there(guards));
  const grant = (what: string, state: Need["state"], without: string): Need => ({
    plugin: "grant",
    needs: what,
    state,
    without,
  });
  return [
    grant(`clusterrole ${operatorRoles.user}`, roleState(status, operatorRoles.user), "--role user gives nothing"),
    grant(`clusterrole ${operatorRoles.basic}`, roleState(status, operatorRoles.basic), "no grant gives anything"),
    grant(`policy ${accessModel.policy}`, guard(grantGuard), "whoever writes a grant's binding by hand can grant"),
    grant(`policy ${accessModel.anchorPolicy}`, guard(anchorGuard), "whoever writes Jobs can keep access past its end"),
    grant(
      `policy ${accessModel.namespacePolicy}`,
      guard(collectionGuard),
      "whoever labels a namespace puts it into a collection",
    ),
    grant(
      `definition ${organizationDefinition.metadata.name}`,
      organizations === "forbidden" ? "unknown" : there(organizations !== "absent"),
      "there are no organizations and teams",
    ),
    grant(
      `cronjob ${accessModel.sync.namespace}/${accessModel.sync.name}`,
      sync.runs || sync.unread === undefined ? there(sync.runs) : "unknown",
      "grant -A --for is refused",
    ),
    ...policyTypes.map((type): Need => ({
      plugin: "policy",
      needs: `definition ${definitionName(type)}`,
      state: definitionStanding(status, definitionName(type)),
      without: `there is no ${type.kind}`,
    })),
  ];
}

function roleState({ installed }: InstallationStatus, name: string): Need["state"] {
  if (installedObject(installed, "ClusterRole", name) !== undefined) return "there";
  return installed.unreadable.includes("clusterroles") ? "unknown" : "missing";
}

function definitionStanding({ installed, definitions }: InstallationStatus, name: string): Need["state"] {
  if (installed.unreadable.includes("customresourcedefinitions")) return "unknown";
  const state = definitions.find((one) => one.name === name)?.state ?? "missing";
  return ["missing", "ending", "unserved"].includes(state) ? "missing" : "there";
}
