import { RBAC_GROUP } from "../kubernetes/resources.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { PolicyRule } from "./types.ts";
import { roleRules } from "./decode.ts";
import { stockRbac } from "./write/stock.ts";

// The rules of the roles of controllers, nodes and add-ons that every cluster starts with; those for people are in stock.ts. A
// role a line, `ROLE = VERBS GROUP:RESOURCES@NAMES; VERBS PATHS`; a line that is indented further goes on. A Role is NAMESPACE/NAME.
// Source: Kubernetes 1.36, plugin/pkg/auth/authorizer/rbac/bootstrappolicy, with default feature gates, as an API server stores it.
const table = `
  system:auth-delegator = create authentication.k8s.io:tokenreviews; create authorization.k8s.io:subjectaccessreviews
  system:certificates.k8s.io:certificatesigningrequests:nodeclient = create
    certificates.k8s.io:certificatesigningrequests/nodeclient
  system:certificates.k8s.io:certificatesigningrequests:selfnodeclient = create
    certificates.k8s.io:certificatesigningrequests/selfnodeclient
  system:certificates.k8s.io:kube-apiserver-client-approver = approve
    certificates.k8s.io:signers@kubernetes.io/kube-apiserver-client
  system:certificates.k8s.io:kube-apiserver-client-kubelet-approver = approve
    certificates.k8s.io:signers@kubernetes.io/kube-apiserver-client-kubelet
  system:certificates.k8s.io:kubelet-serving-approver = approve
    certificates.k8s.io:signers@kubernetes.io/kubelet-serving
  system:certificates.k8s.io:legacy-unknown-approver = approve
    certificates.k8s.io:signers@kubernetes.io/legacy-unknown
  system:controller:attachdetach-controller = list,watch core:persistentvolumeclaims,persistentvolumes,pods; read
    core:nodes; patch,update core:nodes/status; create,patch,update core:events; create,patch,update
    events.k8s.io:events; read,create,delete storage.k8s.io:volumeattachments; read storage.k8s.io:csidrivers,csinodes
  system:controller:certificate-controller = read,delete certificates.k8s.io:certificatesigningrequests; update
    certificates.k8s.io:certificatesigningrequests/approval,certificatesigningrequests/status; approve
    certificates.k8s.io:signers@kubernetes.io/kube-apiserver-client-kubelet; sign
    certificates.k8s.io:signers@kubernetes.io/kube-apiserver-client,kubernetes.io/kube-apiserver-client-kubelet,kubernetes.io/kubelet-serving,kubernetes.io/legacy-unknown;
    create authorization.k8s.io:subjectaccessreviews; create,patch,update core:events; create,patch,update
    events.k8s.io:events
  system:controller:clusterrole-aggregation-controller = read,escalate,patch,update
    rbac.authorization.k8s.io:clusterroles
  system:controller:cronjob-controller = read,update batch:cronjobs; read,create,delete,patch,update batch:jobs;
    update batch:cronjobs/finalizers,cronjobs/status; delete,list,watch core:pods; create,patch,update core:events;
    create,patch,update events.k8s.io:events
  system:controller:daemon-set-controller = read apps:daemonsets; read extensions:daemonsets; update
    apps:daemonsets/finalizers,daemonsets/status; update extensions:daemonsets/finalizers,daemonsets/status; list,watch
    core:nodes; create,delete,list,patch,watch core:pods; create core:pods/binding; read,create,delete,patch,update
    apps:controllerrevisions; create,patch,update core:events; create,patch,update events.k8s.io:events
  system:controller:deployment-controller = read,update apps:deployments; read,update extensions:deployments; update
    apps:deployments/finalizers,deployments/status; update extensions:deployments/finalizers,deployments/status;
    read,create,delete,patch,update apps:replicasets; read,create,delete,patch,update extensions:replicasets;
    read,update core:pods; create,patch,update core:events; create,patch,update events.k8s.io:events
  system:controller:device-taint-eviction-controller = read,delete core:pods; patch,update core:pods/status; read
    resource.k8s.io:deviceclasses,resourceclaims,resourceslices; create,patch,update core:events; create,patch,update
    events.k8s.io:events
  system:controller:disruption-controller = read apps:deployments,replicasets,statefulsets; read
    extensions:deployments,replicasets; read core:replicationcontrollers; read policy:poddisruptionbudgets; update
    policy:poddisruptionbudgets/status; patch,update core:pods/status; get *:*/scale; create,patch,update core:events;
    create,patch,update events.k8s.io:events
  system:controller:endpoint-controller = read core:pods,services; read,create,delete,update core:endpoints; create
    core:endpoints/restricted; create,patch,update core:events; create,patch,update events.k8s.io:events
  system:controller:endpointslice-controller = read core:nodes,pods,services; update core:services/finalizers;
    read,create,delete,update discovery.k8s.io:endpointslices; create,patch,update core:events; create,patch,update
    events.k8s.io:events
  system:controller:endpointslicemirroring-controller = read core:endpoints,services; update
    core:endpoints/finalizers,services/finalizers; read,create,delete,update discovery.k8s.io:endpointslices;
    create,patch,update core:events; create,patch,update events.k8s.io:events
  system:controller:ephemeral-volume-controller = read core:pods; update core:pods/finalizers; read,create
    core:persistentvolumeclaims; create,patch,update core:events; create,patch,update events.k8s.io:events
  system:controller:expand-controller = read,patch,update core:persistentvolumes; patch,update
    core:persistentvolumeclaims/status; read core:persistentvolumeclaims; create,patch,update core:events;
    create,patch,update events.k8s.io:events
  system:controller:generic-garbage-collector = read,delete,patch,update *:*; create,patch,update core:events;
    create,patch,update events.k8s.io:events
  system:controller:horizontal-pod-autoscaler = read autoscaling:horizontalpodautoscalers; update
    autoscaling:horizontalpodautoscalers/status; get,update *:*/scale; list,watch core:pods; list,watch
    metrics.k8s.io:pods; read custom.metrics.k8s.io:*; read external.metrics.k8s.io:*; create,patch,update core:events;
    create,patch,update events.k8s.io:events
  system:controller:job-controller = read,patch,update batch:jobs; update batch:jobs/finalizers,jobs/status;
    create,delete,list,patch,watch core:pods; create,patch,update core:events; create,patch,update events.k8s.io:events
  system:controller:legacy-service-account-token-cleaner = get
    core:configmaps@kube-apiserver-legacy-service-account-token-tracking; delete,patch core:secrets
  system:controller:namespace-controller = read,delete core:namespaces; update
    core:namespaces/finalize,namespaces/status; read,delete,deletecollection *:*
  system:controller:node-controller = read,delete,patch,update core:nodes; patch,update core:nodes/status,pods/status;
    read,delete core:pods; create,patch,update core:events; create,patch,update events.k8s.io:events
  system:controller:persistent-volume-binder = read,create,delete,update core:persistentvolumes; update
    core:persistentvolumeclaims/status,persistentvolumes/status; read,update core:persistentvolumeclaims;
    read,create,delete core:pods; read storage.k8s.io:storageclasses; list,watch core:nodes; create,patch,update
    core:events; create,patch,update events.k8s.io:events; watch core:events
  system:controller:pod-garbage-collector = delete,list,watch core:pods; read core:nodes; patch core:pods/status
  system:controller:pv-protection-controller = read,update core:persistentvolumes; create,patch,update core:events;
    create,patch,update events.k8s.io:events
  system:controller:pvc-protection-controller = read,update core:persistentvolumeclaims; update
    core:persistentvolumeclaims/status; read core:pods; create,patch,update core:events; create,patch,update
    events.k8s.io:events
  system:controller:replicaset-controller = read,update apps:replicasets; read,update extensions:replicasets; update
    apps:replicasets/finalizers,replicasets/status; update extensions:replicasets/finalizers,replicasets/status;
    create,delete,list,patch,watch core:pods; create,patch,update core:events; create,patch,update events.k8s.io:events
  system:controller:replication-controller = read,update core:replicationcontrollers; update
    core:replicationcontrollers/finalizers,replicationcontrollers/status; create,delete,list,patch,watch core:pods;
    create,patch,update core:events; create,patch,update events.k8s.io:events
  system:controller:resource-claim-controller = read core:pods; update core:pods/finalizers; read,create,delete
    resource.k8s.io:resourceclaims; patch,update
    resource.k8s.io:resourceclaims,resourceclaims/binding,resourceclaims/status; patch,update core:pods/status;
    create,patch,update core:events; create,patch,update events.k8s.io:events
  system:controller:resourcequota-controller = list,watch *:*; update core:resourcequotas/status; create,patch,update
    core:events; create,patch,update events.k8s.io:events
  system:controller:root-ca-cert-publisher = create,update core:configmaps; create,patch,update core:events;
    create,patch,update events.k8s.io:events
  system:controller:route-controller = list,watch core:nodes; patch core:nodes/status; create,patch,update
    core:events; create,patch,update events.k8s.io:events
  system:controller:selinux-warning-controller = create,patch,update core:events; create,patch,update
    events.k8s.io:events; read core:persistentvolumeclaims,persistentvolumes,pods; read storage.k8s.io:csidrivers
  system:controller:service-account-controller = create core:serviceaccounts; create,patch,update core:events;
    create,patch,update events.k8s.io:events
  system:controller:service-cidrs-controller = read,patch,update networking.k8s.io:servicecidrs; patch,update
    networking.k8s.io:servicecidrs/finalizers,servicecidrs/status; read networking.k8s.io:ipaddresses;
    create,patch,update core:events; create,patch,update events.k8s.io:events
  system:controller:service-controller = read core:services; patch,update core:services/status; list,watch core:nodes;
    create,patch,update core:events; create,patch,update events.k8s.io:events
  system:controller:statefulset-controller = list,watch core:pods; read apps:statefulsets; update
    apps:statefulsets/finalizers,statefulsets/status; create,delete,get,patch,update core:pods;
    read,create,delete,patch,update apps:controllerrevisions; read,create core:persistentvolumeclaims; delete,update
    core:persistentvolumeclaims; update core:pods/finalizers; create,patch,update core:events; create,patch,update
    events.k8s.io:events
  system:controller:ttl-after-finished-controller = read,delete batch:jobs; create,patch,update core:events;
    create,patch,update events.k8s.io:events
  system:controller:ttl-controller = list,patch,update,watch core:nodes; create,patch,update core:events;
    create,patch,update events.k8s.io:events
  system:controller:validatingadmissionpolicy-status-controller = read
    admissionregistration.k8s.io:validatingadmissionpolicies; get,patch,update
    admissionregistration.k8s.io:validatingadmissionpolicies/status; create,patch,update core:events;
    create,patch,update events.k8s.io:events
  system:controller:volumeattributesclass-protection-controller = read core:persistentvolumeclaims,persistentvolumes;
    read,update storage.k8s.io:volumeattributesclasses; create,patch,update core:events; create,patch,update
    events.k8s.io:events
  system:heapster = read core:events,namespaces,nodes,pods; read extensions:deployments
  system:kube-aggregator = read core:endpoints,services
  system:kube-controller-manager = create,patch,update core:events; create,patch,update events.k8s.io:events; create
    coordination.k8s.io:leases; get,update coordination.k8s.io:leases@kube-controller-manager; create
    core:secrets,serviceaccounts,serviceaccounts/token; delete core:secrets; get
    core:configmaps,namespaces,secrets,serviceaccounts; update core:secrets,serviceaccounts; create
    authentication.k8s.io:tokenreviews; create authorization.k8s.io:subjectaccessreviews; list,watch *:*
  system:kube-dns = list,watch core:endpoints,services
  system:kube-scheduler = create,patch,update core:events; create,patch,update events.k8s.io:events; create
    coordination.k8s.io:leases; read,update coordination.k8s.io:leases@kube-scheduler;
    read,create,delete,deletecollection,patch,update coordination.k8s.io:leasecandidates; read
    core:namespaces,nodes,persistentvolumeclaims,persistentvolumes,replicationcontrollers,services; read,delete
    core:pods; create core:bindings,pods/binding; patch,update core:pods/status; read apps:replicasets,statefulsets;
    read extensions:replicasets; read policy:poddisruptionbudgets; create authentication.k8s.io:tokenreviews; create
    authorization.k8s.io:subjectaccessreviews; read
    storage.k8s.io:csidrivers,csinodes,csistoragecapacities,volumeattachments; read
    resource.k8s.io:deviceclasses,resourceslices; read,patch,update
    resource.k8s.io:resourceclaims,resourceclaims/status; update core:pods/finalizers; create,delete
    resource.k8s.io:resourceclaims; patch,update resource.k8s.io:resourceclaims/binding
  system:kubelet-api-admin = read core:nodes; proxy core:nodes; *
    core:nodes/configz,nodes/healthz,nodes/log,nodes/metrics,nodes/pods,nodes/proxy,nodes/stats
  system:node = create authentication.k8s.io:tokenreviews; create
    authorization.k8s.io:localsubjectaccessreviews,subjectaccessreviews; read core:configmaps,pods,secrets,services;
    read,create core:nodes; patch,update core:nodes,nodes/status,pods/status; create,patch,update core:events;
    create,patch,update events.k8s.io:events; create,delete core:pods; create core:pods/eviction,serviceaccounts/token;
    get core:endpoints,persistentvolumeclaims,persistentvolumes,serviceaccounts; read,create
    certificates.k8s.io:certificatesigningrequests; create,delete,get,patch,update coordination.k8s.io:leases; get
    storage.k8s.io:volumeattachments; get,patch,update core:persistentvolumeclaims/status; read
    storage.k8s.io:csidrivers; create,delete,get,patch,update storage.k8s.io:csinodes; read node.k8s.io:runtimeclasses;
    get resource.k8s.io:resourceclaims; deletecollection resource.k8s.io:resourceslices
  system:node-bootstrapper = read,create certificates.k8s.io:certificatesigningrequests
  system:node-problem-detector = get core:nodes; patch core:nodes/status; create,patch,update core:events;
    create,patch,update events.k8s.io:events
  system:node-proxier = list,watch core:endpoints,services; read core:nodes; create,patch,update core:events;
    create,patch,update events.k8s.io:events; list,watch networking.k8s.io:servicecidrs; list,watch
    discovery.k8s.io:endpointslices
  system:persistent-volume-provisioner = read,create,delete core:persistentvolumes; read,update
    core:persistentvolumeclaims; read storage.k8s.io:storageclasses; watch core:events; create,patch,update core:events;
    create,patch,update events.k8s.io:events
  system:service-account-issuer-discovery = get
    /.well-known/openid-configuration,/.well-known/openid-configuration/,/openid/v1/jwks,/openid/v1/jwks/
  system:volume-scheduler = read,patch,update core:persistentvolumeclaims,persistentvolumes; read
    storage.k8s.io:storageclasses
  kube-public/system:controller:bootstrap-signer = read core:configmaps; update core:configmaps@cluster-info;
    create,patch,update core:events; create,patch,update events.k8s.io:events
  kube-system/extension-apiserver-authentication-reader = read core:configmaps@extension-apiserver-authentication
  kube-system/system::leader-locking-kube-controller-manager = read,create,update
    coordination.k8s.io:leasecandidates,leases
  kube-system/system::leader-locking-kube-scheduler = read,create,update coordination.k8s.io:leasecandidates,leases
  kube-system/system:controller:bootstrap-signer = read core:secrets
  kube-system/system:controller:cloud-provider = read,create core:configmaps
  kube-system/system:controller:token-cleaner = read,delete core:secrets; create,patch,update core:events;
    create,patch,update events.k8s.io:events
`;

function parseTable(): Map<string, PolicyRule[]> {
  const lines = table
    .replaceAll(/\n {4,}/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "");
  return new Map(
    lines.map((line) => {
      const [name = "", body = ""] = line.trim().split(/ =(?: |$)/);
      return [name, body === "" ? [] : body.split("; ").map(parseRule)];
    }),
  );
}

function parseRule(text: string): PolicyRule {
  const [words = "", what = ""] = text.split(" ");
  const verbs = words.split(",").flatMap((verb) => (verb === "read" ? ["get", "list", "watch"] : verb));
  if (what.startsWith("/")) return { verbs, nonResourceURLs: what.split(",") };
  const [group = "", rest = ""] = what.split(":");
  const [resources = "", names] = rest.split("@");
  return {
    verbs,
    apiGroups: [group === "core" ? "" : group],
    resources: resources.split(","),
    ...(names === undefined ? {} : { resourceNames: names.split(",") }),
  };
}

let known: ReadonlyMap<string, PolicyRule[]> | undefined;

/**
 * The rules that a role has in a new cluster, when it is one that the API server makes at its start; undefined for every other,
 * and for admin, edit and view, whose rules come from what is aggregated into them.
 */
export function stockRules({ apiVersion, kind, metadata }: KubernetesObject): readonly PolicyRule[] | undefined {
  const { name = "", namespace = "" } = metadata;
  if (apiVersion !== `${RBAC_GROUP}/v1` || (kind !== "ClusterRole" && kind !== "Role")) return undefined;
  known ??= new Map([
    ...stockRbac().flatMap((object): [string, PolicyRule[]][] =>
      object.kind === "ClusterRole" && object["aggregationRule"] === undefined
        ? [[object.metadata.name ?? "", roleRules(object)]]
        : [],
    ),
    ...parseTable(),
  ]);
  return known.get(kind === "Role" ? `${namespace}/${name}` : name);
}
