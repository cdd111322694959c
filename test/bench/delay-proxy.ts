// A network of 40 ms each way on loopback: node test/bench/delay-proxy.ts TARGET-PORT prints the port that leads there.
// A process of its own, so that nothing else delays it.
import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

const DELAY = 40;

/** Whatever arrives leaves so much later, in its order. What a client sends first waits for its connection, too: there and back. */
function relay(from: Socket, to: Socket, connecting: number): void {
  const openAt = performance.now() + connecting;
  const later = (act: () => void) => setTimeout(act, Math.max(DELAY, openAt + DELAY - performance.now()));
  from.on("data", (bytes: Buffer) => later(() => void (to.writable && to.write(bytes))));
  from.on("end", () => later(() => to.end()));
  from.on("error", () => to.destroy());
  from.on("close", () => later(() => to.destroy()));
}

const port = Number(process.argv[2]);
const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
  const target = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
  relay(client, target, 2 * DELAY);
  relay(target, client, 0);
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
// Ends with the process that started it.
process.stdin.on("end", () => process.exit()).resume();
