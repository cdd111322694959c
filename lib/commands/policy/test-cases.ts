import type { World } from "../../cli/world.ts";
import { bounded } from "../../kube/live/bounded.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { formatTarget } from "../../mirrord/target.ts";
import { API_VERSION, printDocument, type OutputFormat } from "../../view/output.ts";
import { readCases, type PolicyCase } from "./cases.ts";
import type { Outcome } from "./outcome.ts";
import type { PolicySet } from "./policy-set.ts";
import { probeText } from "./probe.ts";
import { referenceText } from "../../kubernetes/object.ts";
import { knownTarget } from "../../reading/target-by-name.ts";
import { readTested, testTarget, type TestedTarget } from "./test-target.ts";

interface CaseResult {
  /** Why there would be no such session, whatever the policies say. */
  obstacles: readonly string[];
  case: PolicyCase;
  namespace: string;
  outcome: Outcome;
  passed: boolean;
}

export interface TestOptions {
  files: readonly string[];
  namespace: string;
  operatorVersion: string | undefined;
  output: OutputFormat;
}

/** Tries every case. 1 when one comes out otherwise than expected. */
export async function testCases(given: Cluster, set: PolicySet, options: TestOptions, world: World): Promise<number> {
  const cases = options.files.flatMap(readCases);
  const cluster = bounded(given);
  const read = new Map<string, Promise<TestedTarget>>();
  const results = await Promise.all(
    cases.map(async (one): Promise<CaseResult> => {
      const { target, namespace = options.namespace, labels, probe, profile } = one;
      const key = JSON.stringify([target, namespace, labels]);
      const reading =
        read.get(key) ??
        knownTarget(cluster, target, namespace).then(() =>
          readTested(cluster, set, { target, namespace, ...(labels === undefined ? {} : { labels }) }, world),
        );
      read.set(key, reading);
      const tested = await reading;
      const operatorVersion = options.operatorVersion ?? tested.operatorVersion;
      const [first] = testTarget(set, tested, [probe], { profile, operatorVersion }).outcomes;
      const outcome = first?.outcome ?? { result: "unknown", reason: "", by: [] };
      return { case: one, namespace, obstacles: tested.obstacles, outcome, passed: isAsExpected(one, outcome) };
    }),
  );
  warnOfMissing(results, world);
  const failed = results.filter(({ passed }) => !passed);
  if (options.output === "json" || options.output === "yaml") {
    await printDocument(casesDocument(results), options.output, world);
  } else {
    const passed = results.length - failed.length;
    world.print([...failed.flatMap(differenceLines), `${passed} of ${results.length} cases passed`]);
  }
  if (set.unreadable.length > 0)
    world.warn(`you may not list ${set.unreadable.join(" and ")}: there may be more policies`);
  if (set.unreadable.length > 0) return 3;
  return failed.length === 0 ? 0 : 1;
}

/** A mistyped target is bound by nothing, so a case about it tests nothing; with labels it is one that is still to come. */
function warnOfMissing(results: readonly CaseResult[], world: World): void {
  for (const { case: one, obstacles } of results) {
    if (one.labels === undefined) for (const obstacle of obstacles) world.warn(`${one.where}: ${obstacle}`);
  }
}

function isAsExpected({ expected, by }: PolicyCase, outcome: Outcome): boolean {
  if (outcome.result !== expected) return false;
  return (
    by === undefined ||
    by.toSorted().join("\0") ===
      outcome.by
        .map(({ name }) => name)
        .toSorted()
        .join("\0")
  );
}

function differenceLines({ case: one, namespace, outcome }: CaseResult): string[] {
  const { where, target, probe, expected, by } = one;
  const names = (list: readonly string[]) => (list.length === 0 ? "" : ` by ${list.join(", ")}`);
  const why = outcome.reason === "" ? "" : `: ${outcome.reason}`;
  return [
    `${where}: ${probeText(probe)} ${formatTarget(target)} in namespace ${namespace}`,
    `- expected: ${expected}${names(by ?? [])}`,
    `+ actual:   ${outcome.result}${names(outcome.by.map(referenceText))}${why}`,
    "",
  ];
}

function casesDocument(results: readonly CaseResult[]): object {
  const passed = results.filter((result) => result.passed).length;
  return {
    apiVersion: API_VERSION,
    kind: "PolicyTestResult",
    passed,
    failed: results.length - passed,
    items: results.map(({ case: one, namespace, outcome: { result, reason, by }, passed: isPassed }) => ({
      case: one.where,
      target: formatTarget(one.target),
      namespace,
      action: probeText(one.probe),
      expected: one.expected,
      result,
      passed: isPassed,
      ...(reason === "" ? {} : { reason }),
      ...(by.length === 0 ? {} : { by }),
    })),
  };
}
