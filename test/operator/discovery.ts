import type { Reply } from "./reply.ts";
import { hasFeature } from "./settings.ts";
import type { Settings } from "./settings.ts";
import { operatorGroup } from "./status.ts";
import { apiVersion } from "./lists.ts";

interface Served {
  name: string;
  singularName: string;
  kind: string;
  namespaced: boolean;
  verbs: readonly string[];
}

const version = { groupVersion: apiVersion, version: "v1" };
const group = { name: operatorGroup, versions: [version], preferredVersion: version };

/** Undefined for paths that are no discovery. */
export function discover(pathname: string, settings: Settings): Reply | undefined {
  switch (pathname.replace(/\/$/, "")) {
    case "/apis":
      return { code: 200, json: { kind: "APIGroupList", apiVersion: "v1", groups: [group] } };
    case `/apis/${operatorGroup}`:
      return { code: 200, json: { kind: "APIGroup", apiVersion: "v1", ...group } };
    case `/apis/${apiVersion}`:
      return { code: 200, json: resourceList(settings) };
    default:
      return undefined;
  }
}

/**
 * The namespace controller deletes what is listed here with delete or deletecollection, so what has neither cannot keep
 * a namespace from going.
 */
function resourceList(settings: Settings) {
  const proxy = hasFeature(settings, "ProxyApi") ? ["proxy"] : [];
  const resources: Served[] = [
    cluster("mirrordoperators", "MirrordOperator", "get", "list"),
    cluster("mirrordoperators/certificate", "MirrordOperator", "create"),
    namespaced("targets", "Target", "get", "list", ...proxy),
    namespaced("targets/port-locks", "Target", "get", "list"),
    namespaced("copytargets", "CopyTarget", "create", "delete", "deletecollection", "get", "list", ...proxy),
  ];
  if (!settings.legacy) {
    resources.push(
      cluster("mirrordclusteroperatorusercredentials", "MirrordClusterOperatorUserCredential", "create"),
      namespaced("sessions", "Session", "get", "list", "delete", "deletecollection"),
      namespaced("queuesplits", "QueueSplit", "get", "list"),
      cluster("events", "Event", "watch"),
      cluster("branchcredentials", "BranchCredential", "create"),
      cluster("previewsecretmounts", "PreviewSecretMount", "create"),
    );
  }
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: apiVersion,
    resources: resources,
  };
}

function cluster(name: string, kind: string, ...verbs: string[]): Served {
  return { name, singularName: singular(name), kind, namespaced: false, verbs };
}

function namespaced(name: string, kind: string, ...verbs: string[]): Served {
  return { name, singularName: singular(name), kind, namespaced: true, verbs };
}

function singular(name: string): string {
  return name.includes("/") ? "" : name.replace(/s$/, "");
}
