import { usageError } from "../../errors.ts";
import type { UserError } from "../../errors.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import { query, resourcePath } from "./resource-path.ts";
import type { LogOptions, PodAccess, PodName } from "../cluster.ts";
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
    async request(pod, request) {
      const { requestPod } = await import("./pod-request.ts");
      return requestPod({ config, credential: await credentials.current(), ...context }, pod, request);
    },
  };
}

function logPath({ namespace, name }: PodName, { container, tailLines, previous }: LogOptions): string {
  const parameters = { container, tailLines: tailLines?.toString(), previous: previous === true ? "true" : undefined };
  return `${resourcePath(nativeResources.pods, namespace, name)}/log${query(parameters)}`;
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
