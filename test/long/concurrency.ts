// 20 administrators at once for a minute: node test/long/concurrency.ts --seconds 60 --administrators 20 --processes 2 --seed 1
import { parseArgs } from "node:util";
import { runStorm } from "../concurrency/storm.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { printFigure } from "./figures.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    administrators: { type: "string", default: "20" },
    "no-moves": { type: "boolean", default: false },
    processes: { type: "string", default: "2" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
  },
});
const numbers = {
  seconds: Number(values.seconds),
  administrators: Number(values.administrators),
  processes: Number(values.processes),
  seed: Number(values.seed),
  movesTeams: !values["no-moves"],
};
const plane = await startControlPlane({ auditLog: false });
try {
  const { ran, faults } = await runStorm(plane, numbers);
  printFigure("most administrators at once", numbers.administrators);
  printFigure("seconds", numbers.seconds);
  printFigure("seeds", `no. ${numbers.seed}`);
  printFigure("commands", ran.length);
  for (const code of new Set(ran.map((each) => each.code)))
    printFigure(`commands that ended with ${code}`, ran.filter((each) => each.code === code).length);
  for (const [kind, found] of Object.entries(faults)) {
    printFigure(`faults: ${kind}`.replace(": ", ", "), found.length);
    for (const fault of found) process.stdout.write(`  ${fault}\n`);
  }
  if (process.env["STORM_VERBOSE"] !== undefined)
    for (const { code, words, said } of ran)
      if (code !== 0) process.stdout.write(`${code} ${words.join(" ")}: ${said.split("\n").slice(0, 3).join(" | ")}\n`);
  process.exitCode = Object.values(faults).flat().length === 0 ? 0 : 1;
} finally {
  await plane.stop();
}
