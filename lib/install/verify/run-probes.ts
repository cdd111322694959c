import type { AccessAttributes, UserInfo } from "../../kubernetes/access.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { attempt, type Read } from "../../reading/read.ts";
import { finding, type InstallationFinding } from "../installation-rules.ts";
import { candidates, type Candidate } from "./candidates.ts";
import type { Probe } from "./policy-set.ts";

/** The cluster as somebody else sees it. */
export type AsUser = (user: UserInfo) => Promise<Cluster>;

export interface Tried {
  findings: InstallationFinding[];
  /** Probes with an answer that counts. */
  count: number;
}

/** So many are asked whether they could try; and so many try. */
const ASKED = 40;
const TRYING = 3;

/** Those that refuse, and what is tried of them. */
interface ProbedPolicies {
  policies: readonly string[];
  probes: readonly Probe[];
}

interface Probing {
  cluster: Cluster;
  asUser: AsUser;
  /** All roles and bindings; undefined: they may not be read. */
  rbac: readonly KubernetesObject[] | undefined;
  operatorNamespace: string;
}

/**
 * Has real users try what each policy has to refuse, in dry runs. Only a refusal that names the policy counts, and only what gets
 * through is a fault; of what nobody could try it is said.
 */
export async function runProbes({ policies, probes }: ProbedPolicies, probing: Probing): Promise<Tried> {
  const findings: InstallationFinding[] = [];
  const probed = new Set(probes.map(({ policy }) => policy));
  const untried = new Map(policies.filter((name) => !probed.has(name)).map((name) => [name, NO_PROBE]));
  let count = 0;
  const able = new Map<string, Able>();
  for (const probe of probes) {
    const key = JSON.stringify([probe.right, probe.only, probe.exempting("")]);
    const users = able.get(key) ?? (await ableUsers(probe, probing));
    able.set(key, users);
    const result = await tryProbe(probe, users, probing.asUser);
    if (result.state === "untried") untried.set(probe.policy, result.why);
    else count += 1;
    if (result.state === "admitted") findings.push(admitted(probe, result.user));
  }
  const byReason = Map.groupBy(untried, ([, why]) => why);
  return {
    findings: [
      ...findings,
      ...[...byReason].map(([why, all]) =>
        notTried(
          all.map(([name]) => name),
          why,
        ),
      ),
    ],
    count,
  };
}

const NO_PROBE = "no request of a user would show it without writing something";

/** Whom RBAC lets through, and who is neither an administrator nor exempt. */
async function ableUsers(
  { right, exempting, only, type: { namespaced } }: Probe,
  { cluster, rbac, operatorNamespace }: Probing,
): Promise<Able> {
  const able: Candidate[] = [];
  let isAnswered = true;
  for (const candidate of candidates(rbac ?? [], { right, namespaced, only }, operatorNamespace).slice(0, ASKED)) {
    const { user, namespace } = candidate;
    const questions: AccessAttributes[] = [{ ...right, namespace }, ...exempting(namespace)];
    const [may, ...exempts] = (await cluster.review(questions, user)).map(({ answer }) => answer);
    if (may === "unknown" || exempts.includes("unknown")) isAnswered = false;
    if (may === "yes" && exempts.every((answer) => answer === "no")) able.push(candidate);
    if (able.length === TRYING) break;
  }
  return { able, isAnswered };
}

interface Able {
  able: Candidate[];
  /** False: of some nobody could ask. */
  isAnswered: boolean;
}

const NOBODY = "no user without administrator's rights was found whom RBAC lets through";
const NOT_ASKED = "you may not create subjectaccessreviews, and so not ask whom RBAC lets through";

type Result = { state: "refused" } | { state: "admitted"; user: string } | { state: "untried"; why: string };

async function tryProbe(probe: Probe, { able, isAnswered }: Able, asUser: AsUser): Promise<Result> {
  let why = isAnswered ? NOBODY : NOT_ASKED;
  for (const { user, namespace } of able) {
    const tried = await tryAs(probe, { user, namespace }, asUser);
    if (!tried.failed) return { state: "admitted", user: user.name };
    if (tried.error.message.includes(`ValidatingAdmissionPolicy '${probe.policy}'`)) return { state: "refused" };
    why = `as ${user.name}: ${tried.error.lines[0] ?? ""}`;
  }
  return { state: "untried", why };
}

async function tryAs(probe: Probe, { user, namespace }: Candidate, asUser: AsUser): Promise<Read<unknown>> {
  const cluster = await asUser(user);
  try {
    return await attempt(() => probe.attempt(cluster, namespace));
  } finally {
    cluster.close();
  }
}

const policySubject = (name: string) => ({ kind: "ValidatingAdmissionPolicy", name });

function admitted({ what, policy }: Probe, user: string): InstallationFinding {
  const fix = "See the policy, its binding and their exemptions: kubectl get validatingadmissionpolicies -o yaml";
  return finding("policy-admits", policySubject(policy), `It let ${what} of ${user} through.`, fix);
}

function notTried(policies: readonly string[], why: string): InstallationFinding {
  const [first = "", ...more] = policies;
  const also = more.length === 0 ? "It was" : `It and ${more.join(", ")} were`;
  const fix = "Nothing to do, or let somebody verify who may impersonate users.";
  return finding("policy-untried", policySubject(first), `${also} compared only; nobody could try: ${why}.`, fix);
}
