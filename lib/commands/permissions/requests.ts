// What each command sends to an API server: a verb, and what it is on. Made of what the server's audit log recorded of it:
// npm run permissions
export const requests: Readonly<Record<string, readonly string[]>> = {
  audit: [
    "create subjectaccessreviews.authorization.k8s.io",
    "get apiservices.apiregistration.k8s.io clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io configmaps cronjobs.batch customresourcedefinitions.apiextensions.k8s.io deployments.apps mirrordoperators.operator.metalbear.co rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io serviceaccounts validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "list certificates.cert-manager.io clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io configmaps customresourcedefinitions.apiextensions.k8s.io deployments.apps issuers.cert-manager.io jobs.batch mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordclusterprofiles.profiles.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co mirrordprofiles.profiles.mirrord.metalbear.co mutatingwebhookconfigurations.admissionregistration.k8s.io namespaces networkpolicies.networking.k8s.io organizations.access.kubectl-mirrord.io pods priorityclasses.scheduling.k8s.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io secrets securitycontextconstraints.security.openshift.io serviceaccounts services validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
  ],
  "audit diff": [
    "get deployments.apps mirrordoperators.operator.metalbear.co",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io cronjobs.batch deployments.apps jobs.batch mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co namespaces organizations.access.kubectl-mirrord.io pods replicasets.apps rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io rollouts.argoproj.io services statefulsets.apps",
  ],
  "audit drift": [
    "get deployments.apps mirrordoperators.operator.metalbear.co",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
  ],
  "audit findings": [
    "create subjectaccessreviews.authorization.k8s.io",
    "get apiservices.apiregistration.k8s.io clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io configmaps cronjobs.batch customresourcedefinitions.apiextensions.k8s.io deployments.apps mirrordoperators.operator.metalbear.co rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io serviceaccounts validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "list certificates.cert-manager.io clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io configmaps customresourcedefinitions.apiextensions.k8s.io deployments.apps issuers.cert-manager.io jobs.batch mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordclusterprofiles.profiles.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co mirrordprofiles.profiles.mirrord.metalbear.co mutatingwebhookconfigurations.admissionregistration.k8s.io namespaces networkpolicies.networking.k8s.io organizations.access.kubectl-mirrord.io pods priorityclasses.scheduling.k8s.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io secrets securitycontextconstraints.security.openshift.io serviceaccounts services validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
  ],
  "audit matrix": [
    "get namespaces",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
  ],
  "audit privileged": [
    "list cronjobs.batch daemonsets.apps deployments.apps jobs.batch persistentvolumes pods podtemplates replicasets.apps replicationcontrollers statefulsets.apps storageclasses.storage.k8s.io",
  ],
  "audit snapshot": [
    "list apiservices.apiregistration.k8s.io clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io cronjobs.batch daemonsets.apps deployments.apps jobs.batch mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordclusterprofiles.profiles.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co mirrordprofiles.profiles.mirrord.metalbear.co namespaces organizations.access.kubectl-mirrord.io pods replicasets.apps rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io rollouts.argoproj.io serviceaccounts services statefulsets.apps validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
  ],
  "audit unused": [
    "get deployments.apps mirrordoperators.operator.metalbear.co",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
  ],
  "audit usage": ["get apiservices.apiregistration.k8s.io pods/log services", "list pods"],
  "audit who-can": [
    "get deployments.apps mirrordoperators.operator.metalbear.co",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
  ],
  "can-i": [
    "create localsubjectaccessreviews.authorization.k8s.io subjectaccessreviews.authorization.k8s.io",
    "get clusterrolebindings.rbac.authorization.k8s.io deployments.apps mirrordoperators.operator.metalbear.co namespaces",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io cronjobs.batch deployments.apps jobs.batch mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co pods replicasets.apps rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io rollouts.argoproj.io services statefulsets.apps",
  ],
  "can-i --via impersonate": [
    "get deployments.apps mirrordoperators.operator.metalbear.co",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
  ],
  grant: [
    "create clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io subjectaccessreviews.authorization.k8s.io",
    "get clusterroles.rbac.authorization.k8s.io configmaps deployments.apps jobs.batch mirrordoperators.operator.metalbear.co namespaces validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "patch clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
  ],
  "grant admin add": [
    "get clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io",
    "patch clusterrolebindings.rbac.authorization.k8s.io",
  ],
  "grant admin list": ["list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io"],
  "grant admin remove": [
    "get clusterrolebindings.rbac.authorization.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io",
    "patch clusterrolebindings.rbac.authorization.k8s.io",
  ],
  "grant collection assign": [
    "create rolebindings.rbac.authorization.k8s.io",
    "get clusterroles.rbac.authorization.k8s.io configmaps mirrordoperators.operator.metalbear.co namespaces validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "patch namespaces rolebindings.rbac.authorization.k8s.io",
  ],
  "grant collection create": [
    "get configmaps mirrordoperators.operator.metalbear.co",
    "list namespaces",
    "patch configmaps",
  ],
  "grant collection delete": [
    "get configmaps mirrordoperators.operator.metalbear.co",
    "list clusterrolebindings.rbac.authorization.k8s.io jobs.batch namespaces rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "patch configmaps",
  ],
  "grant collection describe": [
    "get configmaps mirrordoperators.operator.metalbear.co",
    "list clusterrolebindings.rbac.authorization.k8s.io jobs.batch namespaces rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
  ],
  "grant collection list": [
    "get configmaps mirrordoperators.operator.metalbear.co",
    "list clusterrolebindings.rbac.authorization.k8s.io jobs.batch namespaces rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
  ],
  "grant collection move": [
    "delete rolebindings.rbac.authorization.k8s.io",
    "get configmaps mirrordoperators.operator.metalbear.co namespaces rolebindings.rbac.authorization.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "patch configmaps namespaces",
  ],
  "grant collection tree": ["get configmaps mirrordoperators.operator.metalbear.co", "list namespaces"],
  "grant collection unassign": [
    "delete rolebindings.rbac.authorization.k8s.io",
    "get configmaps mirrordoperators.operator.metalbear.co namespaces rolebindings.rbac.authorization.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "patch namespaces",
  ],
  "grant describe": [
    "get deployments.apps mirrordoperators.operator.metalbear.co",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch namespaces rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
  ],
  "grant explain": [
    "get deployments.apps",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
  ],
  "grant extend": [
    "create jobs.batch",
    "get clusterroles.rbac.authorization.k8s.io mirrordoperators.operator.metalbear.co namespaces validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "patch clusterrolebindings.rbac.authorization.k8s.io jobs.batch",
  ],
  "grant list": [
    "get deployments.apps mirrordoperators.operator.metalbear.co validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "watch clusterrolebindings.rbac.authorization.k8s.io namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
  ],
  "grant matrix": [
    "get deployments.apps mirrordoperators.operator.metalbear.co",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
  ],
  "grant org add": [
    "get clusterroles.rbac.authorization.k8s.io deployments.apps mirrordoperators.operator.metalbear.co validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "patch clusterrolebindings.rbac.authorization.k8s.io organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io",
  ],
  "grant org create": [
    "create organizations.access.kubectl-mirrord.io",
    "get clusterroles.rbac.authorization.k8s.io deployments.apps mirrordoperators.operator.metalbear.co validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "patch clusterrolebindings.rbac.authorization.k8s.io rolebindings.rbac.authorization.k8s.io",
  ],
  "grant org delete": [
    "delete clusterrolebindings.rbac.authorization.k8s.io organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io",
    "get clusterrolebindings.rbac.authorization.k8s.io mirrordoperators.operator.metalbear.co organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "patch clusterrolebindings.rbac.authorization.k8s.io",
  ],
  "grant org describe": [
    "list clusterrolebindings.rbac.authorization.k8s.io jobs.batch organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
  ],
  "grant org list": [
    "list clusterrolebindings.rbac.authorization.k8s.io jobs.batch organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
  ],
  "grant org move": [
    "create clusterrolebindings.rbac.authorization.k8s.io organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io",
    "delete clusterrolebindings.rbac.authorization.k8s.io organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io",
    "get clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io mirrordoperators.operator.metalbear.co organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "patch clusterrolebindings.rbac.authorization.k8s.io organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io",
  ],
  "grant org remove": [
    "get clusterroles.rbac.authorization.k8s.io deployments.apps mirrordoperators.operator.metalbear.co validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "patch clusterrolebindings.rbac.authorization.k8s.io organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io",
  ],
  "grant revoke": [
    "create subjectaccessreviews.authorization.k8s.io",
    "delete clusterrolebindings.rbac.authorization.k8s.io jobs.batch rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io sessions.operator.metalbear.co",
    "get clusterrolebindings.rbac.authorization.k8s.io jobs.batch mirrordoperators.operator.metalbear.co rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch mirrordclustersessions.mirrord.metalbear.co rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io sessions.operator.metalbear.co",
    "patch clusterrolebindings.rbac.authorization.k8s.io",
  ],
  "grant role create": [
    "create clusterroles.rbac.authorization.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "patch clusterroles.rbac.authorization.k8s.io",
  ],
  "grant role delete": [
    "delete clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io rolebindings.rbac.authorization.k8s.io",
    "get clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io rolebindings.rbac.authorization.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "patch clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io",
  ],
  "grant role describe": [
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
  ],
  "grant role edit": [
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "patch clusterroles.rbac.authorization.k8s.io",
  ],
  "grant role list": [
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
  ],
  "grant sync": [
    "create jobs.batch rolebindings.rbac.authorization.k8s.io",
    "get clusterroles.rbac.authorization.k8s.io deployments.apps jobs.batch mirrordoperators.operator.metalbear.co validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "patch rolebindings.rbac.authorization.k8s.io",
    "watch clusterrolebindings.rbac.authorization.k8s.io namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
  ],
  "grant team add": [
    "get clusterroles.rbac.authorization.k8s.io deployments.apps mirrordoperators.operator.metalbear.co validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "patch clusterrolebindings.rbac.authorization.k8s.io organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io",
  ],
  "grant team create": [
    "get clusterroles.rbac.authorization.k8s.io deployments.apps mirrordoperators.operator.metalbear.co validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "patch clusterrolebindings.rbac.authorization.k8s.io organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io",
  ],
  "grant team delete": [
    "delete clusterrolebindings.rbac.authorization.k8s.io rolebindings.rbac.authorization.k8s.io",
    "get clusterrolebindings.rbac.authorization.k8s.io mirrordoperators.operator.metalbear.co rolebindings.rbac.authorization.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "patch clusterrolebindings.rbac.authorization.k8s.io organizations.access.kubectl-mirrord.io",
  ],
  "grant team describe": [
    "list clusterrolebindings.rbac.authorization.k8s.io jobs.batch organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
  ],
  "grant team list": [
    "list clusterrolebindings.rbac.authorization.k8s.io jobs.batch organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
  ],
  "grant team move": [
    "create clusterrolebindings.rbac.authorization.k8s.io rolebindings.rbac.authorization.k8s.io",
    "delete clusterrolebindings.rbac.authorization.k8s.io rolebindings.rbac.authorization.k8s.io",
    "get clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io mirrordoperators.operator.metalbear.co rolebindings.rbac.authorization.k8s.io validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "patch clusterrolebindings.rbac.authorization.k8s.io organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io",
  ],
  "grant team remove": [
    "get clusterroles.rbac.authorization.k8s.io deployments.apps mirrordoperators.operator.metalbear.co validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io jobs.batch namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "patch clusterrolebindings.rbac.authorization.k8s.io organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io",
  ],
  "grant whoami": [
    "get mirrordoperators.operator.metalbear.co",
    "list clusterrolebindings.rbac.authorization.k8s.io jobs.batch namespaces organizations.access.kubectl-mirrord.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
  ],
  install: [
    "create apiservices.apiregistration.k8s.io clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io configmaps customresourcedefinitions.apiextensions.k8s.io deployments.apps namespaces priorityclasses.scheduling.k8s.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io secrets serviceaccounts services",
    "get apiservices.apiregistration.k8s.io clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io configmaps customresourcedefinitions.apiextensions.k8s.io deployments.apps mirrordoperators.operator.metalbear.co namespaces priorityclasses.scheduling.k8s.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io secrets serviceaccounts services",
    "list certificates.cert-manager.io clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io configmaps deployments.apps endpointslices.discovery.k8s.io issuers.cert-manager.io pods priorityclasses.scheduling.k8s.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io secrets securitycontextconstraints.security.openshift.io serviceaccounts services",
    "patch apiservices.apiregistration.k8s.io clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io configmaps customresourcedefinitions.apiextensions.k8s.io deployments.apps namespaces priorityclasses.scheduling.k8s.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io secrets serviceaccounts services",
  ],
  "install --access-model": [
    "create clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io configmaps customresourcedefinitions.apiextensions.k8s.io namespaces validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "delete validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "get clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io configmaps customresourcedefinitions.apiextensions.k8s.io namespaces validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io cronjobs.batch jobs.batch rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "patch clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io customresourcedefinitions.apiextensions.k8s.io namespaces validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
  ],
  "install --secure-defaults": [
    "create rolebindings.rbac.authorization.k8s.io validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "delete rolebindings.rbac.authorization.k8s.io validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "get apiservices.apiregistration.k8s.io clusterroles.rbac.authorization.k8s.io configmaps deployments.apps rolebindings.rbac.authorization.k8s.io validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io cronjobs.batch daemonsets.apps deployments.apps jobs.batch namespaces networkpolicies.networking.k8s.io persistentvolumes pods podtemplates replicasets.apps replicationcontrollers rolebindings.rbac.authorization.k8s.io serviceaccounts statefulsets.apps storageclasses.storage.k8s.io validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "patch rolebindings.rbac.authorization.k8s.io validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
  ],
  "install --sync": [
    "get clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io cronjobs.batch namespaces serviceaccounts validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io cronjobs.batch jobs.batch rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
    "patch cronjobs.batch",
  ],
  "install secure-defaults report": [
    "create subjectaccessreviews.authorization.k8s.io",
    "get apiservices.apiregistration.k8s.io configmaps deployments.apps",
    "list cronjobs.batch daemonsets.apps deployments.apps jobs.batch persistentvolumes pods podtemplates replicasets.apps replicationcontrollers serviceaccounts statefulsets.apps storageclasses.storage.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
  ],
  "install status": [
    "create subjectaccessreviews.authorization.k8s.io",
    "get apiservices.apiregistration.k8s.io clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io cronjobs.batch customresourcedefinitions.apiextensions.k8s.io deployments.apps mirrordoperators.operator.metalbear.co rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io serviceaccounts validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "list certificates.cert-manager.io clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io configmaps customresourcedefinitions.apiextensions.k8s.io deployments.apps issuers.cert-manager.io mutatingwebhookconfigurations.admissionregistration.k8s.io namespaces priorityclasses.scheduling.k8s.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io secrets securitycontextconstraints.security.openshift.io serviceaccounts services",
  ],
  "install uninstall": [
    "delete apiservices.apiregistration.k8s.io clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io configmaps cronjobs.batch customresourcedefinitions.apiextensions.k8s.io deployments.apps mirrordpolicies.policies.mirrord.metalbear.co namespaces priorityclasses.scheduling.k8s.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io secrets serviceaccounts services sessions.operator.metalbear.co",
    "get apiservices.apiregistration.k8s.io clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io configmaps cronjobs.batch customresourcedefinitions.apiextensions.k8s.io deployments.apps mirrordoperators.operator.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co namespaces rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io serviceaccounts",
    "list apiservices.apiregistration.k8s.io bindings certificates.cert-manager.io clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io configmaps controllerrevisions.apps cronjobs.batch csistoragecapacities.storage.k8s.io customresourcedefinitions.apiextensions.k8s.io daemonsets.apps deployments.apps endpointslices.discovery.k8s.io horizontalpodautoscalers.autoscaling ingresses.networking.k8s.io issuers.cert-manager.io jobs.batch leases.coordination.k8s.io limitranges localsubjectaccessreviews.authorization.k8s.io mirrordclusterexternalresources.mirrord.metalbear.co mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordclusterprofiles.profiles.mirrord.metalbear.co mirrordclustersessions.mirrord.metalbear.co mirrordclustertlsstealconfigs.mirrord.metalbear.co mirrordclusterworkloadpatches.mirrord.metalbear.co mirrordclusterworkloadpatchrequests.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co mirrordprofiles.profiles.mirrord.metalbear.co mirrordtlsstealconfigs.mirrord.metalbear.co mutatingwebhookconfigurations.admissionregistration.k8s.io namespaces networkpolicies.networking.k8s.io persistentvolumeclaims poddisruptionbudgets.policy pods podtemplates priorityclasses.scheduling.k8s.io replicasets.apps replicationcontrollers resourceclaims.resource.k8s.io resourceclaimtemplates.resource.k8s.io resourcequotas rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io secrets securitycontextconstraints.security.openshift.io serviceaccounts services sessions.operator.metalbear.co statefulsets.apps validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
  ],
  "install upgrade": [
    "create subjectaccessreviews.authorization.k8s.io",
    "get apiservices.apiregistration.k8s.io clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io configmaps cronjobs.batch customresourcedefinitions.apiextensions.k8s.io deployments.apps mirrordoperators.operator.metalbear.co namespaces priorityclasses.scheduling.k8s.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io secrets serviceaccounts services validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "list certificates.cert-manager.io clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io configmaps customresourcedefinitions.apiextensions.k8s.io deployments.apps endpointslices.discovery.k8s.io issuers.cert-manager.io mutatingwebhookconfigurations.admissionregistration.k8s.io namespaces pods priorityclasses.scheduling.k8s.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io secrets securitycontextconstraints.security.openshift.io serviceaccounts services",
    "patch deployments.apps priorityclasses.scheduling.k8s.io",
  ],
  "install values": [],
  "install verify": [
    "create subjectaccessreviews.authorization.k8s.io",
    "get apiservices.apiregistration.k8s.io clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io configmaps cronjobs.batch customresourcedefinitions.apiextensions.k8s.io deployments.apps mirrordoperators.operator.metalbear.co rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io serviceaccounts validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "list certificates.cert-manager.io clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io configmaps customresourcedefinitions.apiextensions.k8s.io deployments.apps issuers.cert-manager.io mutatingwebhookconfigurations.admissionregistration.k8s.io namespaces networkpolicies.networking.k8s.io priorityclasses.scheduling.k8s.io rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io secrets securitycontextconstraints.security.openshift.io serviceaccounts services storageclasses.storage.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io",
  ],
  "policy apply": [
    "create mirrordpolicies.policies.mirrord.metalbear.co",
    "get customresourcedefinitions.apiextensions.k8s.io mirrordpolicies.policies.mirrord.metalbear.co",
    "patch mirrordpolicies.policies.mirrord.metalbear.co",
  ],
  "policy create": [
    "create mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co",
    "get customresourcedefinitions.apiextensions.k8s.io mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co",
    "list cronjobs.batch deployments.apps jobs.batch mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordclusterprofiles.profiles.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co mirrordprofiles.profiles.mirrord.metalbear.co pods replicasets.apps rollouts.argoproj.io services statefulsets.apps",
    "patch mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co",
  ],
  "policy delete": [
    "delete mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co",
    "get mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co",
  ],
  "policy describe": [
    "get customresourcedefinitions.apiextensions.k8s.io mirrordpolicies.policies.mirrord.metalbear.co",
    "list cronjobs.batch deployments.apps jobs.batch mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordclusterprofiles.profiles.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co mirrordprofiles.profiles.mirrord.metalbear.co pods replicasets.apps rollouts.argoproj.io services statefulsets.apps",
  ],
  "policy diff": [
    "create mirrordpolicies.policies.mirrord.metalbear.co",
    "get customresourcedefinitions.apiextensions.k8s.io mirrordpolicies.policies.mirrord.metalbear.co",
    "patch mirrordpolicies.policies.mirrord.metalbear.co",
  ],
  "policy edit": [
    "get customresourcedefinitions.apiextensions.k8s.io mirrordpolicies.policies.mirrord.metalbear.co",
    "list cronjobs.batch deployments.apps jobs.batch mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordclusterprofiles.profiles.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co mirrordprofiles.profiles.mirrord.metalbear.co pods replicasets.apps rollouts.argoproj.io services statefulsets.apps",
    "patch mirrordpolicies.policies.mirrord.metalbear.co",
  ],
  "policy get": [
    "list mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co",
  ],
  "policy lint": [
    "get customresourcedefinitions.apiextensions.k8s.io",
    "list cronjobs.batch deployments.apps jobs.batch mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordclusterprofiles.profiles.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co mirrordprofiles.profiles.mirrord.metalbear.co pods replicasets.apps rollouts.argoproj.io services statefulsets.apps",
  ],
  "policy list": [
    "list mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co",
  ],
  "policy test": [
    "get deployments.apps mirrordoperators.operator.metalbear.co",
    "list cronjobs.batch deployments.apps jobs.batch mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co pods replicasets.apps rollouts.argoproj.io services statefulsets.apps",
  ],
  "session describe": [
    "create subjectaccessreviews.authorization.k8s.io",
    "get deployments.apps mirrordoperators.operator.metalbear.co",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordclustersessions.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io sessions.operator.metalbear.co",
  ],
  "session kill": [
    "delete sessions.operator.metalbear.co",
    "get mirrordoperators.operator.metalbear.co",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io mirrordclustersessions.mirrord.metalbear.co rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io sessions.operator.metalbear.co",
  ],
  "session list": [
    "get mirrordoperators.operator.metalbear.co",
    "list mirrordclustersessions.mirrord.metalbear.co sessions.operator.metalbear.co",
  ],
  "session start": [
    "get deployments.apps mirrordoperators.operator.metalbear.co",
    "list clusterrolebindings.rbac.authorization.k8s.io clusterroles.rbac.authorization.k8s.io mirrordclusterpolicies.policies.mirrord.metalbear.co mirrordpolicies.policies.mirrord.metalbear.co rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io",
  ],
  "session stats": ["get mirrordoperators.operator.metalbear.co"],
  "session status": ["get mirrordoperators.operator.metalbear.co"],
  "session watch": [
    "get mirrordoperators.operator.metalbear.co",
    "list mirrordclustersessions.mirrord.metalbear.co sessions.operator.metalbear.co",
  ],
};
