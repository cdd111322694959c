import type { AccessAttributes } from "../../kubernetes/access.ts";
import { mirrordResources, nativeResources, OPERATOR_GROUP } from "../../mirrord/resources.ts";
import { rbacResources } from "../../rbac/resources.ts";

/** `VERB TYPE[.GROUP][/NAME]` or `VERB /path`, as `kubectl auth can-i` takes it. */
export interface PlainQuestion {
  kind: "plain";
  attributes: AccessAttributes;
  /** The question is about one namespace; what is cluster-scoped is never answered by a RoleBinding. */
  namespaced: boolean;
  /** What was not known about verb and type, and so taken for granted. */
  warnings: string[];
}

export function plainQuestion(verb: string, what: string): PlainQuestion {
  if (what.startsWith("/")) return { kind: "plain", attributes: { verb, path: what }, namespaced: false, warnings: [] };
  const slash = what.indexOf("/");
  const type = slash < 0 ? what : what.slice(0, slash);
  const name = slash < 0 ? undefined : what.slice(slash + 1);
  const dot = type.indexOf(".");
  const word = (dot > 0 ? type.slice(0, dot) : type).toLowerCase();
  const group = dot > 0 ? type.slice(dot + 1).replace(VERSION, "") : undefined;
  const known = types.find((one) => one.words.includes(word) && (group === undefined || one.group === group));
  const resource = known?.words[0] ?? (dot > 0 ? type.slice(0, dot) : type);
  const attributes = {
    verb,
    apiGroup: known?.group ?? group ?? "",
    resource,
    ...(name === undefined ? {} : { name }),
    // For a direct request the API server takes a namespace to be in itself.
    ...(resource === "namespaces" && name !== undefined ? { namespace: name } : {}),
  };
  const warnings = [
    ...(isKnownVerb(verb) ? [] : [`verb ${JSON.stringify(verb)} is not a known verb`]),
    ...(known === undefined && group === undefined
      ? [`the type ${JSON.stringify(type)} is not known here and taken for one of the core group: write TYPE.GROUP`]
      : []),
  ];
  return { kind: "plain", attributes, namespaced: known?.namespaced ?? true, warnings };
}

/** Of `deployments.v1.apps`: authorizers do not look at versions. */
const VERSION = /^v\d+((alpha|beta)\d+)?\.(?=.|$)/;

// Sources: kubectl pkg/cmd/auth/cani.go, and the operator contract, section 3.1 (proxy).
const verbs = new Set(
  "get list watch create update patch delete deletecollection use bind impersonate * approve sign escalate attest proxy".split(
    " ",
  ),
);

/** Constrained impersonation has verbs of its own: `impersonate:user-info`, `impersonate-on:user-info:get`. */
export const isKnownVerb = (verb: string): boolean => verbs.has(verb) || /^impersonate(-on)?:/.test(verb);

interface KnownType {
  group: string;
  namespaced: boolean;
  /** The plural that requests name, then the other words for it. */
  words: readonly string[];
}

const others: [group: string, namespaced: boolean, ...types: string[]][] = [
  ["", true, "configmaps cm configmap", "endpoints ep endpoint", "events ev event", "limitranges limits limitrange"],
  ["", true, "persistentvolumeclaims pvc persistentvolumeclaim", "replicationcontrollers rc replicationcontroller"],
  ["", true, "resourcequotas quota resourcequota", "secrets secret", "serviceaccounts sa serviceaccount"],
  ["", false, "nodes no node", "persistentvolumes pv persistentvolume", "componentstatuses cs componentstatus"],
  ["apps", true, "daemonsets ds daemonset", "controllerrevisions controllerrevision"],
  ["autoscaling", true, "horizontalpodautoscalers hpa horizontalpodautoscaler"],
  ["networking.k8s.io", true, "ingresses ing ingress", "networkpolicies netpol networkpolicy"],
  ["networking.k8s.io", false, "ingressclasses ingressclass"],
  ["policy", true, "poddisruptionbudgets pdb poddisruptionbudget"],
  ["coordination.k8s.io", true, "leases lease"],
  ["discovery.k8s.io", true, "endpointslices endpointslice"],
  ["authorization.k8s.io", true, "localsubjectaccessreviews localsubjectaccessreview"],
  [
    "authorization.k8s.io",
    false,
    "subjectaccessreviews subjectaccessreview",
    "selfsubjectaccessreviews",
    "selfsubjectrulesreviews",
  ],
  ["authentication.k8s.io", false, "tokenreviews tokenreview", "selfsubjectreviews"],
  ["certificates.k8s.io", false, "certificatesigningrequests csr certificatesigningrequest"],
  ["apiextensions.k8s.io", false, "customresourcedefinitions crd crds customresourcedefinition"],
  ["admissionregistration.k8s.io", false, "validatingadmissionpolicies", "validatingadmissionpolicybindings"],
  ["admissionregistration.k8s.io", false, "mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
  ["scheduling.k8s.io", false, "priorityclasses pc priorityclass"],
  ["storage.k8s.io", false, "storageclasses sc storageclass", "volumeattachments", "csidrivers", "csinodes"],
  // Sources: operator contract sections 1.1 and 3.6 (cluster paths).
  [OPERATOR_GROUP, false, "mirrordclusteroperatorusercredentials", "branchcredentials", "previewsecretmounts"],
  [OPERATOR_GROUP, true, "queuesplits", "previews"],
  ["preview.mirrord.metalbear.co", true, "previewsessions previewsession"],
];

const shortNames: Readonly<Record<string, readonly string[]>> = {
  pods: ["po"],
  services: ["svc"],
  deployments: ["deploy"],
  statefulsets: ["sts"],
  replicasets: ["rs"],
  cronjobs: ["cj"],
  rollouts: ["ro"],
  namespaces: ["ns"],
};

const types: readonly KnownType[] = [
  ...[nativeResources, rbacResources, mirrordResources].flatMap((list) =>
    Object.values(list).map(({ group, namespaced, resource, kind }): KnownType => ({
      group,
      namespaced,
      words: [resource, kind.toLowerCase(), ...(shortNames[resource] ?? [])],
    })),
  ),
  ...others.flatMap(([group, namespaced, ...names]) =>
    names.map((words): KnownType => ({ group, namespaced, words: words.split(" ") })),
  ),
  // Named last: without its group the word means Kubernetes' own events.
  { group: OPERATOR_GROUP, namespaced: false, words: ["events"] },
];
