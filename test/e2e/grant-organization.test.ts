import t from "tap";
import { organizationDefinition } from "../../lib/access/organizations/definition.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { until } from "../until.ts";
import { organizationObject } from "../access/organizations/organization-object.ts";
import { auditEvents, auditLogLength, type AuditEvent } from "../control-plane/audit-log.ts";
import { apiRequest } from "../control-plane/request.ts";
import { startExampleCluster } from "./example-cluster.ts";
import { grantProbe } from "./grants.ts";

// Organizations and teams on a real API server: who may what, while members come and go.
const cluster = await startExampleCluster();
t.teardown(() => cluster.stop());
const { grant, api, labelled, settled, may, json } = grantProbe(cluster);
const rbac = "/apis/rbac.authorization.k8s.io/v1";
const organizations = "/apis/access.kubectl-mirrord.io/v1alpha1/organizations";
const ok = async (...words: string[]) => {
  const result = await grant(...words);
  if (result.code !== 0) throw new Error(`grant ${words.join(" ")}: ${result.stderr}`);
  return result;
};

/** What `kubectl mirrord` asked of the API server meanwhile. */
async function requestsOf(act: () => Promise<unknown>): Promise<AuditEvent[]> {
  const before = auditLogLength(cluster.plane);
  await act();
  const mark = `/api/v1/namespaces/mark-${before}`;
  await apiRequest(cluster.plane, { token: cluster.plane.admin.token, method: "GET", path: mark });
  const events = () => auditEvents(cluster.plane, before);
  await until("the audit log has it all", async () => events().some(({ requestURI }) => requestURI === mark));
  return events().filter(
    ({ stage, userAgent = "" }) => stage === "ResponseComplete" && userAgent.startsWith("kubectl-mirrord/"),
  );
}

/** Whether somebody in that group, and nobody by name, may connect. */
async function groupMay(group: string, namespace: string): Promise<boolean> {
  const review = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SubjectAccessReview",
    spec: {
      user: "somebody",
      groups: [group],
      resourceAttributes: {
        verb: "proxy",
        group: "operator.metalbear.co",
        resource: "targets",
        namespace,
        name: "deployment.web",
      },
    },
  };
  const { status } = (await api("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)) as {
    status: { allowed: boolean };
  };
  return status.allowed;
}

t.before(async () => {
  t.match(await grant("org", "list"), {
    code: 3,
    stderr: /does not have the kind Organization[^]*install --access-model/,
  });
  t.match(await grant("team:acme/web", "--ns", "dev"), { code: 3, stderr: /does not have the kind Organization/ });
  await api("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", organizationDefinition);
  await until("organizations are served", async () => {
    const { body, status } = await apiRequest(cluster.plane, {
      token: cluster.plane.admin.token,
      method: "GET",
      path: organizations,
    });
    return status === 200 && (body as { kind?: string }).kind === "OrganizationList";
  });
  // What the API server serves, discovery tells a moment later.
  await until("commands find the kind", async () => (await grant("org", "list")).code === 0);
  for (const name of ["acme", "beta"]) await ok("org", "create", name);
});

t.test("MKE-2: subjects are made by commands, listed with their kind, and found by kubectl", async (t) => {
  await ok("team", "create", "acme/web");
  await ok("team", "add", "acme/web", "jim", "group:oidc:web", "sa:ci/runner");
  t.match(await json("team", "list"), {
    items: [{ name: "acme/web", members: ["group:oidc:web", "jim", "sa:ci/runner"] }],
  });
  const listed = await cluster.kubectl("admin", "get", "mirrordorg", "-o", "name");
  t.equal(listed.stdout, "organization.access.kubectl-mirrord.io/acme\norganization.access.kubectl-mirrord.io/beta\n");
});

t.test("MKE-8: the members of a team have what it was granted: who comes gets it and who goes loses it", async (t) => {
  await ok("team:acme/web", "--ns", "dev");
  await settled("yes", "jim", "dev");
  t.ok(await groupMay("oidc:web", "dev"), "and whoever is in its group");
  await settled("yes", "system:serviceaccount:ci:runner", "dev");
  t.notOk(await may("system:serviceaccount:other:runner", "dev"), "MKE-11: not its namesake elsewhere");
  await ok("team", "add", "acme/web", "bob");
  await settled("yes", "bob", "dev");
  await ok("team", "remove", "acme/web", "jim");
  await settled("no", "jim", "dev");
  await settled("yes", "bob", "dev");
  t.match(await grant("sync", "--check"), { code: 0 });
});

t.test("a sync reads each list once; a member who comes is written into the bindings of that team alone", async (t) => {
  await ok("team", "create", "beta/crew");
  await ok("team", "add", "beta/crew", "kim");
  await ok("team:beta/crew", "--ns", "dev", "--ns", "qa");
  await ok("sync", "-y");
  const idle = await requestsOf(() => ok("sync", "-y"));
  t.same(
    idle.filter(({ verb }) => verb !== "list" && verb !== "get"),
    [],
    "nothing is written, and nobody is asked",
  );
  const lists = idle.filter(({ verb }) => verb === "list").map(({ requestURI }) => requestURI.replace(/\?.*/, ""));
  t.same(lists, [...new Set(lists)], "no list twice");
  const come = await requestsOf(() => ok("team", "add", "beta/crew", "lee"));
  const written = come.filter(
    ({ verb, requestURI }) => verb !== "list" && verb !== "get" && !requestURI.includes("dryRun"),
  );
  const paths = written.map(({ requestURI }) =>
    decodeURIComponent(requestURI)
      .replace(/\?.*/, "")
      .replace(/-[a-z2-7]{20}/, ""),
  );
  const binding = "mirrord:grant:beta-crew-dev-qa";
  t.same(paths.toSorted(), [
    `${organizations}/beta`,
    `${rbac}/clusterrolebindings/${binding}`,
    `${rbac}/namespaces/dev/rolebindings/${binding}`,
    `${rbac}/namespaces/dev/rolebindings/${binding}:reads`,
    `${rbac}/namespaces/qa/rolebindings/${binding}`,
    `${rbac}/namespaces/qa/rolebindings/${binding}:reads`,
  ]);
  await settled("yes", "lee", "qa");
  await ok("team", "delete", "beta/crew", "--cascade", "-y");
  await settled("no", "lee", "qa");
});

t.test("a member that kubectl takes out loses the access with the next sync", async (t) => {
  const spec = { teams: [{ name: "web", members: ["bob"], groups: ["oidc:web"] }] };
  await api("PATCH", `${organizations}/acme`, { spec }, "application/merge-patch+json");
  t.match(await grant("list"), { stdout: /team:acme\/web/ });
  t.match(await grant("sync", "--check"), { code: 1 });
  await ok("sync", "-y");
  await settled("no", "system:serviceaccount:ci:runner", "dev");
  t.match(await grant("sync", "--check"), { code: 0 });
});

t.test("nobody loses access for a moment while others come and go", async (t) => {
  await settled("yes", "bob", "dev");
  let asked = 0;
  let refused = 0;
  const stop = new AbortController();
  const client = (async () => {
    while (!stop.signal.aborted) {
      asked += 1;
      if (!(await may("bob", "dev"))) refused += 1;
    }
  })();
  for (const name of ["kim", "lee"]) {
    await ok("team", "add", "acme/web", name);
    await ok("team", "remove", "acme/web", name);
  }
  await ok("team", "move", "acme/web", "beta", "--cascade");
  await ok("team", "move", "beta/web", "acme", "--cascade");
  stop.abort();
  await client;
  t.equal(refused, 0, `of ${asked}`);
  t.ok(asked > 20, `asked ${asked} times`);
});

t.test("MKE-10: an organization's grant is for all its teams, also for one that is made later", async (t) => {
  await ok("org:acme", "--ns", "qa");
  await settled("yes", "bob", "qa");
  await ok("team", "create", "acme/db");
  await ok("team", "add", "acme/db", "ann");
  await settled("yes", "ann", "qa");
  t.notOk(await may("ann", "dev"));
  t.match(await grant("explain", "ann", "deploy/web", "-n", "qa"), { code: 0, stdout: /by grant/ });
});

t.test("MKE-7: somebody is in teams of several organizations, and has what each was granted", async (t) => {
  await ok("team", "create", "beta/ops");
  await ok("team", "add", "beta/ops", "ann");
  await ok("team:beta/ops", "--ns", "dev");
  await settled("yes", "ann", "dev");
  await ok("team", "delete", "acme/db");
  await settled("no", "ann", "qa");
  t.ok(await may("ann", "dev"), "what the other team has stays");
});

t.test("MKE-9: a team is in one organization, and so is a group", async (t) => {
  t.match(await grant("team", "add", "beta/ops", "group:oidc:web"), {
    code: 2,
    stderr: /group "oidc:web" already belongs to team acme\/web/,
  });
  await ok("team", "move", "beta/ops", "acme", "--cascade");
  t.match(await json("team", "list"), { items: [{ name: "acme/ops" }, { name: "acme/web" }] });
  await settled("yes", "ann", "qa");
  t.ok(await may("ann", "dev"), "its own grants went along");
});

t.test("two administrators change one organization at the same time, and nothing is lost", async (t) => {
  const names = [...Array(6).keys()].map((at) => `person-${at}`);
  const results = await Promise.all(names.map((name) => grant("team", "add", "acme/ops", name)));
  const done = names.filter((_, at) => results[at]?.code === 0);
  for (const { code, stderr } of results) if (code !== 0) t.match(stderr, /modified|Conflict|conflict/);
  const { spec } = (await api("GET", `${organizations}/acme`)) as KubernetesObject & {
    spec: { teams: { name: string; members: string[] }[] };
  };
  const members = spec.teams.find(({ name }) => name === "ops")?.members ?? [];
  t.same(
    done.filter((name) => !members.includes(name)),
    [],
    "whoever was told that it is done is in",
  );
  t.ok(done.length >= 1);
  await ok("sync", "-y");
  for (const name of done) await settled("yes", name, "dev");
});

t.test("a deletion is of the version that was looked at", async (t) => {
  await ok("org", "create", "gone");
  const { metadata } = (await api("GET", `${organizations}/gone`)) as KubernetesObject;
  const body = {
    apiVersion: "meta.k8s.io/v1",
    kind: "DeleteOptions",
    preconditions: { resourceVersion: metadata.resourceVersion },
  };
  await ok("team", "create", "gone/late");
  const answer = await apiRequest(cluster.plane, {
    token: cluster.plane.admin.token,
    method: "DELETE",
    path: `${organizations}/gone`,
    body,
  });
  t.equal(answer.status, 409, "the API server keeps it");
  t.match(await grant("org", "delete", "gone"), { code: 2, stderr: /has teams \(gone\/late\)/ });
  await ok("org", "delete", "gone", "--cascade", "-y");
});

t.test("an organization that a GitOps tool applied is changed at its source", async (t) => {
  const path = `${organizations}/kept?fieldManager=kustomize-controller`;
  await api("PATCH", path, organizationObject("kept", { members: ["jim"] }), "application/apply-patch+yaml");
  t.match(await grant("org", "add", "kept", "eve"), {
    code: 2,
    stderr: /organization kept is set by kustomize-controller, which would set it again/,
  });
  await api("DELETE", `${organizations}/kept`);
});

t.test("what is deleted revokes: with --cascade at once, by kubectl with the next sync", async (t) => {
  await ok("team", "delete", "acme/ops", "--cascade", "-y");
  await settled("no", "ann", "dev");
  await settled("no", "ann", "qa");
  await api("DELETE", `${organizations}/acme`);
  await settled("yes", "bob", "dev");
  t.match(await grant("list"), { stdout: /DANGLING/ });
  t.match(
    await grant("sync", "-y"),
    { code: 2, stderr: /bindings would be deleted/ },
    "all at once looks like a mistake",
  );
  const count = /(\d+) of \d+ bindings/.exec((await grant("sync", "-y")).stderr)?.[1] ?? "";
  const synced = await ok("sync", "-y", `--yes-prune=${count}`);
  t.match(synced.stderr, /is taken back: org:acme does not exist/);
  await settled("no", "bob", "dev");
  await settled("no", "bob", "qa");
  t.same(await labelled("rolebindings"), []);
});
