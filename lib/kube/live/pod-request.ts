import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request as sendRequest } from "node:https";
import { connect, type TLSSocket } from "node:tls";
import { UserError } from "../../errors.ts";
import type { PodAnswer, PodName, PodRequest } from "../cluster.ts";
import { errorCode, transportError } from "../http/transport-error.ts";
import { forwardPort, type ForwardContext, type PortConnection } from "../streams.ts";

/** For opening the connection, and again for the answer, where no --request-timeout says otherwise. */
const TIMEOUT_MS = 10_000;

/**
 * One GET by HTTPS over a connection that the API server makes to a port of the pod.
 * @throws ApiError and UserError when that connection cannot be made
 */
export async function requestPod(context: ForwardContext, pod: PodName, request: PodRequest): Promise<PodAnswer> {
  const { config, signal } = context;
  const timeoutMs = config.requestTimeoutMs || TIMEOUT_MS;
  const noAnswer = `no answer within ${timeoutMs / 1000} s`;
  const opening = AbortSignal.timeout(timeoutMs);
  let connection: PortConnection;
  try {
    connection = await forwardPort(context, pod, request.port, AbortSignal.any([signal, opening]));
  } catch (error) {
    throwIfInterrupted(signal);
    if (!opening.aborted) throw transportError(error, config);
    const message = `the API server opened no connection to pod ${pod.name}: ${noAnswer}`;
    throw new UserError("undetermined", message, undefined, { cause: error });
  }
  const answering = AbortSignal.timeout(timeoutMs);
  try {
    return await ask(connection, request, AbortSignal.any([signal, answering]));
  } catch (error) {
    throwIfInterrupted(signal);
    return { answered: false, why: connection.fault() || (answering.aborted ? noAnswer : reason(error)) };
  } finally {
    connection.close();
  }
}

function throwIfInterrupted({ aborted }: AbortSignal): void {
  if (aborted) throw new UserError("interrupted", "interrupted");
}

async function ask(
  { stream }: PortConnection,
  { path, serverName, authority }: PodRequest,
  signal: AbortSignal,
): Promise<PodAnswer> {
  // A certificate that is not trusted is an answer too.
  const trust = {
    servername: serverName,
    rejectUnauthorized: false,
    ...(authority === undefined ? {} : { ca: authority }),
  };
  const socket = connect({ socket: stream, ...trust });
  const request = sendRequest({ createConnection: () => socket, host: serverName, path, signal });
  request.end();
  const [response]: IncomingMessage[] = await once(request, "response", { signal });
  request.on("error", () => {});
  const fault = authority === undefined ? undefined : certificateFault(socket, serverName);
  return {
    answered: true,
    status: response?.statusCode ?? 0,
    ...(fault === undefined ? {} : { certificateFault: fault }),
  };
}

/** Node.js has the code of the fault where its types promise an Error. */
function certificateFault({ authorized, authorizationError }: TLSSocket, serverName: string): string | undefined {
  if (authorized) return undefined;
  const code = String(authorizationError);
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") return "it has expired or is not valid yet";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return `it is not for ${serverName}`;
  return `no authority in the caBundle has signed it (${code})`;
}

function reason(error: unknown): string {
  const code = errorCode(error);
  if (code === "EPROTO" || code.startsWith("ERR_SSL_")) return "what listens there does not speak TLS";
  if (code === "ECONNRESET" || code === "EPIPE") return "the connection was closed before an answer came";
  return error instanceof Error ? error.message : String(error);
}
