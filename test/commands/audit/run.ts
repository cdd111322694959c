import { execute } from "../../../lib/cli/execute.ts";
import { audit } from "../../../lib/commands/audit/index.ts";
import type { Cluster } from "../../../lib/kube/cluster.ts";
import { UserError } from "../../../lib/errors.ts";
import { fakeWorld } from "../../cli/fake-world.ts";
import { fakeCluster, type FakeOptions } from "../../preview/fake-cluster.ts";

/** What `audit WORDS` prints about a cluster of these objects, and its exit code. */
export const runAudit = (cluster: FakeOptions, ...words: string[]) => runAuditOn(fakeCluster(cluster), ...words);

/** The same about a cluster that is there. */
export async function runAuditOn(cluster: Cluster, ...words: string[]) {
  const screen = fakeWorld({ cluster });
  try {
    const code = await execute(audit, words, screen);
    return { code, stdout: screen.stdout, stderr: screen.stderr };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { code: error.exitCode, stdout: screen.stdout, stderr: `${error.message}\n${error.hint ?? ""}` };
  }
}
