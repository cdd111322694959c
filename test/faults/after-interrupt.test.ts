import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import t from "tap";
import { countAfterInterrupt, type AfterInterrupt } from "./after-interrupt.ts";

/** What a program does after Ctrl-C, which it hears when it has said something. */
async function afterInterrupt(program: string): Promise<AfterInterrupt> {
  const child = spawn(process.execPath, [...countAfterInterrupt, "--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit", "pipe"],
  });
  const counted = text(child.stdio[3] as Readable);
  if (child.stdout !== null) await once(child.stdout, "data");
  child.kill("SIGINT");
  return JSON.parse(await counted) as AfterInterrupt;
}

const heard = (act: string): string => `
  import { get } from "node:http";
  import { setTimeout as pause } from "node:timers/promises";
  const before = pause(700);
  process.on("SIGINT", async () => {
    ${act}
    process.exit(130);
  });
  console.log("ready");
`;

for (const [name, act, wanted] of [
  ["one that ends at once", "", { waitedMs: 0, requests: 0 }],
  ["one that waits twice", "await pause(200); await pause(100);", { waitedMs: 300, requests: 0 }],
  ["one that waits for two things at once", "await Promise.all([pause(200), pause(100)]);", { waitedMs: 200 }],
  ["one that sends something", "get('http://127.0.0.1:9').on('error', () => {});", { requests: 1 }],
] as const)
  t.test(name, { skip: process.platform === "win32" }, async (t) => {
    t.match(await afterInterrupt(heard(act)), wanted);
  });

t.test("a timer from before counts with what is left of it", { skip: process.platform === "win32" }, async (t) => {
  const { waitedMs } = await afterInterrupt(heard("await before;"));
  t.ok(waitedMs > 0 && waitedMs < 700, String(waitedMs));
});

t.test("one that is busy", { skip: process.platform === "win32" }, async (t) => {
  const { waitedMs, busyMs } = await afterInterrupt(
    heard(
      "const used = () => { const { user, system } = process.cpuUsage(); return user + system; };" +
        "const before = used(); while (used() - before < 300_000);",
    ),
  );
  t.equal(waitedMs, 0);
  t.ok(busyMs >= 300);
});
