import { usageError } from "../../errors.ts";
import { didYouMean } from "../../text/suggest.ts";
import type { PrivilegedAttribute } from "../../access/privileged-options.ts";

// Add-ons whose own controllers make privileged pods or local volumes, with accounts that are no administrators: under the secure
// defaults they would stop. What is in kube-system is exempt already, but for volumes. A proposal
// that the administrator confirms: accounts differ between the ways to install an add-on.

export interface AddOn {
  /** As an administrator names it. */
  name: string;
  account: { namespace: string; name: string };
  /** Where it makes pods; `*` for everywhere. */
  namespaces: readonly string[];
  attributes: readonly PrivilegedAttribute[];
}

const podOptions = [
  "hostIPC",
  "hostNetwork",
  "hostPID",
  "allowPrivilegeEscalation",
  "capabilities",
  "privileged",
  "hostPath",
] as const;

/** An add-on that keeps to the namespace of its account, and may have everything there. */
const atHome = (name: string, namespace: string, account: string): AddOn => ({
  name,
  account: { namespace, name: account },
  namespaces: [namespace],
  attributes: podOptions,
});

const volumes = (name: string, namespace: string, account: string): AddOn => ({
  name,
  account: { namespace, name: account },
  namespaces: ["*"],
  attributes: ["localVolume"],
});

export const addOns: readonly AddOn[] = [
  {
    ...atHome("calico", "tigera-operator", "tigera-operator"),
    namespaces: ["tigera-operator", "calico-system", "calico-apiserver"],
  },
  atHome("gpu-operator", "gpu-operator", "gpu-operator"),
  {
    name: "kubevirt",
    account: { namespace: "kubevirt", name: "kubevirt-controller" },
    namespaces: ["*"],
    attributes: ["capabilities"],
  },
  atHome("kubevirt-operator", "kubevirt", "kubevirt-operator"),
  {
    name: "local-path-provisioner",
    account: { namespace: "local-path-storage", name: "local-path-provisioner-service-account" },
    namespaces: ["*"],
    attributes: ["hostPath", "localVolume"],
  },
  volumes("local-static-provisioner", "kube-system", "local-storage-admin"),
  atHome("longhorn", "longhorn-system", "longhorn-service-account"),
  {
    name: "openebs",
    account: { namespace: "openebs", name: "openebs-localpv-provisioner" },
    namespaces: ["*"],
    attributes: ["hostPath", "privileged", "localVolume"],
  },
  atHome("rook-ceph", "rook-ceph", "rook-ceph-system"),
  atHome("system-upgrade", "system-upgrade", "system-upgrade"),
  atHome("trivy", "trivy-system", "trivy-operator"),
];

/** @throws UserError "usage" for one that is not in the table */
export function addOnByName(name: string): AddOn {
  const found = addOns.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = addOns.map((each) => each.name);
  throw usageError(`no add-on is known by the name ${JSON.stringify(name)}`, [
    didYouMean(name, names) ?? `Those that are known: ${names.join(", ")}`,
    "For another one: kubectl mirrord grant sa:NAMESPACE/NAME --privileged OPTION,… --ns NAMESPACE",
  ]);
}
