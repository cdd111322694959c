import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { CONNECT_TIMEOUT_MS } from "./http.ts";

/** A TLS connection, verified, that has agreed on a protocol (`alpnProtocol`). */
export function secureSocket(
  server: URL,
  tls: ConnectionOptions,
  ALPNProtocols: string[],
  signal: AbortSignal,
  timeoutMs: number = CONNECT_TIMEOUT_MS,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...tls,
      host: server.hostname.replaceAll(/[[\]]/g, ""),
      port: Number(server.port || 443),
      ALPNProtocols,
    });
    const fail = (error: unknown): void => {
      stop();
      socket.destroy();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const abort = (): void => fail(signal.reason);
    const timer = setTimeout(() => fail(connectTimeout()), timeoutMs);
    const stop = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      socket.off("error", fail);
    };
    signal.addEventListener("abort", abort);
    socket.on("error", fail);
    socket.once("secureConnect", () => {
      stop();
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

export function connectTimeout(): Error {
  return Object.assign(new Error("connect timed out"), { code: "ETIMEDOUT" });
}
