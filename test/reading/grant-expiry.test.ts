import t from "tap";
import type { Cluster } from "../../lib/kube/cluster.ts";
import { readClockSkew } from "../../lib/reading/grant-expiry.ts";
import { memoryCluster } from "../kube/memory-cluster.ts";

const now = Date.parse("2026-11-22T12:00:00Z");

const clocks: [made: string | undefined, skew: number][] = [
  ["2026-11-22T12:00:00Z", 0],
  ["2026-11-22T14:00:00Z", 7_200_000],
  ["2026-11-22T11:59:00Z", -60_000],
  [undefined, 0],
  ["+275760-09-13T00:00:00Z", 0],
];
for (const [creationTimestamp, skew] of clocks)
  t.test(`a server that makes a Job at ${creationTimestamp} is ${skew} milliseconds ahead`, async (t) => {
    const cluster: Cluster = {
      ...memoryCluster(),
      create: async (_type, object) => ({
        ...object,
        metadata: { ...object.metadata, ...(creationTimestamp === undefined ? {} : { creationTimestamp }) },
      }),
    };
    t.equal(await readClockSkew(cluster, "dev", () => now), skew);
  });
