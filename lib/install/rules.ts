import type { V1PolicyRule } from "@kubernetes/client-node";
import type { Feature } from "./features.ts";
import * as lines from "./rule-lines.ts";

function rulesFrom(given: readonly lines.RuleLine[], features: ReadonlySet<Feature>): V1PolicyRule[] {
  const isOn = (wanted: readonly Feature[]) => wanted.some((feature) => features.has(feature));
  return given
    .flatMap((line) => {
      if (typeof line === "string") return [line];
      return isOn(line.when) && (line.and === undefined || isOn(line.and)) ? line.lines : [];
    })
    .map(parseRule);
}

function parseRule(line: string): V1PolicyRule {
  const [groups, resources, verbs, names] = line.split(" ").map((words) => words.split(","));
  return {
    apiGroups: (groups ?? []).map((group) => (group === "''" ? "" : group)),
    resources: resources ?? [],
    verbs: verbs ?? [],
    ...(names === undefined ? {} : { resourceNames: names }),
  };
}

type Rules = (features: ReadonlySet<Feature>) => V1PolicyRule[];

const from =
  (...given: (readonly lines.RuleLine[])[]): Rules =>
  (features) =>
    rulesFrom(given.flat(), features);

/** The rules of each role. */
export const roleRules = {
  operator: from(lines.operatorLines),
  user: from(lines.userLines, lines.basicLines),
  namespacedUser: from(lines.userLines),
  basic: from(lines.basicLines),
  envoy: from(lines.envoyLines(false)),
  memberEnvoy: from(lines.envoyLines(true)),
  remoteEnvoy: from(lines.remoteLines),
  own: from(lines.ownLines(false)),
  primaryOwn: from(lines.ownLines(true)),
  apiserver: from(lines.apiserverLines),
  hooks: from(lines.hookLines),
} as const;
