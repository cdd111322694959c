import t from "tap";
import { memoryStorm, mixes } from "./memory-storm.ts";

// The same storms each time; the long job "at once" looks for others.
const start = Number(process.env["STORM_SEED"] ?? 1);
const STORMS = 15;

for (const mix of Object.keys(mixes) as (keyof typeof mixes)[])
  t.test(
    `five administrators at once, about ${mix}, leave what one after the other would have left (STORM_SEED=${start})`,
    async (t) => {
      for (let seed = start; seed < start + STORMS; seed += 1) t.same(await memoryStorm(seed, mix), [], `seed ${seed}`);
    },
  );
