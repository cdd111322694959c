import t from "tap";
import { memoryStorm, mixes } from "./memory-storm.ts";

const start = Number(process.env["STORM_SEED"] ?? Date.now() % 1_000_000);
const STORMS = 15;

for (const mix of Object.keys(mixes) as (keyof typeof mixes)[])
  t.test(
    `five administrators at once, about ${mix}, leave what one after the other would have left (STORM_SEED=${start})`,
    async (t) => {
      for (let seed = start; seed < start + STORMS; seed += 1) t.same(await memoryStorm(seed, mix), [], `seed ${seed}`);
    },
  );
