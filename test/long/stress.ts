// Runs a command while other processes keep the processors busy: node test/long/stress.ts WORKERS FILE [ARGUMENT…]
// Its exit code is the command's.
import { spawn } from "node:child_process";
import { once } from "node:events";

const [count = "", ...words] = process.argv.slice(2);
// Each worker ends by itself when this process, which holds the other end of its standard input, is gone.
const busy = `
  process.stdin.on("end", () => process.exit()).resume();
  const work = () => { for (let round = 0; round < 1e7; round += 1) Math.sqrt(round); setImmediate(work); };
  work();
`;
const workers = Array.from({ length: Number(count) }, () =>
  spawn(process.execPath, ["-e", busy], { stdio: ["pipe", "ignore", "inherit"] }),
);
try {
  const command = spawn(process.execPath, words, { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void command.kill(signal));
  const [code] = (await once(command, "exit")) as [number | null];
  process.exitCode = code ?? 1;
} finally {
  for (const worker of workers) worker.kill();
}
