// What the tests about grants ask a real cluster, as its administrator and without the code under test.
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { until } from "../until.ts";
import { apiRequest } from "../control-plane/request.ts";
import type { CommandResult, ExampleCluster } from "./example-cluster.ts";

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const paths: Record<string, string> = {
  clusterrolebindings: `${rbac}/clusterrolebindings`,
  rolebindings: `${rbac}/rolebindings`,
  roles: `${rbac}/roles`,
  jobs: "/apis/batch/v1/jobs",
};

export interface GrantProbe {
  grant(...words: string[]): Promise<CommandResult>;
  /** `grant …` with `-o json`, parsed. */
  json<Value>(...words: string[]): Promise<Value>;
  /** The labelled objects of a kind, by plural, in one namespace or all. */
  labelled(plural: string, namespace?: string): Promise<KubernetesObject[]>;
  /** A bare request as the administrator; throws for a failure. */
  api(method: string, path: string, body?: unknown, contentType?: string): Promise<unknown>;
  /** Whether the user may connect to a target, as the API server says. */
  may(user: string, namespace: string, target?: string): Promise<boolean>;
  /** Resolves once `may` says so: the API server's authorizer follows a write a moment later. Throws when it doesn't. */
  settled(expected: "yes" | "no", user: string, namespace: string, target?: string): Promise<void>;
  remove(): Promise<void>;
}

export function grantProbe(cluster: ExampleCluster): GrantProbe {
  const { plane } = cluster;
  const { token } = plane.admin;
  const probe: GrantProbe = {
    grant: (...words) => cluster.kubectl("admin", "mirrord", "grant", ...words),
    async json<Value>(...words: string[]): Promise<Value> {
      const result = await probe.grant(...words, "-o", "json");
      if (result.stdout === "") throw new Error(result.stderr);
      return JSON.parse(result.stdout) as Value;
    },
    async labelled(plural, namespace) {
      const path = `${paths[plural] ?? ""}?labelSelector=kubectl-mirrord.io/grant`;
      const { items = [] } = (await probe.api("GET", path)) as { items?: KubernetesObject[] };
      return items.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
    },
    async api(method, path, body, contentType) {
      const headers = contentType === undefined ? {} : { headers: { "Content-Type": contentType } };
      const answer = await apiRequest(plane, { token, method, path, body, ...headers });
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
    async may(user, namespace, target = "deployment.web") {
      const resourceAttributes = {
        verb: "proxy",
        group: "operator.metalbear.co",
        resource: "targets",
        namespace,
        name: target,
      };
      const review = {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SubjectAccessReview",
        spec: { user, groups: ["system:authenticated"], resourceAttributes },
      };
      const answer = await probe.api("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review);
      return (answer as { status: { allowed: boolean } }).status.allowed;
    },
    async settled(expected, user, namespace, target) {
      const said = async () => (await probe.may(user, namespace, target)) === (expected === "yes");
      await until(`it is ${expected} for ${user} in ${namespace} at ${target ?? "deployment.web"}`, said);
    },
    async remove() {
      for (const binding of await probe.labelled("clusterrolebindings")) {
        await probe.api("DELETE", `${paths["clusterrolebindings"] ?? ""}/${binding.metadata.name ?? ""}`);
      }
      for (const plural of ["rolebindings", "roles", "jobs"]) {
        for (const { metadata } of await probe.labelled(plural)) {
          const base = (paths[plural] ?? "").replace(/\/([a-z]+)$/, `/namespaces/${metadata.namespace ?? ""}/$1`);
          await probe
            .api("DELETE", `${base}/${metadata.name ?? ""}?propagationPolicy=Background`)
            .catch(() => undefined);
        }
      }
    },
  };
  return probe;
}
