import { planAdministrators } from "../../../access/administrators.ts";
import { ADMIN_ROLE, COLLECTIONS, MANAGED_BY, MANAGED_BY_LABEL } from "../../../access/names.ts";
import { selfEnrolment } from "../../../access/self-enrolment.ts";
import { formatSubject, subjectIdentity, type RbacSubject } from "../../../access/subject.ts";
import type { World } from "../../../cli/world.ts";
import { usageError, UserError } from "../../../errors.ts";
import { asWritten, emptyCollections, modelObjects } from "../../../install/access-model/objects.ts";
import { guardObjects } from "../../../install/access-model/policies.ts";
import { administratorQuestions } from "../../../install/secure-defaults/obstacles.ts";
import type { Cluster, Plan } from "../../../kube/cluster.ts";
import type { KubernetesObject, ResourceType } from "../../../kubernetes/object.ts";
import { inOrder, plan, type Stored, type Wanted } from "../../../kubernetes/plan.ts";
import { nativeResources } from "../../../kubernetes/resources.ts";
import { mayWritePolicies, servesPolicies } from "../../../reading/admission-policies.ts";
import { readAllRbac } from "../../../reading/rbac-objects.ts";
import { listWords } from "../../../text/list-words.ts";
import { settle } from "../../settle.ts";
import { refuseBeforehand } from "../beforehand.ts";
import { definitionHooks } from "../hooks.ts";
import { current, staged } from "../staged.ts";
import { writeConfirmed, writeGuarded, type WriteMode, type Written } from "../write-guarded.ts";
import { allObjects } from "../../../kubernetes/object-list.ts";

export interface AccessModelOptions extends WriteMode {
  /** Groups whose members may read organizations; those that were named before stay. */
  readers: readonly string[];
  administrators: readonly RbacSubject[];
  withoutPolicies: boolean;
  /** What others manage of our objects is taken over where it differs. */
  forceConflicts: boolean;
}

/**
 * Writes the access model: what it is made of first; the bindings of its policies, which make them hold, only when an
 * administrator is there.
 * @throws UserError "usage" where nobody would be one, or the policies cannot be had and nothing said that this is meant
 */
export async function writeAccessModel(cluster: Cluster, options: AccessModelOptions, world: World): Promise<Written> {
  const guarded = await isGuarded(cluster, options, world);
  if (guarded) await requireAdministrator(cluster, options.administrators);
  await refuseBeforehand(cluster, "access model", world);
  const { policies, bindings } = guarded ? guardObjects() : { policies: [], bindings: [] };
  const written = (objects: readonly KubernetesObject[], at: number): Wanted[] =>
    staged(objects, at).map((item) => (options.forceConflicts ? { ...item, force: true as const } : item));
  const first = [...written(modelObjects(options), 0), ...written(policies.map(asWritten), 1)];
  const last = written(bindings.map(asWritten), 2);
  const planFirst = async () =>
    inOrder([
      ...plan(await current(cluster, first), first),
      ...(await collectionsPlan(cluster)),
      ...(await administratorPlan(cluster, options)),
    ]);
  return await writeGuarded(
    cluster,
    {
      planFirst,
      planBindings: async () => plan(await current(cluster, last), last),
      check: () => seeAdministrators(cluster, options.administrators, world),
      hooks: definitionHooks(cluster),
    },
    options,
    world,
  );
}

/** First what makes the policies hold; administrators, organizations and collections stay. */
export function removeGuards(cluster: Cluster, mode: WriteMode, world: World): Promise<Written> {
  const names = new Set(guardObjects().policies.map(({ metadata }) => metadata.name));
  const ours = async (type: ResourceType, stage: number): Promise<Stored[]> => {
    const found = await allObjects(cluster.list(type, { labelSelector: `${MANAGED_BY_LABEL}=${MANAGED_BY}` }));
    return found.filter(({ metadata }) => names.has(metadata.name)).map((object) => ({ type, object, stage }));
  };
  const makePlan = async (): Promise<Plan> => {
    const [bindings, policies] = await Promise.all([
      ours(nativeResources.admissionPolicyBindings, 0),
      ours(nativeResources.admissionPolicies, 1),
    ]);
    return plan([...bindings, ...policies], []);
  };
  return writeConfirmed(cluster, mode, world, makePlan);
}

async function administratorPlan(cluster: Cluster, { administrators }: AccessModelOptions): Promise<Plan> {
  if (administrators.length === 0) return [];
  return planAdministrators(await cluster.get(nativeResources.clusterRoleBindings, ADMIN_ROLE), administrators);
}

/** What is in the list already is not ours to write. */
async function collectionsPlan(cluster: Cluster): Promise<Plan> {
  const type = nativeResources.configMaps;
  const stored = await cluster.get(type, COLLECTIONS.name, COLLECTIONS.namespace);
  return stored === undefined ? [{ action: "create", type, object: emptyCollections, stage: 0.5, isNew: true }] : [];
}

/** Whether the policies are written; where they cannot be, that has to be meant. */
async function isGuarded(
  cluster: Cluster,
  { withoutPolicies }: AccessModelOptions,
  world: Pick<World, "warn">,
): Promise<boolean> {
  const why = await noPolicies(cluster);
  if (why === undefined && !withoutPolicies) return true;
  const open = selfEnrolment(await readAllRbac(cluster));
  const texts = [
    ...(why === undefined ? [] : [why]),
    "without the policies RBAC alone says who may change access, and these could, as their rights are today:",
    ...open.map((clause) => `  ${clause}`),
  ];
  if (!withoutPolicies) {
    throw usageError(texts, "To install the rest all the same: --without-policies. Nothing was written.");
  }
  for (const text of texts) world.warn(text);
  return false;
}

async function noPolicies(cluster: Cluster): Promise<string | undefined> {
  if (!(await servesPolicies(cluster))) {
    return "this cluster has no ValidatingAdmissionPolicy of version v1 (Kubernetes 1.30), which keep access for administrators";
  }
  return (await mayWritePolicies(cluster))
    ? undefined
    : "you may not write ValidatingAdmissionPolicies, which keep access for administrators";
}

async function requireAdministrator(cluster: Cluster, named: readonly RbacSubject[]): Promise<void> {
  const answers = await cluster.review(administratorQuestions);
  if (named.length > 0 || answers.some(({ answer }) => answer === "yes")) return;
  throw usageError("nothing here makes you an administrator to the policies, and you would be refused yourself", [
    "Name who the administrators are, users or groups: --admin SUBJECT",
    "An administrator may, in all namespaces, manage grants.access.kubectl-mirrord.io, or everything. Nothing was written.",
  ]);
}

/** The authorizer learns of their binding a moment after it was written. */
async function seeAdministrators(
  cluster: Cluster,
  administrators: readonly RbacSubject[],
  world: Pick<World, "signal">,
): Promise<void> {
  const lacking = await settle(
    async () => {
      const answers = await Promise.all(
        administrators.map(async (subject) => ({
          subject,
          is: (await cluster.review(administratorQuestions, subjectIdentity(subject))).some(
            ({ answer }) => answer === "yes",
          ),
        })),
      );
      return answers.flatMap(({ subject, is }) => (is ? [] : [formatSubject(subject)]));
    },
    { isExpected: (found) => found.length === 0, describe: (found) => found.join() },
    world,
  );
  if (lacking.length === 0) return;
  throw new UserError(
    "refused",
    `the API server does not take ${listWords(lacking)} for administrators`,
    "The policies are written and do not hold yet: run the same command again once that is mended.",
  );
}
