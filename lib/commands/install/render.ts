import type { World } from "../../cli/world.ts";
import { withDefaultSignals } from "../../computing.ts";
import { usageError } from "../../errors.ts";
import { renderOperator } from "../../install/render.ts";
import { inlineSecrets } from "../../install/secrets.ts";
import type { Enforcement } from "../../install/secure-defaults/policy-parts.ts";
import { readValues, type Values } from "../../install/values.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { printObjects } from "../../view/output.ts";
import { givenValues, type ValueOptions } from "./given-values.ts";

export interface RenderOptions extends ValueOptions {
  output: "yaml" | "json";
  /** Else only what else was asked for is printed. */
  withOperator: boolean;
  showSecrets?: boolean;
  secureDefaults?: "off" | Enforcement | undefined;
  admin?: readonly string[];
  exempt?: readonly string[];
  sync?: boolean;
  syncImage?: string | undefined;
  accessModel?: "on" | "off" | undefined;
  readers?: readonly string[];
  withoutPolicies?: boolean;
}

/** Prints the objects; resolves to the exit code. */
export async function render(
  options: RenderOptions,
  world: Pick<World, "document" | "print" | "template" | "warn">,
): Promise<number> {
  const given = givenValues(options);
  const values = readValues(given);
  const secrets = inlineSecrets(values);
  if (secrets.length > 0 && options.showSecrets !== true) {
    throw usageError(`the values hold secrets, which would be printed: ${secrets.join(", ")}`, [
      "Put the licence key into a Secret of the cluster, as OPERATOR_LICENSE_KEY, and name it: --license-secret NAME",
      "To print them anyway: --show-secrets",
    ]);
  }
  const release = { name: "mirrord-operator", namespace: options.namespace ?? "default" };
  const operator = options.withOperator ? withDefaultSignals(() => renderOperator(given, release)) : [];
  const more = [await defaults(options, values, world), await model(options), await sync(options)];
  const objects = withoutTwins([...operator, ...more.flat()]);
  warnOfLost(objects, values.text("namespace"), world);
  if (values.get("agent.injectHeaders") === false) {
    world.warn("agent.injectHeaders has no effect: set agent.extraConfig.inject_headers instead");
  }
  await printObjects(objects, options.output, world);
  return 0;
}

async function defaults(
  { secureDefaults: enforcement = "off", admin = [], exempt = [] }: RenderOptions,
  values: Values,
  world: Pick<World, "warn">,
): Promise<KubernetesObject[]> {
  if (enforcement === "off") return [];
  world.warn(
    "StorageClasses are not known without a cluster: volumes of a class for local ones are refused only where they say local or hostPath themselves",
  );
  const { defaultsFromValues } = await import("./secure-defaults/from-values.ts");
  return defaultsFromValues(values, { enforcement, admin, exempt });
}

async function sync({ sync: isWanted = false, syncImage }: RenderOptions): Promise<KubernetesObject[]> {
  return isWanted ? (await import("./sync.ts")).syncManifests(syncImage) : [];
}

async function model({ accessModel = "off", ...options }: RenderOptions): Promise<KubernetesObject[]> {
  if (accessModel === "off") return [];
  const { accessModelObjects } = await import("./access-model/from-flags.ts");
  return accessModelObjects(options);
}

/** What two parts need, such as a role or a namespace, is printed once. */
function withoutTwins(objects: readonly KubernetesObject[]): KubernetesObject[] {
  const key = ({ kind, metadata }: KubernetesObject) => JSON.stringify([kind, metadata.namespace, metadata.name]);
  return [...new Map(objects.toReversed().map((object) => [key(object), object])).values()].toReversed();
}

/** Helm's default puts the credentials of other clusters where the operator does not look. */
function warnOfLost(objects: readonly KubernetesObject[], namespace: string, world: Pick<World, "warn">): void {
  const lost = objects.filter(
    ({ kind, metadata }) =>
      kind === "Secret" && metadata.name?.startsWith("mirrord-cluster-") === true && metadata.namespace !== namespace,
  );
  if (lost.length === 0) return;
  const names = lost.map(({ metadata }) => metadata.name).join(", ");
  world.warn(
    `the operator reads Secrets of namespace ${namespace} only, and ${names} would be in ${lost[0]?.metadata.namespace}: give -n ${namespace}`,
  );
}
