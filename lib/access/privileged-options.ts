import { isJsonObject, listIn, objectIn, textIn } from "../json.ts";

// What only administrators may have in a pod: the one table from which the admission policies, the roles of exemptions, the
// report and can-i are made. Source: access model, MKE-30 to MKE-37.

export type PrivilegedOption =
  | "hostIPC"
  | "hostNetwork"
  | "hostPID"
  | "allowPrivilegeEscalation"
  | "capabilities"
  | "privileged"
  | "hostPath";

/** `localVolume`: a PersistentVolume on a node's own disk. It has no namespace, and is exempted everywhere or not at all. */
export type PrivilegedAttribute = PrivilegedOption | "localVolume";

export interface OptionRule {
  name: PrivilegedOption;
  /** Where it stands: once in the pod's spec, in each container of the three lists, or in each volume. */
  of: "pod" | "container" | "volume";
  /** From there. */
  path: readonly [string, ...string[]];
  /** When it offends: the value is true, the list has items, or it is there at all. */
  when: "true" | "filled" | "present";
}

export const privilegedOptions: readonly OptionRule[] = [
  { name: "hostIPC", of: "pod", path: ["hostIPC"], when: "true" },
  { name: "hostNetwork", of: "pod", path: ["hostNetwork"], when: "true" },
  { name: "hostPID", of: "pod", path: ["hostPID"], when: "true" },
  {
    // Left out, it is true as well: but then nearly every pod would be refused, and the page speaks of what is defined.
    name: "allowPrivilegeEscalation",
    of: "container",
    path: ["securityContext", "allowPrivilegeEscalation"],
    when: "true",
  },
  { name: "capabilities", of: "container", path: ["securityContext", "capabilities", "add"], when: "filled" },
  { name: "privileged", of: "container", path: ["securityContext", "privileged"], when: "true" },
  { name: "hostPath", of: "volume", path: ["hostPath"], when: "present" },
];

export const containerLists = ["initContainers", "containers", "ephemeralContainers"] as const;

export const privilegedAttributes: readonly PrivilegedAttribute[] = [
  ...privilegedOptions.map(({ name }) => name),
  "localVolume",
];

/** The virtual resource that exemptions are rights on: `use privilegedattributes/hostPID` in a namespace. */
export const ACCESS_GROUP = "access.kubectl-mirrord.io";
export const ATTRIBUTES_RESOURCE = "privilegedattributes";

/**
 * A name that no exemption gives. Whoever may `use` it as well holds a wildcard, such as a Role of `*` on `*`, which was not
 * meant as an exemption, and is not exempt.
 */
export const CANARY = "not-an-exemption";

/** With this name, all options are allowed in what is changed by `pods/ephemeralcontainers`: agents in a running pod. */
export const EPHEMERAL = "ephemeralContainers";

/** One finding in a pod: `spec.hostPID`, `containers[app].privileged`, `volumes[data].hostPath`. */
export interface Offence {
  option: PrivilegedOption;
  path: string;
}

/** What of a pod's spec needs an administrator or an exemption; in the order of the table, as the policies name it. */
export function podOffences(spec: unknown): Offence[] {
  return privilegedOptions.flatMap((rule) =>
    placesIn(objectIn(spec), rule).map((path) => ({ option: rule.name, path })),
  );
}

function placesIn(spec: Record<string, unknown>, { name, of, path, when }: OptionRule): string[] {
  const offends = (from: unknown) => {
    const value = path.reduce((at: unknown, key) => objectIn(at)[key], from);
    if (when === "true") return value === true;
    return when === "filled" ? listIn(value).length > 0 : isJsonObject(value);
  };
  if (of === "pod") return offends(spec) ? [`spec.${name}`] : [];
  const lists = of === "volume" ? ["volumes"] : containerLists;
  return lists.flatMap((list) =>
    listIn(spec[list])
      .filter(offends)
      .map((item) => `${list}[${textIn(objectIn(item)["name"])}].${name}`),
  );
}
