// The stand-in in the place of an operator that somebody installed: it runs with the rights of the installed account, marks the
// pod that leads, and answers at the address of the installed Service once that pod is ready.
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { listAt, objectAt, textAt } from "./json.ts";
import { connectKube, type Kube } from "./kube.ts";
import type { Plane } from "./registration.ts";
import type { Settings } from "./settings.ts";
import { startOperator, type OperatorStandIn } from "./start.ts";

/** What is needed of the network; test/control-plane/cluster-network.ts has it. */
interface Network {
  route: (host: string, port: number) => Promise<number | undefined>;
}

const SERVICE = "mirrord-operator";
const LEADER = "mirrord-operator-leader";
const POLL_MS = 100;

export interface InstalledOptions extends Partial<Settings> {
  /** Default: mirrord. */
  namespace?: string;
}

/** Waits for an installation in that namespace, however often it comes and goes, until it is stopped. */
export async function standInForInstalled(
  plane: Plane,
  network: Network,
  { namespace = "mirrord", ...settings }: InstalledOptions = {},
): Promise<OperatorStandIn> {
  const user = `system:serviceaccount:${namespace}:mirrord-operator`;
  const token = plane.token(user, "system:serviceaccounts", `system:serviceaccounts:${namespace}`);
  const { cert, key } = await plane.issueServingCertificate(`${SERVICE}.${namespace}.svc`);
  const standIn = await startOperator({
    ...settings,
    kube: { server: plane.server, ca: plane.ca, token },
    frontProxyCa: readFileSync(plane.frontProxyCaFile, "utf8"),
    serving: { cert, key },
    operatorNamespace: namespace,
  });
  const admin = connectKube({ server: plane.server, ca: plane.ca, token: plane.admin.token });
  network.route = async (host) => ((await leadsHere(admin, namespace, host)) ? standIn.port : undefined);
  const stopping = new AbortController();
  const leading = lead(admin, namespace, stopping.signal);
  return {
    ...standIn,
    async stop() {
      stopping.abort();
      await leading;
      network.route = async () => undefined;
      admin.stop();
      await standIn.stop();
    },
  };
}

/** As the nodes have it: the Service's address leads to a pod that is ready. */
async function leadsHere(kube: Kube, namespace: string, host: string): Promise<boolean> {
  const base = `/api/v1/namespaces/${namespace}/services/${SERVICE}`;
  const { body: service } = await kube.get(base);
  if (textAt(objectAt(service, "spec"), "clusterIP") !== host) return false;
  const selector = encodeURIComponent(`kubernetes.io/service-name=${SERVICE}`);
  const slices = await kube.get(
    `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?labelSelector=${selector}`,
  );
  return listAt(slices.body, "items").some((slice) =>
    listAt(slice, "endpoints").some((endpoint) => objectAt(endpoint, "conditions")["ready"] === true),
  );
}

/** The operator gives the label to one of its own pods. */
async function lead(kube: Kube, namespace: string, signal: AbortSignal): Promise<void> {
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  while (!signal.aborted) {
    const { body } = await kube.get(`${pods}?labelSelector=app%3D${SERVICE}`).catch(() => ({ body: {} }));
    const live = listAt(body, "items").filter((pod) => objectAt(pod, "metadata")["deletionTimestamp"] === undefined);
    const isLed = live.some((pod) => objectAt(pod, "metadata", "labels")[LEADER] !== undefined);
    const name = isLed ? undefined : textAt(objectAt(live[0], "metadata"), "name");
    if (name !== undefined) {
      const metadata = { name, namespace, labels: { [LEADER]: "true" } };
      await kube.apply(`${pods}/${name}`, { apiVersion: "v1", kind: "Pod", metadata }).catch(() => undefined);
    }
    await pause(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}
