import type { Change, Plan } from "../kube/cluster.ts";
import type { ObjectReference } from "../kubernetes/object.ts";
import { inOrder, type Stored } from "../kubernetes/plan.ts";
import { nativeResources } from "../kubernetes/resources.ts";
import { NAME } from "./installed.ts";
import { isEmpty, type NamespaceContents } from "./namespace-contents.ts";
import { installedNamespace, type UninstallFacts } from "./uninstall-facts.ts";

/** Something that an uninstallation leaves, and why. */
export interface Kept extends ObjectReference {
  why: "definition" | "object" | "grant" | "guard" | "access-model" | "role" | "sync" | "namespace";
  /** Of the namespace: what somebody else has in it, or why nobody can say. */
  holds?: string[];
}

export interface Uninstallation {
  /** Everything but the namespace; what is deleted, in order. */
  plan: Plan;
  /** Undefined: it stays, is not the installation's, or is being deleted already. */
  namespace: Change | undefined;
  kept: Kept[];
}

/** The order in which things go; what stands in one stage does not need each other. */
export const uninstallStages = {
  /** The operator itself undoes what these stand for, so it still runs. */
  state: 0,
  /** While the APIService is there and nobody answers, no namespace can be deleted; a webhook stops what it is about. */
  registration: 1,
  workload: 2,
  others: 3,
  /** By this one a second run finds the operator's namespace. */
  binding: 4,
  objects: 5,
  definitions: 6,
  namespace: 7,
} as const;

/**
 * The kinds by which the operator keeps what it is doing: sessions, and what they have changed or made. Source: operator
 * contract, section 4.2 and fixture uninstall-hooks.yaml (what the vendor's own clean-up deletes).
 */
const stateKinds: ReadonlySet<string> = new Set([
  "MirrordClusterSession",
  "MirrordMultiClusterSession",
  "MirrordClusterSplitSession",
  "MirrordSQSSession",
  "MirrordRMQSession",
  "MirrordKafkaEphemeralTopic",
  "PreviewSession",
  "BranchDatabase",
  "MysqlBranchDatabase",
  "PgBranchDatabase",
  "MongodbBranchDatabase",
  "MirrordClusterWorkloadPatch",
  "MirrordClusterWorkloadPatchRequest",
  "MirrordClusterExternalResource",
]);

/**
 * Pure.
 * @param crds whether the definitions go too, with every object of their kinds
 * @param sync whether what runs grant sync goes too
 */
export function uninstallPlan(facts: UninstallFacts, { crds, sync }: { crds: boolean; sync: boolean }): Uninstallation {
  const { installed, definitions, contents, home } = facts;
  const all = definitions.flatMap(({ objects }) => objects);
  const state = all.filter(({ type }) => stateKinds.has(type.kind));
  const settings = all.filter(({ type }) => !stateKinds.has(type.kind));
  const namespace = installedNamespace(installed);
  const goes = namespace !== undefined && contents !== undefined && isEmpty(contents);
  const ofSync = [...facts.sync, ...(home !== undefined && isEmpty(home.contents) ? [home.namespace] : [])];
  const others = installed.objects.filter(({ type }) => type.kind !== "Namespace");
  const plan = [
    ...state.map((one) => deletion(one, uninstallStages.state)),
    ...others.map((one) => deletion(one, stage(one))),
    // The CronJob first: a run without its rights would only fail.
    ...(sync ? ofSync.map((one) => deletion(one, stage(one))) : []),
    ...(crds ? settings.map((one) => deletion(one, uninstallStages.objects)) : []),
    ...(crds
      ? definitions.map(({ definition }) =>
          deletion(
            { type: nativeResources.customResourceDefinitions, object: definition },
            uninstallStages.definitions,
          ),
        )
      : []),
  ];
  return {
    plan: inOrder(plan),
    namespace: goes ? deletion(namespace, uninstallStages.namespace) : undefined,
    kept: [
      ...(crds ? [] : definitions.map(({ definition }) => kept({ object: definition }, "definition"))),
      ...(crds ? [] : settings.map((one) => kept(one, "object"))),
      ...facts.grants.map(({ id }): Kept => ({ kind: "Grant", name: id, why: "grant" })),
      ...facts.guards.map((one) => kept(one, "guard")),
      ...facts.accessModel.map((one) => kept(one, "access-model")),
      ...facts.grantRoles.map((one) => kept(one, "role")),
      ...(sync ? [] : ofSync.map((one) => kept(one, "sync"))),
      ...(sync && home !== undefined && !isEmpty(home.contents)
        ? [keptNamespace(nameOf(home.namespace), home.contents)]
        : []),
      ...(namespace === undefined || goes ? [] : [keptNamespace(nameOf(namespace), contents)]),
    ],
  };
}

const nameOf = ({ object }: Stored): string => object.metadata.name ?? "";

export function keptNamespace(name: string, contents: NamespaceContents | undefined): Kept {
  const { foreign = [], unknown = [] } = contents ?? {};
  const held = foreign.map(({ object }) => `${object.kind} ${object.metadata.name}`);
  const unsure = unknown.map((why) => `perhaps more, because it could not be listed (${why})`);
  return { kind: "Namespace", name, why: "namespace", holds: [...held, ...unsure] };
}

function deletion({ type, object }: Stored, at: number): Change {
  return { action: "delete", type, object, current: object, stage: at };
}

function stage({ type, object }: Stored): number {
  switch (type.kind) {
    case "APIService":
    case "MutatingWebhookConfiguration":
      return uninstallStages.registration;
    case "CronJob":
    case "Deployment":
    case "Service":
      return uninstallStages.workload;
    case "Namespace":
      return uninstallStages.namespace;
    case "ClusterRoleBinding":
      return object.metadata.name === NAME ? uninstallStages.binding : uninstallStages.others;
    default:
      return uninstallStages.others;
  }
}

function kept({ object: { kind, metadata } }: Pick<Stored, "object">, why: Kept["why"]): Kept {
  const { name = "", namespace } = metadata;
  return { kind, name, ...(namespace === undefined ? {} : { namespace }), why };
}
