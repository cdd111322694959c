// The shell waits for completion, and shows what it prints as words of the command line.
import type { Test } from "tap";
import type { Ran } from "../commands/grant-world.ts";
import { until } from "../until.ts";
import type { Bench } from "./matrix.ts";
import { readFaults } from "./reads.ts";
import type { Fault } from "./proxy.ts";

const lines = [
  ["grant", "revoke", ""],
  ["grant", "jim", "--ns", ""],
  ["can-i", "steal", ""],
  ["session", "describe", ""],
  ["grant", "team", "add", ""],
  ["policy", "edit", "-n", "dev", ""],
];

/** Every fault at the first and at the last request of each line. */
export async function completionFaulted(t: Test, bench: Bench): Promise<void> {
  const { proxy } = bench;
  for (const words of lines) {
    const clean = await completed(bench, words, "500", 0);
    const requests = proxy.seen().length;
    t.ok(clean.code === 0 && requests > 0, `${words.join(" ")}: ${requests} requests, ${clean.code}: ${clean.stderr}`);
    const offered = new Set(clean.stdout.split("\n"));
    for (const fault of readFaults) {
      for (const at of new Set([1, requests])) {
        const { code, stdout, stderr } = await completed(bench, words, fault, at);
        const what = `${words.join(" ")}: ${fault} at request ${at}`;
        t.ok(proxy.happened(), `${what} has happened`);
        t.equal(code, 0, `${what}: ${stderr}`);
        t.equal(stderr, "", `${what}: nothing is written into the command line`);
        const others = stdout.split("\n").filter((line) => !offered.has(line) && !/^:\d+$/.test(line));
        t.same(others, [], `${what}: nothing is offered that there is not`);
      }
    }
  }
}

async function completed({ cluster, proxy, time }: Bench, words: string[], fault: Fault, at: number): Promise<Ran> {
  time.start();
  proxy.arm(fault, at, () => time.pass());
  let ran: Ran | undefined;
  void cluster
    .run(cluster.plane.admin.token, ["__complete", ...words], { server: proxy.server })
    .then((run) => (ran = run.ran));
  return await until(`completion ends: ${words.join(" ")}, ${fault} at request ${at}`, () => proxy.quiet() && ran);
}
