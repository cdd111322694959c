import { UserError, usageError } from "../../errors.ts";
import { refuseConflicts } from "./configured-session.ts";
import { envFlag, envText, type Environment } from "./env.ts";
import { copyTargetIn, databaseBranchesIn, envIn, filesIn, previewIn, splitsQueues } from "./features.ts";
import { resolveKey } from "./key.ts";
import { networkIn } from "./network.ts";
import { parseClientTarget, targetIn } from "./target.ts";
import { renderTemplate } from "./template.ts";
import { configurationShape } from "./shapes.ts";
import { parseConfigText } from "./text.ts";
import { verifyValues } from "./verify.ts";
import { objectIn } from "../../json.ts";
import { flagIn, optionalText, type Decoded, type Report } from "./decoded.ts";
import type { ProfileName, SessionConfig } from "./session-config.ts";
import type { Action } from "../plan/session-plan.ts";
import type { Target } from "../target.ts";

/** Where the client looks when `-f` is given without a value, from the working directory. */
export const DEFAULT_CONFIG_PATH = ".mirrord/mirrord.json";

export interface ConfigOptions {
  /** As the user knows it; its extension decides how the text is read. `-` is strict JSON. */
  fileName: string;
  env: Environment;
  /** `--key`. */
  key?: string;
  /** The branch that is checked out; MIRRORD_BRANCH_NAME stands above it. */
  gitBranch?: string;
}

/**
 * Reads a mirrord configuration as the client does: rendered, parsed by its extension, every key known, the environment above
 * the file. Without a profile its conflicts are refused here; with one the caller applies it first (applyProfile).
 * Throws UserError "usage" for what the client would refuse before it sends anything, and for templates that are not evaluated.
 */
export function parseSessionConfig(text: string, options: ConfigOptions): SessionConfig {
  const { fileName, env } = options;
  const branch = envText(env, "MIRRORD_BRANCH_NAME") ?? options.gitBranch;
  const branchVariables = branch === undefined ? {} : { git_branch: branch };
  const warnings: string[] = [];
  const used = new Set<string>();
  const { key, rendered } = naming(fileName, () => {
    const recorded = recording(env, used);
    const resolved = resolveKey(text, { ...options, env: recorded, branchVariables });
    const variables = { ...branchVariables, key: resolved.text };
    return { key: resolved, rendered: renderTemplate(text, { variables, env: recorded }) };
  });
  const { value, isYaml } = parseConfigText(rendered, fileName);
  const problems: Problem[] = [];
  const report = (path: string, problem: string) => problems.push({ path, problem });
  const values = objectIn(configurationShape(value, { path: "", isYaml, report }));
  refuse(problems, fileName);
  if (key.isGenerated && typeof values["key"] === "string") {
    warnings.push(
      "The client ignores key: the file is not valid before its templates are rendered. Use single quotes in key.",
    );
  }
  const config = readConfig(values, env, report);
  verifyValues(values, config.target.kind === "targetless", report);
  refuse(problems, fileName);
  const whole = {
    ...withProfileNamespace(config),
    key,
    variables: [...used].toSorted(),
    warnings: [...warnings, ...configWarnings(config, values)],
  };
  if (whole.profile === undefined) refuseConflicts(whole, fileName);
  return whole;
}

/** The environment, noting each variable that is there and is read. */
function recording(env: Environment, used: Set<string>): Environment {
  return new Proxy(env, {
    get(variables, name) {
      if (typeof name !== "string") return undefined;
      if (variables[name] !== undefined) used.add(name);
      return variables[name];
    },
  });
}

function naming<T>(fileName: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(error.kind, `${fileName}: ${error.message}`, error.hints, { cause: error });
  }
}

/** So many that a file is mended in one go, and so few that the message is no longer than somebody reads. */
const SHOWN = 20;

interface Problem {
  path: string;
  problem: string;
}

function refuse(problems: readonly Problem[], fileName: string): void {
  if (problems.length === 0) return;
  const shown = problems.slice(0, SHOWN).map(({ path, problem }) => `${shortened(path)} ${problem}`);
  const more = problems.length > SHOWN ? `; and ${problems.length - SHOWN} more` : "";
  throw usageError(`${fileName}: ${shown.join("; ")}${more}`);
}

/** Every path below a long key holds that key. */
function shortened(path: string): string {
  return path.length > 300 ? `${path.slice(0, 300)}…` : path;
}

type ReadConfig = Omit<SessionConfig, "key" | "warnings" | "variables">;

function readConfig(root: Decoded, env: Environment, report: Report): ReadConfig {
  const feature = objectIn(root["feature"]);
  const { target, namespace } = chosenTarget(root, env, report);
  const flag = (name: string, variable: string) => envFlag(env, variable) ?? flagIn(root[name]);
  return {
    target,
    namespace,
    operator: flag("operator", "MIRRORD_OPERATOR_ENABLE"),
    profile: profileName(optionalText(root["profile"])),
    multiCluster: flag("multi_cluster", "MIRRORD_MULTI_CLUSTER"),
    ...clusterIn(root, env),
    acceptInvalidCertificates: flag("accept_invalid_certificates", "MIRRORD_ACCEPT_INVALID_CERTIFICATES"),
    useProxy: flag("use_proxy", "MIRRORD_PROXY") ?? true,
    ...networkIn(feature, env, report),
    files: filesIn(feature, env),
    env: envIn(feature, env, report),
    copyTarget: copyTargetIn(feature),
    splitQueues: splitsQueues(feature),
    databaseBranches: databaseBranchesIn(feature),
    preview: previewIn(feature, env),
    ciKey: envText(env, "MIRRORD_CI_API_KEY") !== undefined,
  };
}

function clusterIn(
  root: Decoded,
  env: Environment,
): Pick<SessionConfig, "kubeconfig" | "kubeContext" | "chosenByFile"> {
  const inEnvironment = {
    kubeconfig: envText(env, "MIRRORD_KUBECONFIG"),
    kubeContext: envText(env, "MIRRORD_KUBE_CONTEXT"),
  };
  const inFile = { kubeconfig: optionalText(root["kubeconfig"]), kubeContext: optionalText(root["kube_context"]) };
  const chosenByFile = (["kubeconfig", "kubeContext"] as const).filter(
    (what) => inEnvironment[what] === undefined && inFile[what] !== undefined,
  );
  return {
    kubeconfig: inEnvironment.kubeconfig ?? inFile.kubeconfig,
    kubeContext: inEnvironment.kubeContext ?? inFile.kubeContext,
    chosenByFile,
  };
}

function chosenTarget(
  root: Decoded,
  env: Environment,
  report: Report,
): { target: Target; namespace: string | undefined } {
  const inFile = targetIn(root["target"], report);
  const inEnvironment = envText(env, "MIRRORD_IMPERSONATED_TARGET");
  const target = inEnvironment === undefined ? inFile.target : parseClientTarget(inEnvironment);
  return {
    target: target ?? { kind: "targetless" },
    namespace: envText(env, "MIRRORD_TARGET_NAMESPACE") ?? inFile.namespace,
  };
}

function profileName(text: string | undefined): ProfileName | undefined {
  if (text === undefined) return undefined;
  const slash = text.indexOf("/");
  if (slash < 0) return { name: text };
  return { name: text.slice(slash + 1), namespace: text.slice(0, slash) };
}

/** A namespaced profile says where the target is when nothing else does. That both agree is looked at with the cluster. */
function withProfileNamespace(config: ReadConfig): ReadConfig {
  const namespace = config.namespace ?? config.profile?.namespace;
  return { ...config, namespace };
}

function configWarnings(
  { copyTarget, target, incoming, operator }: ReadConfig,
  values: Record<string, unknown>,
): string[] {
  const canScaleDown = ["deployment", "rollout", "statefulset", "replicaset"].includes(target.kind);
  const usesOperator = operator !== false;
  return [
    ...(copyTarget.enabled && copyTarget.scaleDown && !canScaleDown
      ? [`scale_down does nothing to a ${target.kind} target.`]
      : []),
    ...(copyTarget.enabled && incoming.mode !== "steal"
      ? ["The copy does not run the application, so without stealing some requests may stay unanswered."]
      : []),
    ...(usesOperator && values["agent"] !== undefined && values["agent"] !== null
      ? ["The client ignores agent where it uses the operator."]
      : []),
  ];
}

/** What the session does, in the words of `can-i`. */
export function configuredAction({ target, copyTarget, incoming }: SessionConfig): Action {
  if (target.kind === "targetless") return "targetless";
  if (copyTarget.enabled) return copyTarget.scaleDown ? "copy-scale-down" : "copy";
  return incoming.mode === "steal" ? "steal" : "mirror";
}
