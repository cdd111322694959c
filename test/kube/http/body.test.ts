import { PassThrough, Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import t from "tap";
import { readBody } from "../../../lib/kube/http/body.ts";

const MiB = 1024 * 1024;
const answer = (body: Buffer, encoding?: string) => ({
  status: 200,
  headers: encoding === undefined ? {} : { "content-encoding": encoding },
  body: Readable.from([body.subarray(0, 3), body.subarray(3)]),
});

t.test("characters may be cut anywhere", async (t) => {
  t.equal(await readBody(answer(Buffer.from("aä日𝄞"))), "aä日𝄞");
});

t.test("an answer that is cut off is an error, and not a short answer", async (t) => {
  const body = new PassThrough();
  const reading = readBody({ status: 200, headers: {}, body });
  body.write("{");
  setImmediate(() => body.destroy());
  await t.rejects(reading, { message: "socket hang up" });
});

t.test("what is too large is refused, also when it is small on the way", async (t) => {
  const large = Buffer.alloc(2 * MiB, "x");
  t.equal((await readBody(answer(large), 2 * MiB)).length, 2 * MiB);
  const message = "the server's answer is larger than 1 MiB";
  await t.rejects(readBody(answer(large), MiB), { name: "UnreadableAnswer", kind: "undetermined", message });
  await t.rejects(readBody(answer(gzipSync(large), "gzip"), MiB), {
    name: "UnreadableAnswer",
    kind: "undetermined",
    message,
  });
});
