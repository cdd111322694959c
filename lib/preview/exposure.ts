import { isJsonObject, listIn, objectIn, textIn, type JsonObject } from "../json.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { AccessAttributes, Answer } from "../kubernetes/access.ts";
import type { SessionQuestion } from "../mirrord/plan/session-question.ts";
import type { Target } from "../mirrord/target.ts";
import { podSpec } from "../mirrord/workload.ts";
import type { TargetFacts } from "../reading/session-facts.ts";
import type { Questions } from "./questions.ts";

/** Something whose content a session shows through the target's environment and files. */
export interface Exposed {
  kind: "Secret" | "ConfigMap";
  name: string;
  /** Where the target has it: `env SESSION_KEY`, `volume tls`, each with its containers. */
  through: string[];
}

/** The same with the answer to whether the identity could read it by itself. */
export interface Exposure extends Exposed {
  directly: Answer;
}

/**
 * What the target shows, and which of that the identity could read by itself. Undefined where that is not known, because the
 * caller may not read the target, or the pods of one that has no template of its own.
 */
export async function askExposure(
  asker: Questions,
  { target, namespace }: Pick<SessionQuestion, "target" | "namespace">,
  { object, pods, forbidden }: TargetFacts,
): Promise<Exposure[] | undefined> {
  // A workload's own template says it; labels and services have none, nor has a rollout whose workload may not be read.
  const hasTemplate =
    object !== undefined && target.kind !== "service" && listIn(podSpec(object).containers).length > 0;
  if (forbidden || (object !== undefined && !hasTemplate && pods === undefined)) return undefined;
  const exposed = exposedBy(hasTemplate ? [object] : (pods ?? []), target);
  const answers = await asker.ask(exposed.map((each) => exposureQuestion(each, namespace)));
  return exposed.map((each, index) => ({ ...each, directly: answers[index]?.answer ?? "unknown" }));
}

/** Those that are known. */
export const knownExposure = ({ exposure }: { exposure?: Exposure[] | "unknown" }): Exposure[] =>
  exposure === undefined || exposure === "unknown" ? [] : exposure;

/**
 * The Secrets and ConfigMaps that the pods' environment and mounted volumes show, Secrets first, by name. Of a target
 * that names a container only what that one has. The operator makes no check of them. Pure; malformed parts count as
 * none. Sources: core/v1 EnvVar.valueFrom, EnvFromSource, Volume (secret, configMap, projected).
 */
export function exposedBy(workloads: readonly KubernetesObject[], target: Target): Exposed[] {
  const wanted = target.kind === "targetless" ? undefined : target.container;
  const found = new Map<string, Exposed>();
  const add = ({ kind, name, through }: Found) => {
    const key = `${kind}/${name}`;
    const known = found.get(key) ?? { kind, name, through: [] };
    found.set(key, {
      ...known,
      through: known.through.includes(through) ? known.through : [...known.through, through],
    });
  };
  for (const workload of workloads) {
    const spec = podSpec(workload);
    const volumes = new Map(
      listIn(spec.volumes)
        .filter(isJsonObject)
        .map((volume) => [textIn(volume["name"]), volume]),
    );
    for (const container of runningContainers(spec, wanted)) {
      for (const each of [...inEnvironment(container), ...inVolumes(container, volumes)]) add(each);
    }
  }
  return [...found.values()].toSorted((a, b) => order(a) - order(b) || (a.name < b.name ? -1 : 1));
}

const order = ({ kind }: Exposed) => (kind === "Secret" ? 0 : 1);

/** What asking about each of them would be. */
export function exposureQuestion({ kind, name }: Exposed, namespace: string): AccessAttributes {
  const resource = kind === "Secret" ? "secrets" : "configmaps";
  return { verb: "get", apiGroup: "", resource, namespace, name };
}

interface Found {
  kind: Exposed["kind"];
  name: string;
  through: string;
}

function runningContainers({ containers, initContainers }: ReturnType<typeof podSpec>, wanted: string | undefined) {
  const sidecars = listIn(initContainers).filter((each) => objectIn(each)["restartPolicy"] === "Always");
  return [...listIn(containers), ...sidecars]
    .filter(isJsonObject)
    .filter(({ name }) => wanted === undefined || name === wanted);
}

function inEnvironment(container: JsonObject): Found[] {
  const where = ` of container ${textIn(container["name"])}`;
  const variables = listIn(container["env"]).flatMap((variable): Found[] => {
    const { name, valueFrom } = objectIn(variable);
    const { secretKeyRef, configMapKeyRef } = objectIn(valueFrom);
    const through = `env ${textIn(name)}${where}`;
    return [...reference("Secret", secretKeyRef, through), ...reference("ConfigMap", configMapKeyRef, through)];
  });
  const sources = listIn(container["envFrom"]).flatMap((source): Found[] => {
    const { secretRef, configMapRef } = objectIn(source);
    const through = `envFrom${where}`;
    return [...reference("Secret", secretRef, through), ...reference("ConfigMap", configMapRef, through)];
  });
  return [...variables, ...sources];
}

function inVolumes(container: JsonObject, volumes: ReadonlyMap<string, JsonObject>): Found[] {
  return listIn(container["volumeMounts"]).flatMap((mount): Found[] => {
    const name = textIn(objectIn(mount)["name"]);
    const { secret, configMap, projected } = volumes.get(name) ?? {};
    const through = `volume ${name} of container ${textIn(container["name"])}`;
    const sources = listIn(objectIn(projected)["sources"]).map(objectIn);
    return [
      ...named("Secret", textIn(objectIn(secret)["secretName"]), through),
      ...reference("ConfigMap", configMap, through),
      ...sources.flatMap((source) => [
        ...reference("Secret", source["secret"], through),
        ...reference("ConfigMap", source["configMap"], through),
      ]),
    ];
  });
}

function reference(kind: Exposed["kind"], value: unknown, through: string): Found[] {
  return named(kind, textIn(objectIn(value)["name"]), through);
}

function named(kind: Exposed["kind"], name: string, through: string): Found[] {
  return name === "" ? [] : [{ kind, name, through }];
}
