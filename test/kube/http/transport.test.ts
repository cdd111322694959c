import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { mock } from "node:test";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import t from "tap";
import { ApiError } from "../../../lib/kubernetes/api-error.ts";
import type { Credential } from "../../../lib/kube/credentials/credentials.ts";
import { failure, fakeApi, json, transportTo } from "../fake-api.ts";

const get = { method: "GET", path: "/x" } as const;
const write = { method: "PATCH", path: "/x", body: {} } as const;
const review = { method: "POST", path: "/x", body: {}, repeatable: true } as const;

t.test("Retry-After is followed only where asking again is safe", async (t) => {
  const cases = [
    { name: "429 for a read", request: get, status: 429, headers: { "retry-after": "0" }, asks: 2 },
    { name: "429 for a write", request: write, status: 429, headers: { "retry-after": "0" }, asks: 2 },
    { name: "503 for a read", request: get, status: 503, headers: { "retry-after": "0" }, asks: 2 },
    { name: "503 for a review", request: review, status: 503, headers: { "retry-after": "0" }, asks: 2 },
    { name: "503 for a write", request: write, status: 503, headers: { "retry-after": "0" }, asks: 1 },
    { name: "429 without a time", request: get, status: 429, headers: {}, asks: 1 },
    { name: "429 with nonsense for a time", request: get, status: 429, headers: { "retry-after": "soon" }, asks: 1 },
    { name: "403 with a time", request: get, status: 403, headers: { "retry-after": "0" }, asks: 1 },
  ];
  for (const { name, request, status, headers, asks } of cases) {
    t.test(name, async (t) => {
      const api = await fakeApi(t, (_, response, count) =>
        count === 1 ? failure(response, status, "Busy", {}, headers) : json(response, { ok: true }),
      );
      const result = transportTo(t, api.url).json(request);
      if (asks === 2) t.same(await result, { ok: true });
      else await t.rejects(result, { name: "ApiError", status });
      t.equal(api.asked.length, asks, "how often it was sent");
    });
  }
});

t.test("a server that stays busy is believed after ten tries more", async (t) => {
  const api = await fakeApi(t, (_, response) => failure(response, 429, "TooManyRequests", {}, { "retry-after": "0" }));
  await t.rejects(transportTo(t, api.url).json(get), {
    name: "ApiError",
    status: 429,
    hint: "The server is busy. Try again in a moment",
  });
  t.equal(api.asked.length, 11, "ten tries more than the first");
});

t.test("a connection that breaks before an answer", async (t) => {
  const breaking = () =>
    fakeApi(t, (request, response, count) => (count === 1 ? request.socket.destroy() : json(response, {})));
  const read = await breaking();
  t.same(await transportTo(t, read.url).json(get), {}, "a read is sent once more");
  t.equal(read.asked.length, 2, "and no oftener");

  const written = await breaking();
  await t.rejects(transportTo(t, written.url).json(write), {
    kind: "undetermined",
    message: /^Unable to connect to the server: (EOF|.*connection reset by peer)$/,
  });
  t.equal(written.asked.length, 1, "a write is not");

  const never = await fakeApi(t, (request) => request.socket.destroy());
  await t.rejects(transportTo(t, never.url).json(get), { name: "UserError", kind: "undetermined" });
  t.equal(never.asked.length, 2, "and only once");
});

t.test("answers that are none of a Kubernetes API server", async (t) => {
  const api = await fakeApi(t, ({ url }, response) => {
    if (url === "/garbage") return response.end("<html>");
    if (url === "/cut") return response.writeHead(200, { "content-length": "100" }).end("{}", () => response.destroy());
    if (url === "/gzip") return response.writeHead(200, { "content-encoding": "gzip" }).end("no gzip");
    return response.writeHead(502).end(`<h1>Bad gateway</h1>${"x".repeat(10_000)}`);
  });
  const transport = transportTo(t, api.url);
  await t.rejects(transport.json({ method: "GET", path: "/garbage" }), {
    kind: "undetermined",
    message: "the server's answer to GET /garbage is not JSON",
  });
  await t.rejects(transport.json({ method: "GET", path: "/cut" }), { name: "UserError", kind: "undetermined" });
  await t.rejects(transport.json({ method: "GET", path: "/gzip" }), {
    kind: "undetermined",
    message: /cannot be decompressed/,
  });
  const error: unknown = await transport.json(get).catch((cause: unknown) => cause);
  t.match(error, { kind: "undetermined", status: 502, message: /^Error from server: <h1>Bad gateway<\/h1>x+…$/ });
  t.ok(error instanceof ApiError && error.message.length < 500, "a long page is cut");
});

t.test("compressed answers are read", async (t) => {
  const api = await fakeApi(t, ({ headers }, response) =>
    response
      .writeHead(200, { "content-encoding": "gzip" })
      .end(gzipSync(JSON.stringify({ accepted: headers["accept-encoding"] }))),
  );
  t.same(await transportTo(t, api.url).json(get), { accepted: "gzip" });
});

t.test("a server that does not answer in time", async (t) => {
  const api = await fakeApi(t, () => {});
  await t.rejects(transportTo(t, api.url, { requestTimeoutMs: 20 }).json(get), {
    kind: "undetermined",
    message: /^Unable to connect to the server: .*Client\.Timeout exceeded/,
    hint: /--request-timeout/,
  });
});

const gaveUp = { kind: "undetermined", message: /^the server sent nothing for 0\.02 s: \w+ \// };

t.test("a read for which nothing comes any more is given up, before its answer or within", async (t) => {
  const nothing = await fakeApi(t, () => {});
  await t.rejects(transportTo(t, nothing.url, { silenceMs: 20 }).json(get), gaveUp);
  const question = { method: "POST", path: "/reviews", body: {}, repeatable: true } as const;
  await t.rejects(transportTo(t, nothing.url, { silenceMs: 20 }).json(question), gaveUp);
  const half = await fakeApi(t, (_, response) => void response.writeHead(200).write('{"kind":'));
  await t.rejects(transportTo(t, half.url, { silenceMs: 20 }).json(get), gaveUp);
});

t.test("a write and a watch are waited for", async (t) => {
  const late = await fakeApi(t, (_, response) => void setTimeout(() => json(response, { kind: "Namespace" }), 100));
  const creation = { method: "POST", path: "/namespaces", body: {} } as const;
  t.match(await transportTo(t, late.url, { silenceMs: 20 }).json(creation), { kind: "Namespace" });
  const watched = await transportTo(t, late.url, { silenceMs: 20 }).stream(get);
  watched.body.destroy();
  t.equal(watched.status, 200);
});

t.test(
  "a stream that is to begin soon is waited for no longer than other reads, and has no limit once it has begun",
  async (t) => {
    const nothing = await fakeApi(t, () => {});
    const soon = { beginsSoon: true };
    await t.rejects(transportTo(t, nothing.url, { silenceMs: 20 }).stream(get, soon), gaveUp);
    await t.rejects(transportTo(t, nothing.url, { requestTimeoutMs: 20 }).stream(get, soon), {
      message: /Client\.Timeout exceeded/,
    });
    mock.timers.enable({ apis: ["setTimeout"] });
    t.teardown(() => mock.timers.reset());
    for (const limit of [{ requestTimeoutMs: 2000 }, { silenceMs: 2000 }]) {
      const rest = Promise.withResolvers<void>();
      const slow = await fakeApi(t, (_, response) => {
        response.writeHead(200).write("first ");
        void rest.promise.then(() => response.end("second"));
      });
      const { body } = await transportTo(t, slow.url, limit).stream(get, soon);
      mock.timers.tick(10_000);
      rest.resolve();
      t.equal(await text(body), "first second", JSON.stringify(limit));
    }
  },
);

t.test("a --request-timeout of months is a long one, and not over at once", async (t) => {
  const api = await fakeApi(t, (_, response) => json(response, { kind: "Namespace" }));
  t.match(await transportTo(t, api.url, { requestTimeoutMs: 1200 * 3600 * 1000 }).json(get), { kind: "Namespace" });
});

t.test("--request-timeout also ends a wait for a server that takes the connection and says nothing", async (t) => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket));
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  // The limit of the connection itself never comes.
  mock.timers.enable({ apis: ["setTimeout"] });
  t.teardown(() => mock.timers.reset());
  const transport = transportTo(t, url, { requestTimeoutMs: 20, insecureSkipTlsVerify: true });
  const taken = once(silent, "connection");
  const failed = t.rejects(transport.json(get), {
    name: "UserError",
    kind: "undetermined",
    hint: /--request-timeout \(20 ms\)/,
  });
  await taken;
  mock.timers.tick(20);
  await failed;
});

t.test("Ctrl-C ends a request, and the wait between two", async (t) => {
  const silent = await fakeApi(t, () => {});
  const waiting = transportTo(t, silent.url);
  const result = waiting.json(get);
  waiting.abort.abort();
  await t.rejects(result, { name: "UserError", kind: "interrupted" });

  let asked = (): void => {};
  const wasAsked = new Promise<void>((resolve) => (asked = resolve));
  const busy = await fakeApi(t, (_, response) => {
    failure(response, 429, "TooManyRequests", {}, { "retry-after": "60" });
    asked();
  });
  const retrying = transportTo(t, busy.url);
  const later = retrying.json(get);
  await wasAsked;
  retrying.abort.abort();
  await t.rejects(later, { name: "UserError", kind: "interrupted" });
});

t.test("the server's warnings are told once each", async (t) => {
  const headers = { warning: '299 - "old, \\"very\\" old", 299 - "second", 199 - "not for you"' };
  const api = await fakeApi(t, (_, response) => json(response, {}, 200, headers));
  const transport = transportTo(t, api.url);
  await Promise.all([transport.json(get), transport.json(get)]);
  t.same(transport.warnings, ['old, "very" old', "second"]);
});

t.test("a rejected credential is renewed once, for all requests that wait", async (t) => {
  const api = await fakeApi(t, ({ headers }, response) =>
    headers.authorization === "Bearer new" ? json(response, {}) : failure(response, 401, "Unauthorized"),
  );
  let token = "old";
  const renewals: Credential[] = [];
  const credentials = {
    current: async () => ({ authorization: `Bearer ${token}`, certificate: undefined }),
    renew: async (rejected: Credential) => {
      renewals.push(rejected);
      token = "new";
      return true;
    },
  };
  t.same(await transportTo(t, api.url, {}, { credentials }).json(get), {});
  t.equal(api.asked.length, 2, "rejected once, then sent with the new credential");

  token = "old";
  const stubborn = { ...credentials, renew: async () => true };
  await t.rejects(transportTo(t, api.url, {}, { credentials: stubborn }).json(get), {
    kind: "undetermined",
    status: 401,
    message: "You must be logged in to the server (because Unauthorized)",
  });
  t.equal(api.asked.length, 4, "not for ever");
});

t.test("no error has the token in it", async (t) => {
  const credentials = {
    current: async () => ({ authorization: "Bearer s3cret-token", certificate: undefined }),
    renew: async () => false,
  };
  const api = await fakeApi(t, (request, response, count) =>
    count === 1 ? request.socket.destroy() : failure(response, 401, "Unauthorized"),
  );
  for (const request of [write, get]) {
    const error: unknown = await transportTo(t, api.url, {}, { credentials })
      .json(request)
      .catch((cause: unknown) => cause);
    t.ok(error instanceof Error);
    t.notMatch(inspectDeep(error), /s3cret/);
  }
});

function inspectDeep(error: unknown): string {
  const parts: string[] = [];
  for (let current = error; current instanceof Error; current = current.cause) {
    parts.push(String(current.stack), JSON.stringify(current, Object.getOwnPropertyNames(current)));
  }
  return parts.join("\n");
}

t.test("at most sixteen requests at a time without HTTP/2, on connections that are used again", async (t) => {
  let now = 0;
  let most = 0;
  const sockets = new Set<unknown>();
  const api = await fakeApi(t, (request, response) => {
    sockets.add(request.socket);
    most = Math.max(most, ++now);
    setImmediate(() => {
      now--;
      json(response, {});
    });
  });
  const transport = transportTo(t, api.url);
  await Promise.all(Array.from({ length: 100 }, () => transport.json(get)));
  t.equal(api.asked.length, 100, "each request is sent once");
  t.ok(most <= 16 && sockets.size <= 16, `${most} at a time, ${sockets.size} connections`);
});

t.test("a path in the server's address stays in front", async (t) => {
  const api = await fakeApi(t, (_, response) => json(response, {}));
  await transportTo(t, `${api.url}/clusters/a`).json(get);
  t.same(api.asked, ["GET /clusters/a/x"]);
});

t.test("nothing is sent after Ctrl-C", async (t) => {
  const api = await fakeApi(t, (_, response) => json(response, {}));
  const transport = transportTo(t, api.url);
  transport.abort.abort();
  await t.rejects(transport.json(get), { name: "UserError", kind: "interrupted" });
  t.same(api.asked, []);
});

t.test("a stream that its reader leaves is closed", async (t) => {
  let closed = (): void => {};
  const wasClosed = new Promise<void>((resolve) => (closed = resolve));
  const api = await fakeApi(t, (_, response) => {
    response.on("close", closed);
    response.write("{}\n");
  });
  const { body } = await transportTo(t, api.url).stream(get);
  await once(body, "readable");
  body.destroy();
  await wasClosed;
});

t.test("a token that no header can hold is refused before anybody is called", async (t) => {
  const refusing = createServer();
  refusing.listen(0, "127.0.0.1");
  await once(refusing, "listening");
  let calls = 0;
  refusing.on("connection", (socket) => {
    calls++;
    socket.destroy();
  });
  t.teardown(() => refusing.close());
  const { port } = refusing.address() as AddressInfo;
  for (const token of ["a\nb", "a\r\nX-Remote-User: root", "a\0b", "a\u007F"]) {
    const credential = { authorization: `Bearer ${token}`, certificate: undefined };
    const credentials = { current: async () => credential, renew: async () => false };
    for (const scheme of ["http", "https"]) {
      const transport = transportTo(t, `${scheme}://127.0.0.1:${port}`, {}, { credentials });
      await t.rejects(transport.json(get), { name: "UserError", kind: "usage", message: /invalid header field value/ });
    }
  }
  t.equal(calls, 0);
});
