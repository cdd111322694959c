import t from "tap";
import { needs } from "../../lib/install/needs.ts";
import { readInstallationStatus, type InstallationStatus } from "../../lib/install/status.ts";
import { memoryCluster } from "../kube/memory-cluster.ts";
import { saysKept } from "../kept-text.ts";
import { installedCluster } from "./installed-cluster.ts";

const said = (status: InstallationStatus) => () =>
  needs(status).map(({ plugin, needs: what, state, without }) => `${state}: ${plugin} needs ${what}; else ${without}`);

const sound = await readInstallationStatus(installedCluster());
const guards = { guards: true, unreadable: [] };
const unread = { guards: true, unreadable: ["validatingadmissionpolicies"] };
const change = (access: Partial<InstallationStatus["access"]>, more: Partial<InstallationStatus> = {}) => ({
  ...sound,
  ...more,
  access: { ...sound.access, ...access },
});
const unreadable = (...resources: string[]) => ({
  installed: { ...sound.installed, objects: [], unreadable: resources },
});

const statuses: Record<string, InstallationStatus> = {
  "of a plain installation": sound,
  "of nothing": await readInstallationStatus(memoryCluster()),
  "with the access model": change({
    grantGuard: guards,
    anchorGuard: guards,
    collectionGuard: guards,
    organizations: { apiVersion: "v1", kind: "x", metadata: {} },
    sync: { runs: true, text: "cronjob x" },
  }),
  "where policies may not be read": change({ grantGuard: unread, anchorGuard: unread, collectionGuard: unread }),
  "where definitions may not be read": change({ organizations: "forbidden" }, unreadable("customresourcedefinitions")),
  "where roles may not be read": change({}, unreadable("clusterroles")),
  "where sync does not run": change({ sync: { runs: false, why: "it is suspended" } }),
  "where the CronJob may not be read": change({ sync: { runs: false, why: "no", unread: "cronjobs" } }),
  ...Object.fromEntries(
    (["missing", "ending", "unserved", "older", "newer", "same", "other"] as const).map((state) => [
      `with definitions that are ${state}`,
      change({}, { definitions: sound.definitions.map((one) => ({ ...one, state })) }),
    ]),
  ),
};
for (const [name, status] of Object.entries(statuses)) {
  t.test(`what grants and policies need ${name}`, async (t) => saysKept(t, import.meta.filename, name, said(status)));
}
