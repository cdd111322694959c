// What the vendor's client does to start a preview environment, request by request, as the facts say; it shares nothing with lib/.
import { connectKube, type Kube } from "../operator/kube.ts";
import { listAt, objectAt, textAt, textMap } from "../operator/json.ts";
import { previewApi } from "../operator/preview-crd.ts";
import { Refusal } from "../operator/status.ts";
import type { ApiServer } from "../control-plane/request.ts";

export interface Outcome {
  works: boolean;
  /** Where it ended, or the phase that the preview reached. */
  at: string;
}

const operator = "/apis/operator.metalbear.co/v1";
const isFine = ({ code }: { code: number }) => code < 300;
let made = 0;

/** Starts a preview of a deployment as the user of the token, and leaves it running. */
export async function tryPreview(
  { server, ca }: ApiServer,
  token: string,
  { namespace, deployment }: { namespace: string; deployment: string },
): Promise<Outcome> {
  const kube = connectKube({ server, ca, token });
  const ended = (at: string): Outcome => ({ works: false, at });
  try {
    const found = await kube.get(`${operator}/mirrordoperators/operator`);
    if (!isFine(found)) return ended("operator");
    const target = await kube.get(`${operator}/namespaces/${namespace}/targets/deploy.${deployment}`);
    if (!isFine(target)) return ended("target");
    const named = textAt(objectAt(target.body, "spec", "target"), "container");
    const container = named ?? (await lookForContainer(kube, namespace, deployment));
    if (container === undefined) return ended("native");

    const place = textAt(objectAt(found.body, "spec"), "operator_namespace") ?? namespace;
    const previews = `${previewApi}/namespaces/${place}/previewsessions`;
    if (
      !isFine(await kube.get(`${previews}?labelSelector=${encodeURIComponent("preview.mirrord.metalbear.co/key=k")}`))
    )
      return ended("list");
    const name = `deploy-${deployment}-${(made += 1)}`;
    const annotations = { "operator.metalbear.co/target-namespace": namespace };
    const created = await kube.post(previews, {
      apiVersion: "preview.mirrord.metalbear.co/v1alpha",
      kind: "PreviewSession",
      metadata: { name, annotations },
      spec: {
        image: "registry.example/web:pr-1",
        key: "k",
        target: { apiVersion: "apps/v1", kind: "Deployment", name: deployment, container },
        ttlSecs: 3600,
        incoming: { steal: true },
      },
    });
    if (!isFine(created)) return ended("create");
    const phase = await waitForPhase(kube, previews, name);
    return phase === undefined ? ended("watch") : { works: phase === "Ready", at: phase };
  } finally {
    kube.stop();
  }
}

/** The first container, once the deployment and its pods were read; undefined: they may not be. */
async function lookForContainer(kube: Kube, namespace: string, deployment: string): Promise<string | undefined> {
  const read = await kube.get(`/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}`);
  if (!isFine(read)) return undefined;
  const labels = textMap(objectAt(read.body, "spec", "selector", "matchLabels"));
  const selector = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const pods = await kube.get(
    `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector.join())}`,
  );
  const [first] = listAt(objectAt(read.body, "spec", "template", "spec"), "containers");
  return isFine(pods) ? textAt(first, "name") : undefined;
}

/** `Ready` or `Failed`; undefined: it may not be watched. */
async function waitForPhase(kube: Kube, previews: string, name: string): Promise<string | undefined> {
  const one = `fieldSelector=${encodeURIComponent(`metadata.name=${name}`)}`;
  const listed = await kube.get(`${previews}?${one}`);
  if (!isFine(listed)) return undefined;
  const ends = (object: unknown) => {
    const phase = textAt(objectAt(object, "status"), "phase");
    return phase === "Ready" || phase === "Failed" ? phase : undefined;
  };
  const now = listAt(listed.body, "items")
    .map(ends)
    .find((phase) => phase !== undefined);
  if (now !== undefined) return now;
  const version = textAt(objectAt(listed.body, "metadata"), "resourceVersion") ?? "";
  const stop = new AbortController();
  try {
    for await (const event of kube.watch(`${previews}?watch=true&${one}&resourceVersion=${version}`, stop.signal)) {
      const phase = ends(objectAt(event, "object"));
      if (phase !== undefined) return phase;
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  } finally {
    stop.abort();
  }
  return undefined;
}
