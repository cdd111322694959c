import { createServer } from "node:net";
import { once } from "node:events";
import t from "tap";
import { startPart } from "./part.ts";

const node = (program: string) => [process.execPath, "-e", program] as const;

t.test("a part that ends is known by its exit code and last words", async (t) => {
  const part = startPart(t.testdir(), "etcd", node("console.error('no such flag'); process.exit(3)"), []);
  const end = await part.exited;
  t.equal(end.message, "etcd ended (exit 3):\nno such flag");
  t.equal(end.portTaken, false);
});

t.test("a port that is taken is recognized, so that another is tried", async (t) => {
  const holder = createServer().listen(0, "127.0.0.1");
  t.teardown(() => holder.close());
  await once(holder, "listening");
  const address = holder.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const part = startPart(t.testdir(), "etcd", node(`require('net').createServer().listen(${port}, '127.0.0.1')`), []);
  t.equal((await part.exited).portTaken, true);
});

t.test("a program that is not there has ended", async (t) => {
  const part = startPart(t.testdir(), "etcd", ["/no/such/etcd"], []);
  t.match((await part.exited).message, /^etcd ended \(etcd: .*ENOENT/);
});

t.test("a part ends when told to", async (t) => {
  const part = startPart(t.testdir(), "etcd", node("process.stdin.resume()"), []);
  part.kill();
  t.match((await part.exited).message, /SIGKILL/);
});
