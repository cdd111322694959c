// What the probes of policies try: the objects that they would make, and who is left out.
import type { PolicySet } from "../../../lib/install/verify/policy-set.ts";
import type { FailedRead } from "../../../lib/reading/read.ts";
import { memoryCluster } from "../../kube/memory-cluster.ts";
import { objectLines } from "../../kept-text.ts";

/** Throws where there is none. */
export function presentSet(set: PolicySet | FailedRead | undefined): PolicySet {
  if (set === undefined || "failed" in set) throw new Error("it is installed and may be read");
  return set;
}

/** Of each probe what it is about, and each object in what it tries to make, a line each. */
export async function triedLines({ probes }: PolicySet): Promise<string[]> {
  const lines: string[] = [];
  for (const { what, policy, right, only, attempt } of probes) {
    const place = only === undefined ? "" : ` only in ${only}`;
    lines.push(`${what}: ${policy}, ${right.verb} ${right.resource}.${right.apiGroup}${place}`);
    const cluster = memoryCluster();
    cluster.create = async (type, object, options) => {
      lines.push(`  ${type.resource} ${JSON.stringify(options)}`, ...objectLines(object).map((line) => `  ${line}`));
      return object;
    };
    await attempt(cluster, "dev");
  }
  return lines;
}

/** Whoever may do one of these is left out, with the probes that it is so for. */
export function exemptingLines({ probes }: PolicySet): string[] {
  const byQuestions = Map.groupBy(probes, ({ exempting }) => JSON.stringify(exempting("dev")));
  return [...byQuestions].flatMap(([questions, group]) => [
    group.map(({ what }) => what).join("; "),
    ...(JSON.parse(questions) as object[]).map((question) => `  ${JSON.stringify(question)}`),
  ]);
}
