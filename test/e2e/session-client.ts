// What the vendor's client does to make a session, request by request, as the facts say; it shares nothing with lib/.
import { apiRequest, type ApiServer } from "../control-plane/request.ts";
import { mirrordRequest } from "../operator/certificate-requests.ts";
import { connect } from "../operator/connect.ts";
import { isObject, objectAt, textAt } from "../operator/json.ts";
import type { HttpFilter } from "../operator/subscription.ts";
import { until } from "../until.ts";

/** A session somebody wants. */
export interface Wanted {
  namespace: string;
  /** `KIND/NAME[/container/NAME]` with the client's own words, `label/KEY=VALUE` or `targetless`. */
  target: string;
  copy: boolean;
  scaleDown: boolean;
  /** Nothing is subscribed to when it is left out. */
  subscribe?: "mirror" | "steal";
  filter?: HttpFilter;
  /** Of a MirrordClusterProfile. */
  profile?: string;
  client: "current" | "before-3.118.1" | "before-3.164.0";
}

export interface Outcome {
  works: boolean;
  /** Where it ended. */
  at: string;
}

const natives: Record<string, { path: string; key: string; listsPods: boolean }> = {
  deployment: { path: "/apis/apps/v1", key: "deployments", listsPods: true },
  statefulset: { path: "/apis/apps/v1", key: "statefulsets", listsPods: true },
  replicaset: { path: "/apis/apps/v1", key: "replicasets", listsPods: true },
  service: { path: "/api/v1", key: "services", listsPods: true },
  pod: { path: "/api/v1", key: "pods", listsPods: false },
  job: { path: "/apis/batch/v1", key: "jobs", listsPods: false },
  cronjob: { path: "/apis/batch/v1", key: "cronjobs", listsPods: false },
};

const specKeys: Record<string, string> = {
  statefulset: "stateful_set",
  replicaset: "replica_set",
  cronjob: "cron_job",
};

const operator = "/apis/operator.metalbear.co/v1";
const { pem: csr } = mirrordRequest("laptop");

/** On a busy machine a server may fail to answer, which is no refusal. */
async function answered(server: ApiServer, asked: Parameters<typeof apiRequest>[1]): ReturnType<typeof apiRequest> {
  let answer = await apiRequest(server, asked);
  await until(`${asked.path} is answered`, async () => {
    if (answer.status < 500 && answer.status !== 429) return true;
    answer = await apiRequest(server, asked);
    return false;
  });
  return answer;
}

/** Makes the session as the user of the token, and ends it. */
export async function trySession(server: ApiServer, token: string, wanted: Wanted): Promise<Outcome> {
  const { namespace, target, profile, client, copy, scaleDown } = wanted;
  const call = (path: string, body?: unknown) =>
    answered(server, { token, path, ...(body === undefined ? {} : { body }) });
  const isFine = async (path: string, body?: unknown) => (await call(path, body)).status < 300;
  const ended = (at: string): Outcome => ({ works: false, at });

  if (
    profile !== undefined &&
    !(await isFine(`/apis/profiles.mirrord.metalbear.co/v1alpha/mirrordclusterprofiles/${profile}`))
  )
    return ended("profile");
  if (!(await isFine(`${operator}/mirrordoperators/operator`))) return ended("operator");
  const spec = { csr, kind: "regular" };
  const certified =
    client === "current"
      ? await isFine(`${operator}/mirrordclusteroperatorusercredentials`, { metadata: { generateName: "c-" }, spec })
      : await isFine(`${operator}/mirrordoperators/operator/certificate`, csr);
  if (!certified) return ended("credential");

  const [kind = "", name = "", , container] = target.startsWith("label/") ? ["label"] : target.split("/");
  const suffix = container === undefined ? "" : `.container.${container}`;
  const urlName = (word: string) => (kind === "targetless" || kind === "label" ? kind : `${word}.${name}${suffix}`);
  const legacyName = urlName(kind === "deployment" ? "deploy" : kind);
  const labels = Object.fromEntries(
    target.startsWith("label/")
      ? target
          .slice("label/".length)
          .split(",")
          .map((pair) => pair.split("="))
      : [],
  ) as Record<string, string>;

  let copied = copy || kind === "job" || kind === "cronjob";
  if (client === "before-3.118.1") {
    if (!(await isFine(`${operator}/namespaces/${namespace}/targets/${legacyName}`))) return ended("lookup");
  } else if (kind === "label") {
    const pods = await call(
      `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(target.slice(6))}`,
    );
    if (pods.status !== 200 || !hasReadyPod(pods.body)) return ended("pods");
  } else if (kind !== "targetless") {
    const native = natives[kind];
    if (native === undefined) throw new Error(`no such kind: ${kind}`);
    const { status, body } = await call(`${native.path}/namespaces/${namespace}/${native.key}/${name}`);
    if (status !== 200) return ended("native");
    if (kind === "deployment" && !(Number(objectAt(body, "status")["availableReplicas"]) > 0)) copied = true;
    if (kind === "pod" && !copied && !isReadyPod(body)) return ended("pod");
    if (native.listsPods && !copied) {
      const selector = selectorText(kind, objectAt(body, "spec"));
      if (kind === "service" && selector === "") return ended("selector");
      const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector)}`;
      const pods = await call(path);
      // A deployment with available replicas is not looked at more closely.
      if (pods.status !== 200 || (kind !== "deployment" && !hasReadyPod(pods.body))) return ended("pods");
    }
  }

  let place: { target: string; resource?: "copytargets" } = {
    target: client === "before-3.118.1" ? legacyName : urlName(kind),
  };
  if (copied) {
    const copies = `${operator}/namespaces/${namespace}/copytargets`;
    if (!(await isFine(copies))) return ended("copy-list");
    const made = await call(copies, {
      apiVersion: "operator.metalbear.co/v1",
      kind: "CopyTarget",
      metadata: { name: legacyName },
      spec: {
        target: { [specKeys[kind] ?? kind]: name, container: container ?? null },
        scale_down: scaleDown,
        idle_ttl: 30,
      },
    });
    if (made.status !== 201) return ended("copy-create");
    place = { target: textAt(objectAt(made.body, "metadata"), "name") ?? "", resource: "copytargets" };
  }

  const connection = await connect({
    ...server,
    token,
    namespace,
    ...place,
    ...(profile === undefined ? {} : { profile }),
    ...(kind === "label" ? { labels } : {}),
  });
  if (!connection.ok) return ended(`connect: ${connection.message}`);
  try {
    if (wanted.subscribe === undefined) return { works: true, at: "connected" };
    const { subscribe, filter } = wanted;
    const answer = await connection.subscribe({ subscribe, port: 80, ...(filter === undefined ? {} : { filter }) });
    return answer.ok ? { works: true, at: "subscribed" } : ended(`subscribe: ${answer.message}`);
  } finally {
    await connection.close();
  }
}

/** The client stops at a target without a pod that is ready. */
function hasReadyPod(list: unknown): boolean {
  return isObject(list) && Array.isArray(list["items"]) && list["items"].some(isReadyPod);
}

function isReadyPod(pod: unknown): boolean {
  const status = objectAt(pod, "status");
  const containers = status["containerStatuses"];
  return (
    textAt(objectAt(pod, "spec"), "nodeName") !== undefined &&
    textAt(status, "phase") === "Running" &&
    Array.isArray(containers) &&
    containers.some((one: unknown) => isObject(one) && one["ready"] === true)
  );
}

function selectorText(kind: string, spec: Record<string, unknown>): string {
  const labels = kind === "service" ? objectAt(spec, "selector") : objectAt(objectAt(spec, "selector"), "matchLabels");
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(",");
}

/** The Status of an answer, for messages. */
export function messageIn(body: unknown): string {
  return (isObject(body) ? textAt(body, "message") : undefined) ?? JSON.stringify(body);
}
