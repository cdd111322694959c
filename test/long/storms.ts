// Storms of administrators on a cluster in memory: node test/long/storms.ts MIX FROM TO
import { memoryStorm, mixes } from "../concurrency/memory-storm.ts";

const print = (line: string) => void process.stdout.write(`${line}\n`);
const [mix = "everything", from, to] = process.argv.slice(2);
if (!Object.hasOwn(mixes, mix)) throw new Error(`no mix ${mix}`);
let wrong = 0;
for (let seed = Number(from); seed < Number(to); seed += 1) {
  const faults = await memoryStorm(seed, mix as keyof typeof mixes);
  if (faults.length === 0) continue;
  wrong += 1;
  print([`seed ${seed}:`, ...faults].join("\n  "));
}
print(`figure storms of five administrators: ${Number(to) - Number(from)}`);
print(`figure storms whose end no order gives: ${wrong}`);
process.exitCode = wrong === 0 ? 0 : 1;
