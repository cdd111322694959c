import process from "node:process";
import { inspect } from "node:util";
import childProcess from "node:child_process";
import t from "tap";
import { maskCredentials } from "../../lib/text/mask-credentials.ts";

const SECRET = "Canary0f7b2c9d4e";

/** What an engine says of what it was given. */
function message(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  throw new Error("nothing was thrown");
}

const masked: Record<string, [message: string, want?: string]> = {
  "JSON that is none": [message(() => JSON.parse(SECRET)), "*** is not valid JSON"],
  "JSON with a text that never ends": [message(() => JSON.parse(`"${SECRET}`))],
  "JSON that breaks off in a long text": [message(() => JSON.parse(`{"a": "${"x".repeat(99)}", ${SECRET}}`))],
  "an argument": [
    message(() => childProcess.spawn(process.execPath, [`${SECRET}\0`])),
    "The argument 'args[0]' must be a string without null bytes. Received ***",
  ],
  "a variable": [message(() => childProcess.spawn(process.execPath, [], { env: { A: `${SECRET}\0` } }))],
  "a text in place of a number": [message(() => Buffer.alloc(SECRET as unknown as number))],
  "an object of headers": [message(() => childProcess.spawn({ authorization: SECRET } as unknown as string))],
  headers: [inspect({ authorization: `Bearer ${SECRET}`, accept: "x" }), "{ authorization: ***, accept: 'x' }"],
  "headers on a line": [`authorization: Bearer ${SECRET}`, "authorization: Bearer ***"],
  "a password in Basic": [`sent Basic ${SECRET}=, and`, "sent Basic ***, and"],
  JSON: [JSON.stringify({ token: `${SECRET}"x`, a: 1 }), '{"token":***,"a":1}'],
  "a kubeconfig": [`client-key-data: ${SECRET}\nname: a`, "client-key-data: ***\nname: a"],
  "a quote that never ends": [`password="${SECRET} x`, "password=***"],
  "an option": [`--token=${SECRET} -n dev`, "--token=*** -n dev"],
  "a URL": [`cannot reach https://ann:${SECRET}@host:1/p?q`, "cannot reach https://***@host:1/p?q"],
  "a URL with a token alone": [`https://${SECRET}@host`, "https://***@host"],
  "a JSON web token": [`no eyJhbGciOiJ${SECRET}.${SECRET}.${SECRET} here`, "no *** here"],
  "a key": [`a -----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY----- b`, "a *** b"],
  "a key that breaks off": [`a -----BEGIN PRIVATE KEY-----\n${SECRET}`, "a ***"],
};
for (const [name, [text, want]] of Object.entries(masked))
  t.test(`${name}: what is secret is not shown`, async (t) => {
    const shown = maskCredentials(text);
    t.notMatch(shown, SECRET);
    if (want !== undefined) t.equal(shown, want);
  });

const kept = [
  "Cannot read properties of undefined (reading 'token')",
  'The "path" argument must be of type string. Received undefined',
  'The "path" argument must be of type string. Received an instance of Map',
  "connect ECONNREFUSED 127.0.0.1:1",
  "https://host:1/a@b is not there",
  "basic is no role, bearer is no word",
  "Unexpected end of JSON input",
  "Invalid URL",
];
for (const text of kept) t.test(`${text}: says as much as before`, async (t) => t.equal(maskCredentials(text), text));

t.test("takes no longer for what repeats itself", async (t) => {
  for (const piece of [
    "-----BEGIN A-----",
    "Received ",
    "://",
    "Bearer ",
    'token="\\',
    "eyJ",
    '"',
    "Unexpected token ",
  ])
    t.ok(maskCredentials(piece.repeat(20_000)).length >= 0);
});
