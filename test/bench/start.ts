// What every command costs before it does anything: --help and a completion of the executable, beside Node.js alone.
// Also by itself: node test/bench/start.ts
import { timed } from "./preview-cluster.ts";
import { bundled, line, median } from "./live.ts";

const ROUNDS = 25;

export async function run(): Promise<void> {
  const executable = bundled("grant");
  if (executable === undefined) throw new Error("there is no executable to measure: npm run build");
  const { name, command } = executable;
  // The dispatcher, as krew links it, lies beside the plugins.
  const dispatcher = command.map((file) => file.replace(/-grant$/, ""));
  const commands: { what: string; words: string[] }[] = [
    { what: "node -e 0", words: [process.execPath, "-e", "0"] },
    { what: "--help", words: [...dispatcher, "--help"] },
    { what: "grant --help", words: [...dispatcher, "grant", "--help"] },
    { what: "a command is completed", words: [...dispatcher, "__complete", "gra"] },
    { what: "a flag is completed", words: [...dispatcher, "__complete", "can-i", "--names"] },
  ];
  const times = commands.map((): number[] => []);
  const env = { PATH: process.env["PATH"], HOME: "/nonexistent", KUBECONFIG: "/dev/null" };
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const [at, { words }] of commands.entries()) {
      const milliseconds = await timed(words, env);
      // The first fills the machine's cache of files.
      if (round > 0) times[at]?.push(milliseconds);
    }
  const [bare = 0, ...others] = times.map(median);
  process.stdout.write(`medians of ${ROUNDS} rounds, ${name}\n`);
  line("node -e 0", `${bare.toFixed(0)} ms`, "");
  for (const [at, time] of others.entries()) {
    const what = commands[at + 1]?.what ?? "";
    const most = what.endsWith("--help") ? 1.3 * bare + 30 : 150;
    line(what, `${time.toFixed(0)} ms`, `≤ ${most.toFixed(0)} ms`);
  }
}

if (import.meta.main) await run();
