import { branchingFeatures, splittingFeatures, type Feature } from "./features.ts";

// The rights that an installation gives, a line a rule: groups, resources and verbs, then the names that it is limited to.
// The switches that it needs stand in front. Source: operator contract, sections 4.1 and 4.2 (chart 3.187.0).

export type RuleLine = string | { when: readonly Feature[]; and?: readonly Feature[]; lines: readonly string[] };

const READ = "get,list,watch";
const MANAGE = "list,get,watch,delete,update,patch";
const STATUS = "get,update,patch";
const OPERATOR = "operator.metalbear.co";
const MIRRORD = "mirrord.metalbear.co";
const QUEUES = "queues.mirrord.metalbear.co";
const DATABASES = "dbs.mirrord.metalbear.co";
const PREVIEW = "preview.mirrord.metalbear.co";
const PROFILES = "profiles.mirrord.metalbear.co";

const anySplitting = splittingFeatures;
const anyBranching = branchingFeatures;
/** The chart forgets the generic one for users. */
const userBranching = branchingFeatures.filter((feature) => feature !== "genericBranching");

const ownDatabases = ["mysql", "pg", "mongodb"] as const;
const perDatabase = (lines: (resource: string) => readonly string[]): RuleLine[] =>
  ownDatabases.map((name) => ({ when: [`${name}Branching`], lines: lines(`${name}branchdatabases`) }));

/** In a namespace, or everywhere. */
export const userLines: readonly RuleLine[] = [
  `${OPERATOR} copytargets,targets,targets/port-locks get,list`,
  `${OPERATOR} copytargets create`,
  `${OPERATOR} targets,copytargets proxy`,
  `${OPERATOR} sessions deletecollection,delete`,
  `${PROFILES} mirrordprofiles get,list`,
  { when: ["previewEnv"], lines: [`${PREVIEW} previewsessions create,delete,get,list,watch`] },
  ...perDatabase((resource) => [`${DATABASES} ${resource} get,list,create,watch,delete`]),
  { when: userBranching, lines: [`${DATABASES} branchdatabases get,list,create,watch,delete`] },
  { when: ["dbBranchingLiteralCredentials"], lines: [`${OPERATOR} branchcredentials create`] },
];

/** Everywhere only. */
export const basicLines: readonly RuleLine[] = [
  `${OPERATOR} mirrordoperators get,list`,
  `${OPERATOR} mirrordoperators/certificate create`,
  `${OPERATOR} events ${READ}`,
  `${PROFILES} mirrordclusterprofiles get,list`,
  `${OPERATOR} mirrordclusteroperatorusercredentials create`,
];

export const operatorLines: readonly RuleLine[] = [
  `'' nodes,pods,pods/log,pods/ephemeralcontainers,services,pods/proxy ${READ}`,
  `apps deployments,deployments/scale,statefulsets,statefulsets/scale,replicasets ${READ}`,
  `batch jobs,cronjobs ${READ}`,
  `argoproj.io rollouts,rollouts/scale ${READ}`,
  "apps deployments,statefulsets,replicasets patch",
  "argoproj.io rollouts patch",
  "'' pods create,delete",
  "batch jobs create,delete",
  "'' pods/ephemeralcontainers update",
  "apps deployments/scale,statefulsets/scale patch",
  "argoproj.io rollouts/scale patch",
  "authorization.k8s.io subjectaccessreviews create",
  "policies.mirrord.metalbear.co mirrordpolicies,mirrordclusterpolicies list,get,watch",
  {
    when: ["sqsSplitting", "rmqSplitting"],
    lines: [
      `${QUEUES} mirrordworkloadqueueregistries list,watch,get,patch`,
      `${QUEUES} mirrordworkloadqueueregistries/status update`,
    ],
  },
  {
    when: ["sqsSplitting"],
    lines: [
      `${QUEUES} mirrordsqssessions create,watch,list,get,delete,deletecollection,patch`,
      `${QUEUES} mirrordsqssessions/status ${STATUS}`,
    ],
  },
  {
    when: ["rmqSplitting"],
    lines: [
      `${QUEUES} mirrordrmqsessions create,watch,list,get,delete,deletecollection,patch`,
      `${QUEUES} mirrordrmqsessions/status update`,
      `${MIRRORD} mirrordpropertylists get,list,watch,update,patch`,
    ],
  },
  "'' pods delete,deletecollection",
  "'' namespaces get default",
  "rbac.authorization.k8s.io clusterroles get mirrord-operator",
  "admissionregistration.k8s.io mutatingwebhookconfigurations create,get,update,patch,delete,deletecollection,list",
  {
    when: ["kafkaSplitting"],
    lines: [
      `${QUEUES} mirrordkafkaephemeraltopics get,list,watch,create,delete`,
      `${QUEUES} mirrordkafkaclientconfigs ${READ}`,
      `${QUEUES} mirrordkafkatopicsconsumers ${READ}`,
    ],
  },
  {
    when: anySplitting,
    lines: [
      `${QUEUES} mirrordsplitconfigs create,get,list,watch,update,patch,delete`,
      `${QUEUES} mirrordclustersplitsessions create,watch,list,get,delete,deletecollection,patch`,
      `${QUEUES} mirrordclustersplitsessions/status update,patch`,
      `${MIRRORD} mirrordpropertylists get,list,watch,update,patch`,
      `'' configmaps ${READ}`,
    ],
  },
  { when: ["applicationPauseAutoSync"], lines: ["argoproj.io applications list,get,patch"] },
  {
    when: ["suspendFluxControllers"],
    lines: ["kustomize.toolkit.fluxcd.io kustomizations get,patch", "helm.toolkit.fluxcd.io helmreleases get,patch"],
  },
  `${MIRRORD} mirrordtlsstealconfigs,mirrordclustertlsstealconfigs list,get`,
  "'' podtemplates list,get,watch",
  { when: ["isolatePodsRestart"], lines: ["'' pods patch"] },
  ...perDatabase((resource) => [`${DATABASES} ${resource} ${MANAGE}`, `${DATABASES} ${resource}/status ${STATUS}`]),
  {
    when: anyBranching,
    lines: [
      `${DATABASES} branchdatabases list,get,watch,create,delete,update,patch`,
      `${DATABASES} branchdatabases/status ${STATUS}`,
      "'' configmaps create",
    ],
  },
  { when: anyBranching, and: ["dbBranchingLiteralCredentials"], lines: ["'' secrets create,get,list,delete,patch"] },
  {
    when: ["multiCluster"],
    lines: [
      `${OPERATOR} mirrordmulticlustersessions create,get,list,watch,update,patch,delete`,
      `${OPERATOR} mirrordmulticlustersessions/status ${STATUS}`,
    ],
  },
  `${MIRRORD} mirrordclusterworkloadpatches,mirrordclusterworkloadpatchrequests,mirrordclusterworkloadpatchrequests/status,mirrordclustersessions,mirrordclustersessions/status,mirrordclusterexternalresources list,get,watch,delete,deletecollection,update,patch,create`,
  {
    when: ["previewEnv"],
    lines: [
      "'' services create,delete",
      "apps deployments create,delete,update",
      `${PREVIEW} previewsessions,previewsessions/status create,delete,edit,get,list,patch,update,watch`,
      "'' configmaps create",
    ],
  },
  { when: ["previewEnv"], and: anyBranching, lines: ["'' secrets create,get"] },
];

const branches = (suffix = "") =>
  [...ownDatabases.map((name) => (name === "mysql" ? "pg" : name === "pg" ? "mysql" : name)), ""]
    .map((name) => `${name}branchdatabases${suffix}`)
    .join(",");

/** What an operator of several clusters may do; in the cluster of a member, more. */
export const envoyLines = (isMember: boolean): readonly RuleLine[] => {
  const more = isMember ? ",create,delete" : "";
  const primary = [
    `${OPERATOR} mirrordmulticlustersessions create,get,list,watch,update,patch,delete`,
    `${OPERATOR} mirrordmulticlustersessions/status ${STATUS}`,
    `${OPERATOR} targets get,list,${isMember ? "proxy" : "watch"}`,
    `${DATABASES} ${branches()} get,list,watch,update,patch${more}`,
    `${DATABASES} ${branches("/status")} ${STATUS}`,
    `${PREVIEW} previewsessions get,list,watch,update,patch${more}`,
    `${PREVIEW} previewsessions/status ${STATUS}`,
    `${OPERATOR} mirrordoperators get`,
  ];
  if (!isMember) return primary;
  return [
    ...primary,
    `${QUEUES} mirrordworkloadqueueregistries,mirrordsplitconfigs get,list,watch,create,update,patch,delete`,
    `${MIRRORD} mirrordpropertylists get,list,watch,create,update,patch,delete`,
    "'' serviceaccounts/token create",
    `'' pods ${READ}`,
    `apps deployments,statefulsets,replicasets,daemonsets ${READ}`,
    `${OPERATOR} targets,copytargets,targets/port-locks,queuesplits get,list,proxy`,
    `${OPERATOR} copytargets create`,
  ];
};

export const remoteLines: readonly RuleLine[] = [
  `${OPERATOR} mirrordoperators get`,
  `${OPERATOR} sessions get,list,delete`,
  `${MIRRORD} mirrordclustersessions create,get,list,watch,delete`,
  `${MIRRORD} mirrordclustersessions/status get,watch`,
  "'' pods create,delete,patch",
  `'' services,podtemplates ${READ}`,
  `argoproj.io rollouts ${READ}`,
  `${MIRRORD} mirrordclusterworkloadpatchrequests create`,
  { when: anyBranching, lines: ["'' secrets create"] },
  {
    when: ["sqsSplitting"],
    lines: [
      `${QUEUES} mirrordsqssessions create,get,list,watch,delete,patch`,
      `${QUEUES} mirrordsqssessions/status ${STATUS}`,
    ],
  },
  {
    when: anySplitting,
    lines: [
      `${QUEUES} mirrordclustersplitsessions create,get,list,watch,update,delete,patch`,
      `${QUEUES} mirrordclustersplitsessions/status ${STATUS}`,
    ],
  },
];

export const ownLines = (isPrimary: boolean): readonly RuleLine[] => [
  `'' secrets ${READ}${isPrimary ? ",patch,update" : ""}`,
  "coordination.k8s.io leases get,create,update,patch",
  "'' pods get,patch",
];

export const apiserverLines: readonly RuleLine[] = [`'' configmaps ${READ} extension-apiserver-authentication`];

export const hookLines: readonly RuleLine[] = [
  `apiextensions.k8s.io customresourcedefinitions list,get,watch,delete mirrordclustersessions.${MIRRORD},mirrordmulticlustersessions.${OPERATOR},previewsessions.${PREVIEW},branchdatabases.${DATABASES}`,
  `${OPERATOR},${MIRRORD},${PREVIEW},${DATABASES} mirrordclustersessions,mirrordmulticlustersessions,previewsessions,branchdatabases,mirrordclusterworkloadpatches,mirrordclusterexternalresources list,get,watch,delete,patch`,
  "apps deployments list,get,watch,delete mirrord-operator",
];
