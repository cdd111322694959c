import type { Cluster } from "../../kube/cluster.ts";
import { attempt } from "../../reading/read.ts";
import { plainQuestion, type PlainQuestion } from "./plain-question.ts";

/**
 * The question with what the cluster says of its type: whether it is namespaced decides which bindings count. Where the cluster
 * does not know it either, that is one of the warnings.
 */
export async function withServedType(
  cluster: Cluster,
  question: PlainQuestion,
  words: readonly [verb: string, what: string],
): Promise<PlainQuestion> {
  const { unknownIn } = question;
  if (unknownIn === undefined) return question;
  const read = await attempt(() => cluster.discover(unknownIn));
  const served = plainQuestion(...words, read.failed ? [] : (read.value ?? []));
  if (served.unknownIn === undefined) return served;
  const [type = ""] = words[1].split("/");
  const why = `whether ${JSON.stringify(type)} is namespaced is not known here: it is taken for namespaced, and if it is not, no RoleBinding counts`;
  return { ...served, warnings: [...served.warnings, why] };
}
