// What the caller may see of a session, valid as it is: tests change what they are about.
import { parseSessionConfig } from "../../lib/mirrord/config/config.ts";
import type { OperatorInfo } from "../../lib/mirrord/operator-info.ts";
import type { SessionQuestion } from "../../lib/mirrord/plan/session-question.ts";
import { parseTarget } from "../../lib/mirrord/target.ts";
import type { SessionFacts, TargetFacts } from "../../lib/reading/session-facts.ts";
import { currentFeatures, deployment, NAMESPACE } from "./objects.ts";

export interface FactsChange {
  question?: Partial<SessionQuestion>;
  target?: Partial<TargetFacts>;
  /** `deploy/web`. */
  path?: string;
  /** A mirrord.json. */
  config?: object;
  operator?: SessionFacts["operator"];
  /** Of an operator that is installed and answers. */
  info?: Partial<OperatorInfo>;
  profile?: SessionFacts["profile"];
  operatorTarget?: SessionFacts["operatorTarget"];
  offline?: boolean;
}

export const operatorInfo: OperatorInfo = {
  version: "3.187.0",
  features: new Set(currentFeatures),
  namespace: undefined,
};

export function sessionFacts(change: FactsChange = {}): SessionFacts {
  const { path = "deploy/web", config, info, operatorTarget, offline = false } = change;
  const session = config && parseSessionConfig(JSON.stringify(config), { fileName: "m.json", env: {} });
  return {
    question: {
      action: "mirror",
      target: parseTarget(path),
      namespace: NAMESPACE,
      ...(session === undefined ? {} : { config: { session, file: "m.json" } }),
      ...change.question,
    },
    operator: change.operator ?? { state: "installed", info: { ...operatorInfo, ...info } },
    target: { object: deployment(), pods: undefined, namespaceMissing: false, forbidden: false, ...change.target },
    profile: change.profile,
    ...(operatorTarget === undefined ? {} : { operatorTarget }),
    offline,
  };
}
