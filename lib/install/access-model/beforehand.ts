import type { V1RoleRef } from "@kubernetes/client-node";
import { accessModel, ADMIN_ROLE } from "../../access/names.ts";
import { boundSubject, formatSubject } from "../../access/subject.ts";
import { listIn, objectIn, textIn } from "../../json.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { fieldsIn } from "../../kubernetes/api-types.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { keyByKind } from "../../kubernetes/object-key.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import { readAllRbac } from "../../reading/rbac-objects.ts";
import { readList, readObject } from "../../reading/read.ts";
import { syncReferences } from "../sync/objects.ts";

const { sync } = accessModel;

/** What was there before the access model or sync, and would be part of it. Both are clauses that name it. */
export interface Beforehand {
  /** What becomes powerful by the installation itself: nobody makes that by chance. */
  refused: string[];
  /** What may be meant: some platforms put bindings into every namespace. */
  doubtful: string[];
}

/** What is installed: the access model, for which sync may follow, or sync alone. */
export type Installed = "access model" | "sync";

/** These roles are yet to be made, so that a binding to one was made for whoever waits for that. */
const waitedFor: Readonly<Record<Installed, readonly string[]>> = {
  "access model": [ADMIN_ROLE, accessModel.readerRole, sync.role],
  sync: [sync.role],
};

/** Pure. `runs`: CronJobs and Jobs in the namespace of sync. Where roles exist already, what binds them is an administrator's. */
export function madeBeforehand(
  rbac: readonly KubernetesObject[],
  runs: readonly KubernetesObject[],
  installed: Installed = "access model",
): Beforehand {
  const waits = new Set(waitedFor[installed]);
  const ofSync = new Set(syncReferences().map(({ kind, metadata }) => keyByKind(kind, metadata)));
  const made = new Set(rbac.flatMap(({ kind, metadata }) => (kind === "ClusterRole" ? (metadata.name ?? "") : [])));
  const bindings = rbac.filter(({ kind }) => kind.endsWith("RoleBinding"));
  return {
    refused: [
      ...bindings.filter((each) => waits.has(roleName(each)) && !made.has(roleName(each))).map(bindingClause),
      ...runs
        .filter((each) => !isOfSync(each))
        .map(
          ({ kind, metadata }) =>
            `${kind.toLowerCase()} ${metadata.name ?? ""} in namespace ${sync.namespace} can run as the account of grant sync`,
        ),
    ],
    doubtful: bindings
      .filter(({ kind, metadata }) => metadata.namespace === sync.namespace && !ofSync.has(keyByKind(kind, metadata)))
      .map(bindingClause),
  };
}

const roleName = ({ roleRef }: KubernetesObject): string => textIn(fieldsIn<V1RoleRef>(roleRef).name);

/** The CronJob of the one name, and the Jobs that it makes. */
function isOfSync({ kind, metadata: { name, ownerReferences = [] } }: KubernetesObject): boolean {
  if (kind === "CronJob") return name === sync.name;
  return ownerReferences.some(
    (owner) => owner.controller === true && owner.kind === "CronJob" && owner.name === sync.name,
  );
}

function bindingClause(binding: KubernetesObject): string {
  const { kind, metadata } = binding;
  const { name = "", namespace } = metadata;
  const subjects = listIn(binding["subjects"]).flatMap((each) => boundSubject(objectIn(each), namespace) ?? []);
  const where = namespace === undefined ? "" : ` in namespace ${namespace}`;
  return `${kind.toLowerCase()} ${name}${where} binds ${roleName(binding)} to ${subjects.map(formatSubject).join(", ") || "nobody"}`;
}

/** Nothing where the policies hold already: whatever is there since then an administrator has made. */
export async function readBeforehand(cluster: Cluster, installed: Installed): Promise<Beforehand> {
  const held = await readObject(cluster, nativeResources.admissionPolicyBindings, accessModel.syncPolicy);
  if (!held.failed && held.value !== undefined) return { refused: [], doubtful: [] };
  const [{ objects }, ...runs] = await Promise.all([
    readAllRbac(cluster),
    ...[nativeResources.cronJobs, nativeResources.jobs].map(async (type) => {
      const read = await readList(cluster, type, { namespace: sync.namespace });
      return read.failed ? [] : read.value;
    }),
  ]);
  return madeBeforehand(objects, runs.flat(), installed);
}
