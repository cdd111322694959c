import { MANAGED_BY, MANAGED_BY_LABEL, secureDefaults } from "../../../access/names.ts";
import { formatSubject, subjectIdentity, type RbacSubject } from "../../../access/subject.ts";
import type { World } from "../../../cli/world.ts";
import { usageError, UserError } from "../../../errors.ts";
import { addOnByName, type AddOn } from "../../../install/secure-defaults/add-ons.ts";
import { asWritten, exemptionObjects, type OperatorAccount } from "../../../install/secure-defaults/objects.ts";
import { notExempt, obstacles, operatorQuestions } from "../../../install/secure-defaults/obstacles.ts";
import { policyObjects } from "../../../install/secure-defaults/policies.ts";
import type { Enforcement } from "../../../install/secure-defaults/policy-parts.ts";
import { readDefaultsFacts, type DefaultsFacts } from "../../../install/secure-defaults/read.ts";
import type { Cluster, Plan } from "../../../kube/cluster.ts";
import type { ResourceType } from "../../../kubernetes/object.ts";
import { plan, type Stored } from "../../../kubernetes/plan.ts";
import { nativeResources } from "../../../kubernetes/resources.ts";
import { listWords } from "../../../text/list-words.ts";
import { servesPolicies } from "../../../reading/admission-policies.ts";
import { settle } from "../../settle.ts";
import { current, staged } from "../staged.ts";
import { writeConfirmed, writeGuarded, type GuardedWrite, type Written } from "../write-guarded.ts";
import { allObjects } from "../../../kubernetes/object-list.ts";

export interface SecureDefaultsOptions {
  enforcement: "off" | Enforcement;
  administrators: readonly RbacSubject[];
  /** Names of add-ons that are to be exempt. */
  exempt: readonly string[];
  /** Add-ons and namespaces that may break. */
  leave: readonly string[];
  dryRun: "none" | "client" | "server";
  yes: boolean;
}

/**
 * Makes the policies what was asked for: roles and exemptions first, then the policies, and their bindings, which make them
 * hold, only when the operator is seen to be exempt.
 * @throws UserError "usage" where enforcing would refuse what the cluster needs, and nothing said that this is meant
 */
export async function writeSecureDefaults(
  cluster: Cluster,
  options: SecureDefaultsOptions & { operator: OperatorAccount },
  world: World,
): Promise<Written> {
  const { enforcement, operator } = options;
  if (enforcement === "off") return await writeConfirmed(cluster, options, world, () => removal(cluster));
  const wanted = await wantedObjects(cluster, { ...options, enforcement });
  const access = [...staged(wanted.access.map(asWritten), 0), ...staged(wanted.policies.map(asWritten), 1)];
  const bindings = staged(wanted.bindings.map(asWritten), 2);
  const guarded: GuardedWrite = {
    planFirst: async () => plan(await current(cluster, access, surplusAccess(cluster)), access),
    planBindings: async () => plan(await current(cluster, bindings, surplusBindings(cluster)), bindings),
    check: async () => {
      if (enforcement === "enforce") await requireExemptOperator(cluster, operator, world);
    },
  };
  return await writeGuarded(cluster, guarded, options, world);
}

/**
 * Reads what the policies would refuse today, before anything is written.
 * @throws UserError where they cannot be had, or enforcing them was not confirmed
 */
export async function checkDefaults(cluster: Cluster, options: SecureDefaultsOptions): Promise<DefaultsFacts> {
  await requirePolicies(cluster);
  const facts = await readDefaultsFacts(cluster);
  if (options.enforcement === "enforce") refuseEnforcement(facts, options);
  return facts;
}

function refuseEnforcement(facts: DefaultsFacts, { administrators, exempt, leave }: SecureDefaultsOptions): void {
  if (facts.unreadable.length > 0) {
    throw new UserError(
      "undetermined",
      `you may not list ${listWords(facts.unreadable)}: what would stop cannot be seen`,
      "Have somebody enforce them who may, or begin with --secure-defaults=audit.",
    );
  }
  const found = obstacles(facts, { administrators: administrators.length > 0, exempt, leave });
  if (found.length === 0) return;
  throw usageError(
    ["the secure defaults are not enforced:", ...found.map(({ text }) => text)],
    [...found.map(({ hint }) => hint), "All that would be refused: kubectl mirrord install secure-defaults report"],
  );
}

async function requirePolicies(cluster: Cluster): Promise<void> {
  if (await servesPolicies(cluster)) return;
  throw usageError(
    "this cluster has no ValidatingAdmissionPolicy of version v1, which the secure defaults are made of",
    "They need Kubernetes 1.30 or newer.",
  );
}

async function wantedObjects(
  cluster: Cluster,
  options: SecureDefaultsOptions & { operator: OperatorAccount; enforcement: Enforcement },
) {
  const { enforcement, operator, administrators, exempt } = options;
  const named = exempt.map(addOnByName);
  const { localClasses } = await checkDefaults(cluster, options);
  const spaces = await allObjects(cluster.list(nativeResources.namespaces));
  const there = new Set<string | undefined>(["*", ...spaces.map(({ metadata }) => metadata.name)]);
  refuseAbsent(named, there);
  const exempted = named.map((each) => ({ ...each, namespaces: each.namespaces.filter((at) => there.has(at)) }));
  const access = exemptionObjects({ operator, administrators, addOns: exempted });
  return { access, ...policyObjects({ enforcement, localClasses }) };
}

/** An exemption of nobody would be that of whoever makes such an account. */
function refuseAbsent(named: readonly AddOn[], there: ReadonlySet<string | undefined>): void {
  const absent = named.find(({ account }) => !there.has(account.namespace));
  if (absent === undefined) return;
  const { name, account } = absent;
  throw usageError(
    `--exempt ${name}: there is no namespace ${account.namespace}, and so no service account ${account.name} to exempt`,
    "If the add-on has another account: kubectl mirrord grant sa:NAMESPACE/NAME --privileged OPTION,… --ns NAMESPACE",
  );
}

/** The authorizer learns of the bindings a moment after they were written. */
async function requireExemptOperator(cluster: Cluster, operator: OperatorAccount, world: World): Promise<void> {
  const account: RbacSubject = { kind: "ServiceAccount", namespace: operator.namespace, name: operator.name };
  const lacking = await settle(
    async () => {
      const answers = await cluster.review(operatorQuestions(operator), subjectIdentity(account));
      return notExempt(answers.map(({ answer }) => answer));
    },
    { isExpected: (found) => found.length === 0, describe: (found) => found.join() },
    world,
  );
  if (lacking.length === 0) return;
  const who = `${formatSubject(account)} in ${operator.namespace}`;
  throw new UserError(
    "refused",
    lacking.includes("*")
      ? `the operator (${who}) holds every right there by a wildcard, so that no exemption counts: its agents would be refused`
      : `the operator (${who}) is not exempt from ${listWords(lacking)}: its agents would be refused`,
    "The policies are written and do not hold yet: run the same command again once that is mended.",
  );
}

const isPolicy = (name: string) => name.startsWith(secureDefaults.policyPrefix);
const isOperators = (name: string) => name.startsWith(`${secureDefaults.operator}:`);
const isExemption = (name: string) => isOperators(name) || name.startsWith(`${secureDefaults.addOn}:`);

/** Of these kinds what is ours by label and name. */
async function ours(
  cluster: Cluster,
  kinds: readonly ResourceType[],
  isMeant: (name: string) => boolean,
  at: number = Number.MAX_SAFE_INTEGER,
): Promise<Stored[]> {
  const lists = kinds.map(async (type) => {
    const objects = await allObjects(cluster.list(type, { labelSelector: `${MANAGED_BY_LABEL}=${MANAGED_BY}` }));
    return objects
      .filter(({ metadata: { name = "" } }) => isMeant(name))
      .map((object) => ({ type, object, stage: at }));
  });
  return (await Promise.all(lists)).flat();
}

const bindingTypes = [nativeResources.roleBindings, nativeResources.clusterRoleBindings];

/** The policies, and the operator's exemption: administrators and add-ons that were named once stay. */
async function surplusAccess(cluster: Cluster): Promise<Stored[]> {
  const [bindings, policies] = await Promise.all([
    ours(cluster, bindingTypes, isOperators),
    ours(cluster, [nativeResources.admissionPolicies], isPolicy),
  ]);
  return [...bindings, ...policies];
}

const surplusBindings = (cluster: Cluster) => ours(cluster, [nativeResources.admissionPolicyBindings], isPolicy);

/** First what makes the policies hold. Exemptions that were granted stay, with the roles that they bind. */
async function removal(cluster: Cluster): Promise<Plan> {
  const [bindings, policies, exemptions, networks] = await Promise.all([
    ours(cluster, [nativeResources.admissionPolicyBindings], isPolicy, 0),
    ours(cluster, [nativeResources.admissionPolicies], isPolicy, 1),
    ours(cluster, bindingTypes, isExemption, 2),
    ours(cluster, [nativeResources.networkPolicies], () => true, 2),
  ]);
  return plan([...bindings, ...policies, ...exemptions, ...networks], []);
}
