import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import t from "tap";
import { readNamedText } from "../../../lib/kube/config/files.ts";

const files = pathToFileURL(join(import.meta.dirname, "../../../lib/kube/config/files.ts")).href;

// As a plugin does: a module that asks for `process` has its standard input opened, which from then on does not wait.
const reader = `
import process from "node:process";
import { writeSync } from "node:fs";
import { readNamed } from ${JSON.stringify(files)};
process.stdin;
writeSync(1, "reading ");
writeSync(1, String(readNamed("-").length));
`;

const inputs: [name: string, pieces: string[]][] = [
  ["nothing", []],
  ["a writer that has nothing to say for a while", ["kind: List\n"]],
  ["more than a pipe holds, piece by piece", Array.from({ length: 40 }, () => "x".repeat(100_000))],
];
for (const [name, pieces] of inputs)
  t.test(`standard input is read to its end: ${name}`, async (t) => {
    const script = join(t.testdir({}), "reader.mts");
    writeFileSync(script, reader);
    const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "pipe"] });
    const [stderr, closed] = [text(child.stderr), once(child, "close")];
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
    await once(child.stdout, "data");
    for (const piece of pieces)
      await new Promise<void>((written) => child.stdin.write(piece, () => setImmediate(written)));
    child.stdin.end();
    await closed;
    t.equal(stdout, `reading ${pieces.join("").length}`, await stderr);
  });

t.test("a file that cannot be read is said in Go's words, and by the name that is given", async (t) => {
  const folder = t.testdir({ there: "text" });
  t.equal(readNamedText(join(folder, "there")), "text");
  const faults: [read: () => string, message: string][] = [
    [() => readNamedText("/no/such"), "open /no/such: no such file or directory"],
    [() => readNamedText("/no/such", "the file of x"), "open the file of x: no such file or directory"],
    [() => readNamedText(folder), `read ${folder}: is a directory`],
  ];
  for (const [read, message] of faults) t.throws(read, { kind: "usage", message });
});
