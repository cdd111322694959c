import { nextTick } from "node:process";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import { CONNECT_TIMEOUT_MS } from "./http.ts";

/** A connection to the server that is on its way; `secureSocket` hears whether it arrives. */
export async function tcpSocket(server: URL): Promise<Socket> {
  const host = server.hostname.replaceAll(/[[\]]/g, "");
  const socket = connectTcp({ host, port: Number(server.port || 443) });
  // It may fail before anybody listens: `errored` keeps that.
  socket.on("error", () => {});
  // Node.js calls an address one tick later: what is done before that would keep it waiting.
  await new Promise<void>((resolve) => nextTick(resolve));
  return socket;
}

/**
 * The TLS connection over `dialled`, verified, that has agreed on a protocol (`alpnProtocol`). What fails takes `dialled`
 * with it.
 */
export function secureSocket(
  dialled: Socket,
  tls: ConnectionOptions,
  ALPNProtocols: string[],
  signal: AbortSignal,
  timeoutMs: number = CONNECT_TIMEOUT_MS,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    let socket: Socket = dialled;
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
      dialled.off("error", fail).off("connect", secure);
      socket.off("error", fail);
    };
    const secure = (): void => {
      const secured = connectTls({ ...tls, socket: dialled, ALPNProtocols });
      socket = secured;
      secured.on("error", fail);
      secured.once("secureConnect", () => {
        stop();
        secured.setNoDelay(true);
        resolve(secured);
      });
    };
    signal.addEventListener("abort", abort);
    if (dialled.errored) return fail(dialled.errored);
    dialled.on("error", fail);
    if (dialled.connecting) dialled.once("connect", secure);
    else secure();
  });
}

export function connectTimeout(): Error {
  return Object.assign(new Error("connect timed out"), { code: "ETIMEDOUT" });
}
