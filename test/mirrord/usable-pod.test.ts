import t from "tap";
import { podFault } from "../../lib/mirrord/usable-pod.ts";
import { pod } from "../preview/objects.ts";

const ready = (name: string, isReady = true) => ({ name, ready: isReady });
const cases: { name: string; more?: Record<string, unknown>; container?: string; fault?: string }[] = [
  { name: "a running pod on a node" },
  { name: "a running pod with the container that is wanted", container: "side" },
  { name: "a pod without a node", more: { spec: { nodeName: undefined } }, fault: "missing .spec.nodeName" },
  {
    name: "a pod on a node that has not started",
    more: { status: { phase: "Pending" } },
    fault: "not in 'Running' phase",
  },
  { name: "a pod that is done", more: { status: { phase: "Succeeded" } }, fault: "not in 'Running' phase" },
  {
    name: "a pod that is being deleted",
    more: { metadata: { deletionTimestamp: "2026-11-22T12:00:00Z" } },
    fault: "in deletion",
  },
  {
    name: "containers that are not known yet",
    more: { status: { containerStatuses: undefined } },
    fault: "no container is ready",
  },
  {
    name: "one container of two is ready",
    more: { status: { containerStatuses: [ready("main", false), ready("side")] } },
  },
  {
    name: "the container that is wanted is not ready",
    more: { status: { containerStatuses: [ready("main", false), ready("side")] } },
    container: "main",
    fault: "target container `main` is not ready",
  },
];
for (const { name, more = {}, container, fault } of cases) {
  t.test(`${name}: ${fault ?? "usable"}`, async (t) => {
    t.equal(podFault(pod("p1", {}, more), container), fault);
  });
}
