// The first write of each attack on grants, as somebody sends it who is no administrator. The test of an attack sends it where
// nothing guards grants, and goes on from there; with-policies.test.ts sends all of them where the access model's policies do.
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { Answer, DefaultsWorld, Person } from "../e2e/secure-defaults-world.ts";
import { until } from "../until.ts";

/** One request, as `world.call` takes it. */
export interface Step {
  method: string;
  path: string;
  body: unknown;
  contentType?: string;
}

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const apiGroup = "rbac.authorization.k8s.io";
const merge = "application/merge-patch+json";

const bindingPath = ({ metadata: { namespace = "", name = "" } }: KubernetesObject) =>
  `${RBAC}/namespaces/${namespace}/rolebindings/${name}`;

const jobPath = ({ metadata: { namespace = "", name = "" } }: KubernetesObject) =>
  `/apis/batch/v1/namespaces/${namespace}/jobs/${name}`;

const patch = (path: string, body: object): Step => ({ method: "PATCH", path, body, contentType: merge });

const holdingOn = ({ metadata }: KubernetesObject, name: string) => [...(metadata["finalizers"] ?? []), name];

/** By the kinds of attacks: what each would have to get through first. */
export const firstSteps = {
  /** What holds a binding stays when its grant is over. */
  addFinalizer: (binding: KubernetesObject, name: string): Step =>
    patch(bindingPath(binding), { metadata: { finalizers: holdingOn(binding, name) } }),

  /** A binding that belongs to something else as well is not collected with its grant. */
  addOwner: (binding: KubernetesObject, owner: KubernetesObject): Step => {
    const { apiVersion, kind, metadata } = owner;
    const added = { apiVersion, kind, name: metadata.name, uid: metadata.uid };
    return patch(bindingPath(binding), {
      metadata: { ownerReferences: [...(binding.metadata.ownerReferences ?? []), added] },
    });
  },

  /** A binding that belongs to nothing is not collected at all. */
  takeOwnersOff: (binding: KubernetesObject): Step =>
    patch(bindingPath(binding), { metadata: { ownerReferences: null } }),

  /** Nor is it found by its label. `labels`: null takes one off. */
  detach: (binding: KubernetesObject, labels: Readonly<Record<string, string | null>>): Step =>
    patch(bindingPath(binding), { metadata: { labels, ownerReferences: null } }),

  /** A Job that never completes beside the one that ends a grant, under its label and of the same owner. */
  forgeAnchor: (anchor: KubernetesObject, name: string): Step => ({
    method: "POST",
    path: `/apis/batch/v1/namespaces/${anchor.metadata.namespace ?? ""}/jobs`,
    body: {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name, labels: anchor.metadata.labels, ownerReferences: anchor.metadata.ownerReferences },
      spec: {
        completions: 0,
        parallelism: 0,
        manualSelector: true,
        podReplacementPolicy: "Failed",
        ttlSecondsAfterFinished: 100,
        selector: { matchLabels: { forge: "me" } },
        template: {
          metadata: { labels: { forge: "me" } },
          spec: { restartPolicy: "Never", containers: [{ name: "c", image: "x" }] },
        },
      },
    },
  }),

  suspendAnchor: (anchor: KubernetesObject): Step => patch(jobPath(anchor), { spec: { suspend: true } }),

  moveEnd: (anchor: KubernetesObject, seconds: number): Step =>
    patch(jobPath(anchor), { spec: { ttlSecondsAfterFinished: seconds } }),

  /** The status of a Job is a way to its metadata: one that is held does not go, nor does what it owns. */
  holdByStatus: (anchor: KubernetesObject, name: string): Step =>
    patch(`${jobPath(anchor)}/status`, { metadata: { finalizers: holdingOn(anchor, name) } }),

  /** Whoever holds a role, and may write bindings, can have it for longer. */
  copyBinding: (namespace: string, name: string, { role, user }: { role: string; user: string }): Step => ({
    method: "POST",
    path: `${RBAC}/namespaces/${namespace}/rolebindings`,
    body: {
      metadata: { name },
      roleRef: { apiGroup, kind: "ClusterRole", name: role },
      subjects: [{ apiGroup, kind: "User", name: user }],
    },
  }),

  /** A binding under our labels that is of no grant. */
  labelBinding: (namespace: string, id: string): Step => ({
    method: "POST",
    path: `${RBAC}/namespaces/${namespace}/rolebindings`,
    body: {
      metadata: {
        name: id,
        labels: { "kubectl-mirrord.io/grant": id, "app.kubernetes.io/managed-by": "kubectl-mirrord" },
      },
      roleRef: { apiGroup, kind: "ClusterRole", name: "view" },
      subjects: [],
    },
  }),

  /** A grant that nobody made, for an administrator to sync. `bound`: what its writer may bind, and whom to. */
  forgeIntent: (
    { id, intent, notes = {} }: { id: string; intent: string; notes?: Readonly<Record<string, string>> },
    bound: { role: string; user: string },
  ): Step => ({
    method: "POST",
    path: `${RBAC}/clusterrolebindings`,
    body: {
      metadata: {
        name: `mirrord:grant:forged-${id}`,
        labels: { "kubectl-mirrord.io/grant": id, "app.kubernetes.io/managed-by": "kubectl-mirrord" },
        annotations: {
          "kubectl-mirrord.io/intent": intent,
          "kubectl-mirrord.io/granted-by": "admin",
          "kubectl-mirrord.io/granted-at": "2026-01-01T00:00:00Z",
          ...notes,
        },
      },
      roleRef: { apiGroup, kind: "ClusterRole", name: bound.role },
      subjects: [{ apiGroup, kind: "User", name: bound.user }],
    },
  }),

  /** What seems to run sync makes grants everywhere seem to end. */
  forgeSync: (namespace: string, name: string, account: string): Step => ({
    method: "POST",
    path: `/apis/batch/v1/namespaces/${namespace}/cronjobs`,
    body: {
      metadata: { name, labels: { "kubectl-mirrord.io/sync": "", "app.kubernetes.io/managed-by": "kubectl-mirrord" } },
      spec: {
        schedule: "0 0 1 1 *",
        jobTemplate: {
          spec: {
            template: {
              spec: { serviceAccountName: account, restartPolicy: "Never", containers: [{ name: "x", image: "x" }] },
            },
          },
        },
      },
    },
  }),
} as const;

const send = (world: Pick<DefaultsWorld, "call">, as: Person, { method, path, body, contentType }: Step) =>
  world.call(as, method, path, body, contentType);

/** Sends it once RBAC knows what its sender may; throws where it is refused otherwise. */
export async function attack(world: Pick<DefaultsWorld, "call">, as: Person, step: Step): Promise<KubernetesObject> {
  return await until(`${as.name} may ${step.method} ${step.path}`, async () => {
    const { status, body } = await send(world, as, step);
    if (status < 300) return body;
    if (status === 403) return undefined;
    throw new Error(`${step.method} ${step.path}: ${JSON.stringify(body)}`);
  });
}

/**
 * What the policies say to it: asked without storing anything until RBAC lets it through and the API server knows the
 * policies, then really sent; throws where it is done.
 */
export async function refusedAttack(world: Pick<DefaultsWorld, "call">, as: Person, step: Step): Promise<Answer> {
  const isJudged = ({ body }: Answer) => body.message?.includes("ValidatingAdmissionPolicy") === true;
  const tried = { ...step, path: `${step.path}${step.path.includes("?") ? "&" : "?"}dryRun=All` };
  await until(`a policy judges ${step.method} ${step.path} of ${as.name}`, async () =>
    isJudged(await send(world, as, tried)),
  );
  const answer = await send(world, as, step);
  if (!isJudged(answer)) throw new Error(`${step.method} ${step.path} of ${as.name}: ${answer.status}`);
  return answer;
}
