import { accessRequests, type AccessPlace, type NamespaceAccess } from "../access/session-access.ts";
import type { Cluster } from "../kube/cluster.ts";
import type { UserInfo } from "../kubernetes/access.ts";
import { every } from "../kubernetes/answers.ts";

/** Asks for each place, all at once, what a plain session there needs. */
export async function readNamespaceAccess(
  cluster: Cluster,
  user: UserInfo,
  places: readonly AccessPlace[],
): Promise<NamespaceAccess[]> {
  const questions = places.map((place) => accessRequests(place).map(({ attributes }) => attributes));
  const answers = await cluster.review(questions.flat(), user);
  let next = 0;
  return places.map(({ namespace, target }, index): NamespaceAccess => {
    const checks = (questions[index] ?? []).map((attributes) => {
      const { answer, reason } = answers[next++] ?? { answer: "unknown", reason: "" };
      return { attributes, answer, reason };
    });
    const missing = checks.filter(({ answer }) => answer !== "yes");
    return { namespace, target, answer: every(checks.map(({ answer }) => answer)), missing };
  });
}
