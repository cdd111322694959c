import type { ConnectOptions } from "../../cli/world.ts";
import { usageError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { configuredAction, parseSessionConfig } from "../../mirrord/config/config.ts";
import { formatTarget, type Target } from "../../mirrord/target.ts";
import { parseTypedTarget, type TypedTarget } from "../../mirrord/typed-target.ts";
import { knownTarget } from "../../reading/target-by-name.ts";
import type { SessionQuestion, NamedConfig } from "../../mirrord/plan/session-question.ts";
import { readConfig } from "../config-file.ts";

export interface StartOptions extends ConnectOptions {
  target: string | undefined;
  /** The file of `-f`. */
  config: string | undefined;
  key: string | undefined;
  steal: boolean;
}

/** What would be started. Flags stand above the environment, and that above the file, as for the client. */
export interface StartPlan {
  question: SessionQuestion;
  /** As the client spells it; undefined when it was not typed. */
  target: Target | undefined;
  config: NamedConfig;
}

/** What the client takes from its environment when no `-f` is typed. */
export function configuredFile({ config }: StartOptions, env: NodeJS.ProcessEnv): string | undefined {
  if (config === "-") {
    throw usageError(
      "-f - is not possible here: stdin belongs to the command that is started",
      "Write it to a file first.",
    );
  }
  return config ?? env["MIRRORD_CONFIG_FILE"];
}

/** The configuration as the client will see it: its flags are exported as environment variables. */
export function configWith(
  target: Target | undefined,
  options: StartOptions,
  file: string | undefined,
  env: NodeJS.ProcessEnv,
): NamedConfig {
  const { namespace, key, steal } = options;
  const flags = {
    ...(target === undefined ? {} : { MIRRORD_IMPERSONATED_TARGET: formatTarget(target) }),
    ...(namespace === undefined ? {} : { MIRRORD_TARGET_NAMESPACE: namespace }),
    ...(key === undefined ? {} : { MIRRORD_KEY: key }),
    ...(steal ? { MIRRORD_AGENT_TCP_STEAL_TRAFFIC: "true" } : {}),
  };
  const all = { ...env, ...flags };
  if (file !== undefined) return readConfig(file, all);
  const fileName = "the command line and the environment";
  const session = parseSessionConfig("{}", { fileName, env: all });
  if (session.operator === false) {
    throw usageError(
      "MIRRORD_OPERATOR_ENABLE is false, so the session would not go through the operator, and nothing of it can be foreseen",
      "Unset it, or run mirrord exec itself.",
    );
  }
  return { session, file: fileName };
}

/** The flags that say where to connect. */
export function typedConnection(options: StartOptions): ConnectOptions {
  const { target: _target, config: _config, key: _key, steal: _steal, namespace: _namespace, ...flags } = options;
  return flags;
}

/** For reading the configuration before it is known what kind of thing a bare name is: any kind will do. */
export function provisional(typed: TypedTarget | undefined): Target | undefined {
  return typed?.kind === "bare" ? { kind: "deployment", name: typed.name } : typed;
}

/** Reads nothing but what a bare name needs. */
export async function planStart(
  cluster: Cluster,
  options: StartOptions,
  file: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<StartPlan> {
  const typed = options.target === undefined ? undefined : parseTypedTarget(options.target);
  const before = configWith(provisional(typed), options, file, env);
  const namespace = before.session.namespace ?? cluster.namespace;
  const target = typed === undefined ? undefined : await knownTarget(cluster, typed, namespace);
  const config = configWith(target, options, file, env);
  const { session } = config;
  // A targetless session without a namespace goes to `default`, whatever the kubeconfig says.
  const place = session.target.kind === "targetless" ? "default" : cluster.namespace;
  const { namespace: named = place } = session;
  return {
    question: { action: configuredAction(session), target: session.target, namespace: named, config },
    target,
    config,
  };
}
