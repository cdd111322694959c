// Makes lib/commands/permissions/requests.ts of what an API server records of every command: npm run permissions
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../e2e/example-cluster.ts";
import { recordedRequests, requestsSource, withWaiting, type Requests } from "./record.ts";
import { scenarios } from "./scenarios.ts";
import { startPermissionsCluster } from "./world.ts";

const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-permissions-"));
const cluster = await startPermissionsCluster(folder);
const found: Requests = new Map();
for (const scenario of scenarios(folder)) {
  const requests = await recordedRequests(cluster, scenario);
  found.set(scenario.command, new Set([...(found.get(scenario.command) ?? []), ...requests]));
}
writeFileSync(join(root, "lib/commands/permissions/requests.ts"), requestsSource(withWaiting(found)));
await cluster.stop();
rmSync(folder, { recursive: true, force: true });
