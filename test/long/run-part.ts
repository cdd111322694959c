import { spawn } from "node:child_process";
import { once } from "node:events";
import { unreadFigures } from "./figures.ts";
import { partFigures, type Job, type Part } from "./jobs.ts";
import type { FinishedPart } from "./state.ts";

interface RanPart {
  /** It has ended with 0, and all its figures could be read. */
  isWell: boolean;
  /** The names of the figures that could not, where it has ended with 0. */
  unread: string[];
  finished: FinishedPart;
  output: string;
}

/**
 * Its process runs in the folder. An interruption goes on to it, and ends this process after it.
 * @param isShown what it prints is seen at once; else it only comes back as `output`
 */
export async function runPart(
  job: Job,
  part: Part,
  folder: string,
  { isShown = true }: { isShown?: boolean } = {},
): Promise<RanPart> {
  const started = performance.now();
  const child = spawn(process.execPath, [...part.words], {
    cwd: folder,
    env: { ...process.env, ...part.env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
    if (isShown) process.stdout.write(chunk);
  });
  const interrupt = (signal: NodeJS.Signals) => {
    child.kill(signal);
    child.once("close", () => process.exit(signal === "SIGINT" ? 130 : 143));
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  const [code] = (await once(child, "close")) as [number | null];
  process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  const figures = code === 0 ? partFigures(job, output) : {};
  const unread = code === 0 ? unreadFigures(figures) : [];
  const isWell = code === 0 && unread.length === 0;
  return {
    output,
    isWell,
    unread,
    finished: {
      endedAt: new Date().toISOString(),
      seconds: (performance.now() - started) / 1000,
      figures: isWell ? figures : {},
    },
  };
}
