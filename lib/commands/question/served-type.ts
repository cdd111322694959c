import { usageError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { ResourceType } from "../../kubernetes/object.ts";
import { attempt } from "../../reading/read.ts";
import { servedTypes } from "../../reading/served-types.ts";
import { didYouMean, nearest } from "../../text/suggest.ts";
import { knownTypeWords, plainQuestion, type PlainQuestion } from "./plain-question.ts";

/**
 * The question with what the cluster says of its type: in which group it is, and whether it is namespaced, which decides which
 * bindings count. Where the cluster does not know it either, that is one of the warnings. Throws UserError "usage" for a type that
 * no group has and that is nearly another one: the answer would be about nothing.
 */
export async function withServedType(
  cluster: Cluster,
  question: PlainQuestion,
  words: readonly [verb: string, what: string],
): Promise<PlainQuestion> {
  const { unknown } = question;
  if (unknown === undefined) return question;
  const { type, group } = unknown;
  const read = await attempt(() =>
    group === undefined ? servedTypes(cluster).then(({ types }) => types) : cluster.discover(group),
  );
  const types = read.failed ? [] : (read.value ?? []);
  const served = plainQuestion(...words, types);
  if (served.unknown === undefined) return served;
  if (group === undefined) {
    refuseSlip(type, types);
    return served;
  }
  const why = `whether ${JSON.stringify(words[1].split("/")[0])} is namespaced is not known here: it is taken for namespaced, and if it is not, no RoleBinding counts`;
  return { ...served, warnings: [...served.warnings, why] };
}

/** What nobody serves may be meant all the same: `impersonate` asks about users, groups and uids. */
function refuseSlip(type: string, types: readonly ResourceType[]): void {
  const served = types.flatMap(({ resource, kind, shortNames = [] }) => [resource, kind.toLowerCase(), ...shortNames]);
  const names = [...served, ...knownTypeWords()];
  if (nearest(type, names) === undefined) return;
  throw usageError(`the server doesn't have a resource type ${JSON.stringify(type)}`, [
    didYouMean(type, names) ?? "",
    "To ask about a type that is not there all the same, write TYPE.GROUP.",
  ]);
}
