// What Helm knows of the operator, and how it is taken over.

import { gunzipSync } from "node:zlib";
import { UserError } from "../../errors.ts";
import type { Release } from "../../install/chart.ts";
import { readLabelled, COMPONENT_LABEL } from "../../install/component.ts";
import { installationOwner, ownerText, type Owner } from "../../kubernetes/owner.ts";
import { declaredKeeper } from "../../install/plan/keeper.ts";
import type { InstallPlanOptions } from "../../install/plan/plan.ts";
import { objectIn, textIn } from "../../json.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { Stored } from "../../kubernetes/plan.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import { readList } from "../../reading/read.ts";
import { shellCommand } from "../../text/shell-quote.ts";

/**
 * What is to be taken over from Helm; undefined where Helm has nothing to do with it.
 * @param current the wanted objects that are stored
 * @throws UserError "usage" where Helm has and this was not wanted, and where another tool would undo all
 */
export async function helmTakeover(
  cluster: Cluster,
  current: readonly KubernetesObject[],
  adopt: boolean,
): Promise<InstallPlanOptions["helm"]> {
  const owner = installationOwner(current);
  if (owner !== undefined && owner.kind !== "Helm release") throw keptElsewhere(owner);
  const foreign = current.filter(({ metadata }) => metadata.labels?.[COMPONENT_LABEL] === undefined);
  const release = owner === undefined ? undefined : { name: owner.name, namespace: owner.namespace ?? "" };
  const keeper = foreign.length === 0 ? undefined : await declaredKeeper(cluster, foreign, release);
  if (keeper !== undefined) throw keptElsewhere(keeper);
  return await takeover(cluster, release ?? (adopt ? await recordedRelease(cluster) : undefined), adopt);
}

async function takeover(
  cluster: Cluster,
  release: Release | undefined,
  adopt: boolean,
): Promise<InstallPlanOptions["helm"]> {
  if (release === undefined) return undefined;
  if (!adopt) throw managedByHelm(release);
  const [helms, records] = await Promise.all([
    readLabelled(cluster, "app.kubernetes.io/managed-by=Helm"),
    releaseRecords(cluster, release),
  ]);
  const isOfRelease = ({ object }: Stored) => {
    const own = installationOwner([object]);
    return own?.name === release.name && own.namespace === release.namespace;
  };
  return { surplus: helms.objects.filter(isOfRelease), releases: records };
}

function keptElsewhere(owner: Owner): UserError {
  return new UserError("usage", `${ownerText(owner)} keeps the operator, and would undo what is written here`, [
    "Change it there, or take the operator out of it first.",
    "The objects for it: kubectl mirrord install -o yaml",
  ]);
}

function managedByHelm({ name, namespace }: Release): UserError {
  const place = namespace === "" ? [] : ["-n", namespace];
  return new UserError("usage", `the operator was installed by Helm, as release ${name} in namespace ${namespace}`, [
    "To take it over from Helm, add --adopt. Its values come with:",
    shellCommand(["helm", "get", "values", name, ...place, "-o", "yaml"]),
    `To go on with Helm: ${shellCommand(["helm", "upgrade", name, ...place])} CHART`,
  ]);
}

const RECORD_SELECTOR = "owner=helm";

/** Helm's own records of a release, all its revisions: a Secret each, or a ConfigMap. Source: helm.sh/helm pkg/storage/driver. */
async function releaseRecords(cluster: Cluster, { name, namespace }: Release): Promise<Stored[]> {
  const scope = {
    ...(namespace === "" ? {} : { namespace }),
    labelSelector: `${RECORD_SELECTOR},name=${name}`,
  };
  const types = [nativeResources.secrets, nativeResources.configMaps];
  const lists = await Promise.all(
    types.map(async (type) => {
      const read = await readList(cluster, type, scope);
      if (read.failed) throw read.error;
      return read.value.map((object) => ({ type, object }));
    }),
  );
  return lists.flat();
}

/** Where a take-over was interrupted before the very end, only Helm's record is left. */
async function recordedRelease(cluster: Cluster): Promise<Release | undefined> {
  const read = await readList(cluster, nativeResources.secrets, { labelSelector: RECORD_SELECTOR });
  const record = read.failed ? undefined : read.value.find((secret) => chartName(secret) === "mirrord-operator");
  const { labels, namespace = "" } = record?.metadata ?? {};
  return record === undefined ? undefined : { name: labels?.["name"] ?? "", namespace };
}

/** A record is gzipped JSON in base64, within a Secret's base64; what is none is of no chart. */
function chartName(secret: KubernetesObject): string {
  try {
    const packed = Buffer.from(textIn(objectIn(secret["data"])["release"]), "base64").toString("utf8");
    const text = gunzipSync(Buffer.from(packed, "base64"), { maxOutputLength: MAX_RECORD_BYTES }).toString("utf8");
    return textIn(objectIn(objectIn(objectIn(JSON.parse(text))["chart"])["metadata"])["name"]);
  } catch {
    return "";
  }
}

/** A Secret holds 1 MiB; packed text is some ten times as long. */
const MAX_RECORD_BYTES = 64 * 1024 * 1024;
