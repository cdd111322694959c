// What the operator makes of preview sessions: it takes them up, says in their status how far they are, and lists them in its own.
import { setTimeout as pause } from "node:timers/promises";
import { isObject, listAt, objectAt, textAt, textMap, type JsonObject } from "./json.ts";
import type { Kube } from "./kube.ts";
import { previewApi } from "./preview-crd.ts";
import { Refusal } from "./status.ts";
import { workloadKinds, type Workload } from "./target.ts";
import { readTargetLabels } from "./workloads.ts";

/** An entry of `status.preview_sessions`. Source: operator contract section 2.2. */
export interface PreviewEntry {
  id: string;
  namespace: string;
  key: string;
  target: string;
  durationSecs: number;
  phase: string;
}

export interface Previews {
  entries(): PreviewEntry[];
  stop(): Promise<void>;
}

const path = `${previewApi}/previewsessions`;
/** Before the API server is asked again that did not answer, or ended the watch. */
const PAUSE_MS = 200;

/** Follows the preview sessions of the cluster until it is stopped; their kind must be defined. */
export function servePreviews(kube: Kube, now: () => Date): Previews {
  const stopping = new AbortController();
  const known = new Map<string, JsonObject>();
  const running = follow().catch(() => undefined);

  async function follow(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const { code, body } = await kube.get(path);
        if (code === 200) {
          known.clear();
          for (const item of listAt(body, "items")) await takeUp(item);
          const version = textAt(objectAt(body, "metadata"), "resourceVersion") ?? "";
          for await (const event of kube.watch(`${path}?watch=true&resourceVersion=${version}`, stopping.signal)) {
            const object = objectAt(event, "object");
            if (textAt(event, "type") === "DELETED") known.delete(keyOf(object));
            else await takeUp(object);
          }
        }
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
      }
      await pause(PAUSE_MS, undefined, { signal: stopping.signal });
    }
  }

  /** Each step is a status of its own, as clients that watch see it. */
  async function takeUp(session: unknown): Promise<void> {
    if (!isObject(session) || objectAt(session, "metadata")["deletionTimestamp"] !== undefined) return;
    known.set(keyOf(session), session);
    const phase = textAt(objectAt(session, "status"), "phase");
    if (phase === undefined) await report(session, { phase: "Initializing" });
    else if (phase === "Initializing") await report(session, await outcome(session));
  }

  async function outcome(session: JsonObject): Promise<JsonObject> {
    try {
      await readTargetLabels(kube, targetNamespace(session), targetIn(session));
      const seconds = objectAt(session, "spec")["ttlSecs"];
      const end = now().getTime() + (typeof seconds === "number" ? seconds : 0) * 1000;
      return { phase: "Ready", expiresAt: new Date(end).toISOString() };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { phase: "Failed", failedAt: now().toISOString(), failureMessage: error.message };
    }
  }

  async function report(session: JsonObject, change: JsonObject): Promise<void> {
    const { apiVersion, kind, status } = session;
    const { name, namespace } = objectAt(session, "metadata");
    const startedAt = textAt(status, "startedAt") ?? now().toISOString();
    await kube.apply(`${previewApi}/namespaces/${String(namespace)}/previewsessions/${String(name)}/status`, {
      apiVersion,
      kind,
      metadata: { name, namespace },
      status: { startedAt, ...change },
    });
  }

  return {
    entries: () => [...known.values()].map((session) => previewEntry(session, now())),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

function keyOf(session: JsonObject): string {
  const { namespace, name } = objectAt(session, "metadata");
  return `${String(namespace)}/${String(name)}`;
}

/**
 * Clients make previews in the operator's namespace and say in an annotation where the target is. The facts do not name the
 * annotation's prefix.
 */
function targetNamespace(session: JsonObject): string {
  const { annotations, namespace } = objectAt(session, "metadata");
  const said = Object.entries(textMap(annotations)).find(([key]) => key.endsWith("/target-namespace"));
  return said?.[1] ?? String(namespace);
}

/** Throws a Refusal (422) for a kind that is no target. */
function targetIn(session: JsonObject): Workload {
  const { kind, name, container } = objectAt(session, "spec", "target");
  const known = workloadKinds.find((each) => each === String(kind).toLowerCase());
  if (known === undefined) throw new Refusal(422, "Invalid", `spec.target.kind: ${String(kind)} cannot be previewed`);
  return { kind: known, name: String(name), container: String(container) };
}

function previewEntry(session: JsonObject, now: Date): PreviewEntry {
  const { key, target } = objectAt(session, "spec");
  const { phase = "Initializing", startedAt } = objectAt(session, "status");
  const started = Date.parse(String(startedAt));
  return {
    id: textAt(objectAt(session, "metadata"), "name") ?? "",
    namespace: targetNamespace(session),
    key: String(key),
    target: `${String(textAt(target, "kind")).toLowerCase()}/${String(textAt(target, "name"))}/container/${String(textAt(target, "container"))}`,
    durationSecs: Number.isNaN(started) ? 0 : Math.max(0, Math.round((now.getTime() - started) / 1000)),
    phase: String(phase),
  };
}
