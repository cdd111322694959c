import t from "tap";
import {
  apiServiceReadiness,
  definitionReadiness,
  deploymentReadiness,
  endpointsReadiness,
} from "../../../lib/install/wait/states.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { saysKept } from "../../kept-text.ts";

const object = (fields: object, generation = 1): KubernetesObject => ({
  apiVersion: "v1",
  kind: "X",
  metadata: { name: "x", generation },
  ...fields,
});
const condition = (type: string, status: string, reason = "", message = "") => ({ type, status, reason, message });
const available = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1 };

const deployments: { name: string; object: KubernetesObject | undefined; want: object }[] = [
  { name: "gone", object: undefined, want: { ready: false, final: true } },
  { name: "available", object: object({ spec: { replicas: 1 }, status: available }), want: { ready: true } },
  { name: "of one replica, because nobody says more", object: object({ status: available }), want: { ready: true } },
  {
    name: "of no replicas",
    object: object({ spec: { replicas: 0 }, status: { observedGeneration: 1 } }),
    want: { ready: true },
  },
  {
    name: "changed a moment ago",
    object: object({ spec: { replicas: 1 }, status: available }, 2),
    want: { ready: false, why: "the controller has not seen it yet" },
  },
  {
    name: "with old pods only",
    object: object({ spec: { replicas: 2 }, status: { ...available, updatedReplicas: 0 } }),
    want: { ready: false, why: "0 of 2 pods are new" },
  },
  {
    name: "with a pod that is not ready",
    object: object({ spec: { replicas: 1 }, status: { ...available, availableReplicas: 0 } }),
    want: { ready: false, why: "0 of 1 pods are ready" },
  },
  {
    name: "with an old pod beside the new one",
    object: object({ spec: { replicas: 1 }, status: { ...available, replicas: 2 } }),
    want: { ready: false, why: "1 old pods are still there" },
  },
  {
    name: "that the controller has given up on",
    object: object({
      status: { ...available, conditions: [condition("Progressing", "False", "ProgressDeadlineExceeded", "too long")] },
    }),
    want: { ready: false, why: "ProgressDeadlineExceeded: too long", final: true },
  },
];

for (const { name, object: deployment, want } of deployments) {
  t.test(`a Deployment ${name}`, async (t) => {
    t.match(deploymentReadiness(deployment), want);
    saysKept(t, import.meta.filename, name, () => deploymentReadiness(deployment));
  });
}

t.test("endpoints count when one of them is ready", async (t) => {
  const slice = (...ready: boolean[]) => object({ endpoints: ready.map((one) => ({ conditions: { ready: one } })) });
  t.match(endpointsReadiness([]), { ready: false, why: "it selects no pod" });
  t.match(endpointsReadiness([slice(), slice(false)]), { ready: false, why: "none of its pods is ready" });
  t.match(endpointsReadiness([slice(false), slice(true)]), { ready: true });
});

t.test("an APIService says in its own words why it is not available", async (t) => {
  const status = (...conditions: object[]) => object({ status: { conditions } });
  t.match(apiServiceReadiness(undefined), { ready: false, final: true });
  t.match(apiServiceReadiness(status()), { ready: false, why: "the API server has not looked yet" });
  t.match(apiServiceReadiness(status(condition("Available", "False", "FailedDiscoveryCheck", "no way"))), {
    ready: false,
    why: "FailedDiscoveryCheck: no way",
  });
  t.match(apiServiceReadiness(status(condition("Available", "True"))), { ready: true });
});

t.test("a definition is built upon when it is established; names that others have are a fault", async (t) => {
  const status = (...conditions: object[]) => object({ status: { conditions } });
  t.equal(definitionReadiness(status()), "wait");
  t.equal(definitionReadiness(status(condition("NamesAccepted", "True"), condition("Established", "True"))), "ready");
  t.match(definitionReadiness(status(condition("NamesAccepted", "False", "NameConflict", "x is taken"))), {
    fault: "cannot be used: NameConflict: x is taken",
  });
});
