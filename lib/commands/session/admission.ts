import type { Cluster } from "../../kube/cluster.ts";
import type { AccessAttributes, Answer } from "../../kubernetes/access.ts";
import { rightsToRestart, planToRestart } from "../../mirrord/plan/session-rights.ts";
import type { Incoming } from "../../mirrord/plan/session-use.ts";
import type { Session } from "../../mirrord/session/session.ts";
import { decisionOf, type Decider } from "../../preview/explain.ts";
import { groupFinder } from "../../rbac/decide/group-finder.ts";
import { weighPolicies } from "../../preview/policies.ts";
import { readPolicies } from "../../reading/policies.ts";
import { previewAttributes } from "../../preview/preview.ts";
import { readRelations } from "../../reading/relations.ts";
import { readTarget } from "../../reading/session-facts.ts";
import { describeAttributes } from "../../preview/verdict.ts";
import type { OperatorStatus } from "../../mirrord/session/session-status.ts";

/** Who let the owner of a session in, or may have: the binding behind the connection to the target. */
export interface Admission {
  /** What was asked: the request that connects. */
  request: string;
  answer: Answer;
  reason: string;
  by: Decider[];
  /** Groups that would let in whoever is in them; sessions do not say in which groups their users are. */
  groups: string[];
}

/** Undefined for a session whose owner or target is not known. */
export async function admissionOf(
  cluster: Cluster,
  session: Session,
  status: OperatorStatus | undefined,
  now: Date,
): Promise<Admission | undefined> {
  const name = session.owner.kubernetesUser;
  const attributes = rightsToRestart(session, status?.features)?.find(isConnection);
  if (name === undefined || attributes === undefined || session.namespace === undefined) return undefined;
  const preview = await previewAttributes(cluster, attributes, session.namespace, {
    as: { name, groups: [], groupsGiven: false },
    explain: true,
  });
  const [check] = preview.checks;
  if (check === undefined) return undefined;
  const { answer, reason } = check;
  const { by = [] } = decisionOf(preview, now)(check);
  const may = groupFinder(preview.rbac)(attributes);
  return { request: describeAttributes(attributes), answer, reason, by, groups: may.known ? may.groups : [] };
}

/** `proxy targets/NAME`, or `proxy copytargets`. */
function isConnection(attributes: AccessAttributes): boolean {
  return (
    "resource" in attributes && /^(copy)?targets$/.test(attributes.resource) && /^(proxy|get)$/.test(attributes.verb)
  );
}

/** A policy that reaches the session's target. */
export interface ApplyingPolicy {
  kind: string;
  name: string;
  namespace?: string;
  /** "unknown": it depends on what could not be read, or on the version of the operator. */
  applies: Exclude<Answer, "no">;
  /** What it would refuse of a session like this one. */
  refuses: string[];
}

export type Policies = { known: true; policies: ApplyingPolicy[] } | { known: false; why: string };

export async function policiesOn(
  cluster: Cluster,
  session: Session,
  status: OperatorStatus | undefined,
): Promise<Policies> {
  const plan = planToRestart(session, status?.features);
  if (plan === undefined) return { known: false, why: "its target is not understood" };
  const [read, target] = await Promise.all([readPolicies(cluster, plan.namespace), readTarget(cluster, plan)]);
  if (read.unreadable.length > 0) return { known: false, why: `you may not list ${read.unreadable.join(" and ")}` };
  const steals = session.ports.some(({ kind }) => kind === "steal");
  const related = read.policies.length === 0 ? plan : (await readRelations(cluster, plan, target)).plan;
  const outcome = weighPolicies(
    read,
    steals ? { ...related, action: "steal", incoming: stolen(session) } : related,
    target.object,
    status?.version,
  );
  const { policies, asGiven, inherited } = outcome.verdict;
  const blocks = [...asGiven.blocks, ...inherited.blocks];
  return {
    known: true,
    policies: policies.flatMap(({ policy, asGiven: now, inherited: later }): ApplyingPolicy[] => {
      if (now === "no" && later === "no") return [];
      const refuses = blocks.filter((block) => sameAs(block.policy, policy)).map(({ message }) => message);
      return [{ ...policy, applies: now === "yes" ? "yes" : "unknown", refuses: [...new Set(refuses)] }];
    }),
  };
}

interface Named {
  kind: string;
  name: string;
  namespace?: string;
}

function sameAs(one: Named, other: Named): boolean {
  return one.kind === other.kind && one.name === other.name && one.namespace === other.namespace;
}

/** What is stolen, as far as the locked ports tell. Locks show a header filter as `header=…`. */
function stolen({ ports, httpFilter }: Session): Incoming {
  const locks = ports.filter(({ kind }) => kind === "steal");
  const filters = locks.map(({ filter }) => filter ?? httpFilter);
  const [filter] = filters;
  const numbers = locks.flatMap(({ port }) => (port === undefined ? [] : [port]));
  return {
    mode: "steal",
    ...(numbers.length === 0 ? {} : { ports: numbers }),
    ...(filter === undefined || filters.includes(undefined)
      ? {}
      : { filter: { header: filter.replace(/^header=/, "") } }),
  };
}
