import { grantId, normalizeIntent, type Intent } from "../../access/intent.ts";
import { MANAGED_BY, MANAGED_BY_LABEL } from "../../access/names.ts";
import { grantName, grantObjects, type Provenance } from "../../access/objects.ts";
import { planObjects, type Lookup } from "../../access/plan.ts";
import { formatSubject } from "../../access/subject.ts";
import type { ConnectOptions, World } from "../../cli/world.ts";
import { apply, dryRun } from "../../kube/apply.ts";
import type { Cluster, KubernetesObject, Plan } from "../../kube/cluster.ts";
import { rbacResources } from "../../rbac/resources.ts";
import { escapeLines } from "../../view/escape.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import { accessAfter, accessLine } from "./access-after.ts";
import { grantFacts } from "./facts.ts";
import { readGrants } from "./read.ts";
import { describeChange, manifest, planDiff, planLines, planNames } from "./show-plan.ts";
import { grantVerbs } from "./verbs.ts";

export interface CreateOptions {
  reason: string | undefined;
  allowSystem: boolean;
  dangerous: boolean;
  dryRun: "none" | "client" | "server";
  diff: boolean;
  output: "table" | "json" | "yaml" | "name";
}

/**
 * Makes the grant true: plan, server dry run of every object, then the writes; it ends with what the subject can do now.
 * Resolves to the exit code.
 */
export async function createGrant(
  asked: Intent,
  options: CreateOptions,
  connection: ConnectOptions,
  world: World,
): Promise<number> {
  const intent = normalizeIntent(asked);
  const cluster = await world.connect(connection);
  const caller = await cluster.identity();
  const provenance: Provenance = {
    grantedBy: caller.name,
    grantedAt: world.now().toISOString(),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  };
  const { plan, warnings } = await planGrant(cluster, intent, { ...options, provenance });
  for (const warning of warnings) world.warn(warning);

  if (options.diff) {
    const diff = planDiff(plan);
    if (diff !== "") world.print(escapeLines(diff));
    return diff === "" ? 0 : 1;
  }
  if (options.dryRun !== "client") await dryRun(plan, cluster);
  if (options.dryRun !== "none") {
    await showDryRun(plan, options, world);
    return 0;
  }
  await apply(plan, cluster, world.signal);
  await showGranted(cluster, intent, plan, options, world);
  return 0;
}

/**
 * What has to change so that the intent is true. Throws before anything is written when something it refers to is missing.
 */
export async function planGrant(
  cluster: Cluster,
  intent: Intent,
  { provenance, ...flags }: { allowSystem: boolean; dangerous: boolean; provenance: Provenance },
): Promise<{ plan: Plan; warnings: string[] }> {
  const [facts, stored, ownRoles] = await Promise.all([
    grantFacts(cluster, intent, flags),
    readGrants(cluster, grantId(intent)),
    Array.fromAsync(cluster.list(rbacResources.clusterRoles, { labelSelector: `${MANAGED_BY_LABEL}=${MANAGED_BY}` })),
  ]);
  const current = lookupOf([...ownRoles, ...stored.flatMap(({ objects }) => objects.map(({ object }) => object))]);
  const wanted = grantObjects(intent, provenance, facts.limits);
  return { plan: planObjects(wanted, current, grantName(intent)), warnings: facts.warnings };
}

function lookupOf(objects: readonly KubernetesObject[]): Lookup {
  const key = (kind: string, name = "", namespace = "") => [kind, namespace, name].join("\0");
  const byKey = new Map(
    objects.map((object) => [key(object.kind, object.metadata.name, object.metadata.namespace), object]),
  );
  return ({ kind }, name, namespace) => byKey.get(key(kind, name, namespace));
}

async function showDryRun(plan: Plan, { output, dryRun: mode }: CreateOptions, world: World): Promise<void> {
  if (output === "json" || output === "yaml") await printDocument(manifest(plan), output, world);
  else if (output === "name") world.print(escapeLines(planNames(plan).join("\n")));
  else world.print(escapeLines(planLines(plan, mode).join("\n")));
}

async function showGranted(
  cluster: Cluster,
  intent: Intent,
  plan: Plan,
  { output }: CreateOptions,
  world: World,
): Promise<void> {
  if (output === "name") {
    world.print(escapeLines(planNames(plan).join("\n")));
    return;
  }
  const wrote = plan.some(({ action }) => action !== "unchanged");
  const access = await accessAfter(cluster, intent, { settle: wrote ? "yes" : undefined }, world);
  if (output === "json" || output === "yaml") {
    const value = {
      apiVersion: API_VERSION,
      kind: "Grant",
      id: grantId(intent),
      name: grantName(intent),
      intent,
      changes: plan.map(describeChange),
      access,
    };
    await printDocument(value, output, world);
    return;
  }
  const subject = formatSubject(intent.subject, grantVerbs);
  const includes =
    intent.reads && intent.role !== "view"
      ? ["Native reads that a session needs are included (--no-reads leaves them out)."]
      : [];
  const lines = [
    ...planLines(plan, "none"),
    "",
    ...access.map((place) => accessLine(subject, intent, place)),
    ...includes,
  ];
  world.print(escapeLines(lines.join("\n")));
}
