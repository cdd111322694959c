import { UserError, usageError } from "../../errors.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import { query, resourcePath } from "./resource-path.ts";
import type { LogOptions, LogStreamOptions, PodAccess, PodName } from "../cluster.ts";
import type { ConnectionConfig } from "../config/connection-config.ts";
import type { Credentials } from "../credentials/credentials.ts";
import type { Transport, TransportContext } from "../http/transport.ts";

/** The logs and ports of pods. Logs are a plain request; what opens a port is loaded by the first who needs one. */
export function podAccess(
  config: ConnectionConfig,
  credentials: Credentials,
  transport: Transport,
  context: TransportContext,
): PodAccess {
  return {
    connectionFault: connectionFault(config),
    logs: (pod, options) => transport.text({ method: "GET", path: logPath(pod, options) }),
    logStream: (pod, options) => logStream(transport, pod, options),
    async request(pod, request) {
      const { requestPod } = await import("./pod-request.ts");
      return requestPod({ config, credential: await credentials.current(), ...context }, pod, request);
    },
  };
}

function logPath(pod: PodName, { container, tailLines, previous }: LogOptions): string {
  const parameters = { container, tailLines: tailLines?.toString(), previous: previous === true ? "true" : undefined };
  return podLogPath(pod, parameters);
}

function podLogPath({ namespace, name }: PodName, parameters: Readonly<Record<string, string | undefined>>): string {
  return `${resourcePath(nativeResources.pods, namespace, name)}/log${query(parameters)}`;
}

async function* logStream(
  transport: Transport,
  pod: PodName,
  { container, sinceSeconds, follow, signal }: LogStreamOptions,
): AsyncGenerator<Uint8Array> {
  const path = podLogPath(pod, {
    container,
    sinceSeconds: sinceSeconds?.toString(),
    follow: follow ? "true" : undefined,
  });
  const { body } = await transport.stream({ method: "GET", path, signal }, { beginsSoon: !follow });
  try {
    for await (const chunk of body) yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
  } catch (cause) {
    if (signal.aborted) return;
    throw new UserError("undetermined", `the log of pod ${pod.namespace}/${pod.name} was cut off`, "Run it again.", {
      cause,
    });
  } finally {
    body.destroy();
  }
}

/** A connection must not be opened as somebody with fewer or other rights than the rest of the command. */
function connectionFault({ impersonate }: ConnectionConfig): UserError | undefined {
  if (impersonate === undefined) return undefined;
  const { groups, uid, extra } = impersonate;
  if (groups.length === 0 && uid === undefined && Object.keys(extra ?? {}).length === 0) return undefined;
  return usageError(
    "a connection to a pod can be opened as an impersonated user, but not with impersonated groups, a uid or extra fields: the library that opens it cannot send them",
    "Leave --as-group, --as-uid and --as-user-extra out (and what the kubeconfig has of them), or use a kubeconfig of that user.",
  );
}
