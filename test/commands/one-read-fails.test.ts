// A read that fails for another reason than rights, at every place of every command that reads or plans: it ends with an error,
// or says that something is not known. test/faults does the same on the way to a real API server.
import t from "tap";
import { judgeRead } from "../faults/reads.ts";
import { apiFailure } from "../kube/memory-cluster.ts";
import { fullCluster, planningLines, readingLines, runOnCopy } from "./full-cluster.ts";

const full = await fullCluster();

/** @param at which read fails, counted from 1; 0: none */
async function look(line: string, at: number) {
  let reads = 0;
  const ran = await runOnCopy(full, line, () => {
    reads += 1;
    if (reads === at) throw apiFailure(500, "InternalError", "etcdserver: no leader");
  });
  return { ...ran, reads };
}

for (const line of [...readingLines, ...planningLines])
  t.test(`${line}: a read that fails is an error, or something that is not known`, async (t) => {
    const clean = await look(line, 0);
    t.ok(clean.reads > 0);
    for (let at = 1; at <= clean.reads; at += 1) {
      judgeRead(t, `read ${at}`, { clean, ran: await look(line, at) });
    }
  });
