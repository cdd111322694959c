import { objectIn, textIn, textsIn } from "../json.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";

/** What the operator says about itself. Source: MirrordOperator.spec, operator contract section 2.1 (snake case). */
export interface OperatorInfo {
  /** `spec.operator_version`; undefined when nobody said. */
  version: string | undefined;
  features: ReadonlySet<string>;
  /** Where it runs; preview sessions are made there. */
  namespace: string | undefined;
  /** `spec.license.expire_at`, YYYY-MM-DD: the last day on which clients accept the operator. */
  licenseExpiresAt?: string;
}

/** What an operator of today supports, for when it could not be asked. */
export const assumedFeatures: ReadonlySet<string> = new Set([
  "ProxyApi",
  "CopyTarget",
  "SessionManagement",
  "ExtendableUserCredentials",
  "LabelTargeting",
]);

/** Unknown features are kept, missing and malformed fields count as absent: old and new operators both answer. */
export function operatorInfo(operator: KubernetesObject): OperatorInfo {
  const spec = objectIn(operator["spec"]);
  const { supported_features: supported, features, copy_target_enabled: copyTarget } = spec;
  const named = Array.isArray(supported)
    ? textsIn(supported)
    : [...textsIn(features), ...(copyTarget === true ? ["CopyTarget"] : [])];
  const expiresAt = textIn(objectIn(spec["license"])["expire_at"]);
  return {
    version: textIn(spec["operator_version"]) || undefined,
    features: new Set(named),
    namespace: textIn(spec["operator_namespace"]) || undefined,
    ...(expiresAt === "" ? {} : { licenseExpiresAt: expiresAt }),
  };
}
