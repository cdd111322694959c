import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { readOrganization } from "../../lib/access/organizations/organization.ts";
import { organizationType } from "../../lib/access/organizations/definition.ts";
import { nativeResources } from "../../lib/kubernetes/resources.ts";
import { objectIn } from "../../lib/json.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { organizationObject } from "../access/organizations/organization-object.ts";
import { clusterRole } from "../access/rbac-objects.ts";
import { apiFailure, type MemoryCluster } from "../kube/memory-cluster.ts";
import {
  completeMembers,
  completeOrganizations,
  completeTeams,
} from "../../lib/commands/grant/complete-organizations.ts";
import { fakeWorld } from "../cli/fake-world.ts";
import { exampleFolder, exampleMemory, runGrant } from "./grant-world.ts";

const run = (cluster: MemoryCluster, ...words: string[]) => runGrant(words, { cluster });

const stored = (cluster: MemoryCluster, name: string): KubernetesObject | undefined =>
  cluster.objects().find(({ kind, metadata }) => kind === "Organization" && metadata.name === name);

/** Whom the bindings of grants name, each once: `jim`, `group:oidc:web`. */
const bound = (cluster: MemoryCluster, namespace?: string): string[] => {
  const subjects = cluster
    .objects()
    .filter(({ kind, metadata }) => kind.endsWith("Binding") && metadata.name?.startsWith("mirrord:grant:") === true)
    .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
    .flatMap((object) => (object["subjects"] as { kind: string; name: string }[] | undefined) ?? [])
    .map(({ kind, name }) => (kind === "Group" ? `group:${name}` : name));
  return [...new Set(subjects)].toSorted();
};

/** acme with teams web (jim and a group) and db (ann), beta with none. */
async function company(): Promise<MemoryCluster> {
  const cluster = exampleMemory();
  for (const words of [
    ["org", "create", "acme"],
    ["org", "create", "beta"],
    ["team", "create", "acme/web"],
    ["team", "create", "acme/db"],
    ["team", "add", "acme/web", "jim", "group:oidc:web"],
    ["team", "add", "acme/db", "ann"],
  ]) {
    const result = await run(cluster, ...words);
    t.equal(result.code, 0, result.stderr);
  }
  return cluster;
}

t.test("what is made and changed twice is made once, with zero writes the second time", async (t) => {
  const cluster = exampleMemory();
  const steps: [words: string[], want: RegExp][] = [
    [["org", "create", "acme", "--description", "All"], /^Made organization acme\.$/m],
    [["team", "create", "acme/web"], /^Made team acme\/web\.$/m],
    [["team", "add", "acme/web", "jim", "group:oidc:web"], /^jim and group oidc:web are in team acme\/web\.$/m],
    [["org", "add", "acme", "boss"], /^boss is in organization acme\.$/m],
    [["team", "remove", "acme/web", "jim"], /^jim is no longer in team acme\/web\.$/m],
    [["org", "remove", "acme", "boss"], /^boss is no longer in organization acme\.$/m],
  ];
  for (const [words, want] of steps) {
    const first = await run(cluster, ...words);
    t.match(first, { code: 0, stdout: want }, first.stderr);
    const writes = cluster.writes.length;
    const again = await run(cluster, ...words);
    t.match(again, { code: 0, stdout: "Nothing was changed.\n" }, words.join(" "));
    t.equal(cluster.writes.length, writes);
  }
  t.match(await run(cluster, "team", "create", "acme/web", "--description", "Front"), { stdout: /^Changed team/ });
  t.match(objectIn(stored(cluster, "acme")?.["spec"]), {
    description: "All",
    members: { length: 0 },
    teams: [{ name: "web", description: "Front", members: { length: 0 }, groups: ["oidc:web"] }],
  });
});

t.test("MKE-8: who comes into a team and who goes follows into the bindings by the same command", async (t) => {
  const cluster = await company();
  const granted = await run(cluster, "team:acme/web", "--ns", "dev");
  t.match(granted, { code: 0, stdout: /team acme\/web can now mirror and steal any target in dev/ }, granted.stderr);
  t.same(bound(cluster), ["group:oidc:web", "jim"]);
  const added = await run(cluster, "team", "add", "acme/web", "bob");
  t.match(
    added.stdout,
    /^bob is in team acme\/web\.\n\n[^]*bob gets clusterrole mirrord-operator-user in namespace dev$/m,
  );
  t.same(bound(cluster), ["bob", "group:oidc:web", "jim"]);
  const removed = await run(cluster, "team", "remove", "acme/web", "jim");
  t.match(removed.stdout, /^jim no longer holds clusterrole mirrord-operator-user in namespace dev$/m);
  t.same(bound(cluster), ["bob", "group:oidc:web"]);
  t.match(await run(cluster, "sync", "--check"), { code: 0 }, "nothing is left to do");
});

t.test(
  "who leaves a team has gone even where what is missing elsewhere is refused, or waits for consent",
  async (t) => {
    const cluster = await company();
    cluster.put(clusterRole("dba", { apiGroups: ["*"], resources: ["*"], verbs: ["*"] }));
    const dba = ["--role", "clusterrole/dba", "--dangerous"];
    t.match(await run(cluster, "team:acme/web", "--ns", "dev", "--ns", "qa", ...dba), { code: 0 });
    t.match(await run(cluster, "team:acme/db", "--ns", "dev"), { code: 0 });
    const lost = cluster
      .objects()
      .filter(({ kind, metadata }) => kind === "RoleBinding" && metadata.namespace === "qa");
    for (const { metadata } of lost) await cluster.delete(nativeResources.roleBindings, metadata.name ?? "", "qa");
    cluster.beforeWrite = (_count, what) => {
      if (what.startsWith("create")) throw apiFailure(403, "Forbidden", "not here");
    };
    const removed = await run(cluster, "team", "remove", "acme/web", "jim");
    t.match(removed, { code: 0, stdout: /^jim no longer holds clusterrole dba in namespace dev$/m }, removed.stderr);
    t.same(bound(cluster), ["ann", "group:oidc:web"]);
    cluster.beforeWrite = () => {};
    // One who comes and one who goes in the same version of the organization: a GitOps tool writes it so.
    const spec = {
      teams: [
        { name: "web", members: ["bob"], groups: [] },
        { name: "db", members: ["ann"], groups: [] },
      ],
    };
    await cluster.apply(organizationType, organizationObject("acme", spec));
    const synced = await run(cluster, "sync", "-y");
    t.match(synced, { code: 4, stderr: /lets its holder gain more rights/ });
    t.notOk(bound(cluster).includes("group:oidc:web"), "who left has gone");
    t.notOk(bound(cluster).includes("bob"), "who came waits");
  },
);

t.test("what a deletion takes along goes whole, bindings that carry intents included", async (t) => {
  const cluster = await company();
  t.match(await run(cluster, "team:acme/web", "--ns", "dev"), { code: 0 });
  t.match(await run(cluster, "org:acme", "--role", "view", "--ns", "dev"), { code: 0 });
  t.match(await run(cluster, "team", "delete", "acme/web", "--cascade", "-y"), { code: 0 });
  t.same(bound(cluster), ["ann"]);
  t.match(await run(cluster, "org", "delete", "acme", "--cascade", "-y"), { code: 0 });
  const left = cluster.objects().filter(({ metadata }) => metadata.name?.startsWith("mirrord:grant:"));
  t.same(left, []);
});

t.test("MKE-10: a grant to an organization is for all its teams, also for those that come later", async (t) => {
  const cluster = await company();
  t.match(await run(cluster, "org:acme", "--role", "view", "--ns", "dev"), { code: 0 });
  t.same(bound(cluster), ["ann", "group:oidc:web", "jim"]);
  await run(cluster, "team", "create", "acme/new");
  await run(cluster, "team", "add", "acme/new", "eve");
  await run(cluster, "org", "add", "acme", "boss");
  t.same(bound(cluster), ["ann", "boss", "eve", "group:oidc:web", "jim"]);
  t.match(await run(cluster, "team", "delete", "acme/new"), { code: 0, stdout: /^Deleted team acme\/new\.\n\neve no/ });
  t.same(bound(cluster), ["ann", "boss", "group:oidc:web", "jim"]);
});

t.test("MKE-9: a group of the identity provider is in one organization only", async (t) => {
  const cluster = await company();
  await run(cluster, "team", "create", "beta/ops");
  const writes = cluster.writes.length;
  t.match(await run(cluster, "team", "add", "beta/ops", "group:oidc:web"), {
    code: 2,
    stderr:
      /group "oidc:web" already belongs to team acme\/web: a group can be in one organization only[^]*grant team remove acme\/web group:oidc:web/,
  });
  t.match(await run(cluster, "org", "add", "beta", "group:oidc:web"), { code: 2, stderr: /already belongs/ });
  t.equal(cluster.writes.length, writes);
  t.match(await run(cluster, "team", "add", "acme/db", "group:oidc:web"), { code: 0 }, "another team of its own one");
});

t.test(
  "a group that two organizations claim by hand gets nothing new, keeps what it has, and sync says so",
  async (t) => {
    const cluster = await company();
    await run(cluster, "team:acme/web", "--ns", "dev");
    await cluster.apply(
      organizationType,
      organizationObject("beta", { teams: [{ name: "ops", groups: ["oidc:web"] }] }),
    );
    await run(cluster, "team:beta/ops", "--ns", "qa");
    t.same(bound(cluster, "dev"), ["group:oidc:web", "jim"]);
    t.same(bound(cluster, "qa"), []);
    t.match(await run(cluster, "sync", "--check"), {
      code: 0,
      stderr: /oidc:web is claimed by acme\/web and beta\/ops/,
    });
    t.match(await run(cluster, "team", "remove", "beta/ops", "group:oidc:web"), { code: 0 }, "it can be mended");
    t.notMatch((await run(cluster, "sync", "--check")).stderr, /claimed/);
  },
);

t.test("a team with grants is kept, and --cascade revokes them", async (t) => {
  const cluster = await company();
  await run(cluster, "team:acme/web", "--ns", "dev");
  const writes = cluster.writes.length;
  t.match(await run(cluster, "team", "delete", "acme/web"), { code: 2, stderr: /has grants \(.*--cascade/s });
  t.match(await run(cluster, "org", "delete", "acme"), {
    code: 2,
    stderr: /has teams \(acme\/db, acme\/web\) and grants/,
  });
  t.equal(cluster.writes.length, writes);
  t.match(await run(cluster, "team", "delete", "acme/web", "--cascade", "-y"), {
    code: 0,
    stdout: /^Deleted team acme\/web\.\nRevoked grant [a-z2-7]{20}\./,
  });
  t.same(bound(cluster), []);
  t.match(await run(cluster, "team", "delete", "acme/web"), { code: 2, stderr: /team acme\/web was not found/ });
  t.match(await run(cluster, "team", "delete", "acme/web", "--ignore-not-found"), { code: 0 });
  t.match(await run(cluster, "org", "delete", "acme", "--cascade", "-y"), { code: 0 });
  t.equal(stored(cluster, "acme"), undefined);
});

t.test(
  "a grant whose team is gone is taken back by sync, which says so; a namesake made later gets nothing",
  async (t) => {
    const cluster = await company();
    await run(cluster, "team:acme/web", "--ns", "dev");
    await run(cluster, "eve", "--ns", "dev");
    await cluster.apply(organizationType, organizationObject("acme", { teams: [{ name: "db", members: ["ann"] }] }));
    t.match(await run(cluster, "list"), { stdout: /team:acme\/web.*DANGLING/ });
    const synced = await run(cluster, "sync", "-y", "--yes-prune=3");
    t.match(synced.stderr, /grant [a-z2-7]{20} is taken back: team:acme\/web does not exist/);
    t.same(bound(cluster), ["eve"]);
    await run(cluster, "team", "create", "acme/web");
    await run(cluster, "team", "add", "acme/web", "mallory");
    await run(cluster, "sync", "-y");
    t.same(bound(cluster), ["eve"]);
  },
);

t.test("an organization that a mistake has emptied stops at the guard against mass pruning", async (t) => {
  const cluster = await company();
  await run(cluster, "org:acme", "--ns", "dev", "--ns", "qa");
  await cluster.apply(organizationType, organizationObject("acme", { teams: [] }));
  t.match(await run(cluster, "sync", "-y"), { code: 2, stderr: /bindings would be deleted/ });
  t.same(bound(cluster), ["ann", "group:oidc:web", "jim"]);
});

t.test("a team that moves gets what its new organization has, and its grants go along", async (t) => {
  const cluster = await company();
  await run(cluster, "org:beta", "--role", "view", "--ns", "qa");
  await run(cluster, "org:acme", "--role", "view", "--ns", "dev");
  t.match(await run(cluster, "team", "move", "acme/db", "beta"), {
    code: 0,
    stdout: /^Team acme\/db is beta\/db now\./,
  });
  t.same(bound(cluster, "qa"), ["ann"]);
  t.same(bound(cluster, "dev"), ["group:oidc:web", "jim"]);
  await run(cluster, "team:acme/web", "--ns", "dev", "--reason", "INC-1");
  t.match(await run(cluster, "team", "move", "acme/web", "beta"), { code: 2, stderr: /--cascade/ });
  const moved = await run(cluster, "team", "move", "acme/web", "beta", "--cascade");
  t.equal(moved.code, 0, moved.stderr);
  t.match(await run(cluster, "list", "-o", "json"), { stdout: /"team:beta\/web"[^]*"reason": "INC-1"/ });
  t.notMatch((await run(cluster, "list")).stdout, /acme\/web/);
  t.match(await run(cluster, "sync", "--check"), { code: 0 });
  t.match(await run(cluster, "team", "move", "beta/web", "beta"), { code: 0, stdout: "Nothing was changed.\n" });
  await run(cluster, "team", "create", "acme/db");
  t.match(await run(cluster, "team", "move", "acme/db", "beta"), { code: 2, stderr: /beta\/db is there already/ });
});

t.test("an organization that is renamed keeps its teams, members and grants", async (t) => {
  const cluster = await company();
  await run(cluster, "team:acme/web", "--ns", "dev");
  await run(cluster, "org:acme", "--role", "view", "--ns", "qa");
  t.match(await run(cluster, "org", "move", "acme", "apex"), { code: 2, stderr: /--cascade/ });
  t.match(await run(cluster, "org", "move", "acme", "beta"), { code: 2, stderr: /is there already/ });
  t.match(await run(cluster, "org", "move", "acme", "apex", "--cascade"), { code: 0 });
  const after = stored(cluster, "apex");
  t.same(after && readOrganization(after).teams.map(({ name }) => name), ["db", "web"]);
  t.same(bound(cluster, "dev"), ["group:oidc:web", "jim"]);
  t.match(await run(cluster, "sync", "--check"), { code: 0 });
});

t.test("what is not there is named, with what is near, and what would make it", async (t) => {
  const cluster = await company();
  for (const [words, want] of [
    [["team:acme/wep", "--ns", "dev"], /team acme\/wep was not found[^]*Did you mean acme\/web\?[^]*grant team create/],
    [["org:acne", "--ns", "dev"], /organization acne was not found[^]*Did you mean acme\?[^]*grant org create acne/],
    [["team", "create", "gamma/web"], /organization gamma was not found/],
    [["team", "add", "acme/ops", "jim"], /team acme\/ops was not found/],
    [["team", "describe", "acme/ops"], /team acme\/ops was not found/],
    [["org", "describe", "gamma"], /organization gamma was not found/],
    [["team", "list", "gamma"], /organization gamma was not found/],
    [["team", "add", "acme/web", "team:acme/db"], /team:acme\/db cannot be in a team/],
    [["team", "add", "acme/web", "group:system:masters"], /of Kubernetes itself/],
    [["org", "create", "Acme"], /cannot be the name of an organization/],
  ] as const) {
    t.match(await run(cluster, ...words), { code: 2, stderr: want }, words.join(" "));
  }
});

t.test("an organization that a tool keeps is changed there and not here", async (t) => {
  const cluster = exampleMemory({
    ...organizationObject("acme", { teams: [{ name: "web" }] }),
    metadata: {
      name: "acme",
      labels: { "kustomize.toolkit.fluxcd.io/name": "people", "kustomize.toolkit.fluxcd.io/namespace": "flux" },
    },
  });
  for (const words of [
    ["team", "add", "acme/web", "jim"],
    ["org", "delete", "acme", "--cascade", "-y"],
  ]) {
    t.match(await run(cluster, ...words), {
      code: 2,
      stderr:
        /organization acme is set by Kustomization people in namespace flux, which would set it again[^]*Change it there/,
    });
  }
  t.match(await run(cluster, "team:acme/web", "--ns", "dev"), { code: 0 }, "granting to it changes nothing there");
});

t.test("a team of too many is refused before anything is written", async (t) => {
  const members = [...Array(5000).keys()].map((at) => `oidc:somebody-with-a-long-name-${at}@example.com`);
  const cluster = exampleMemory(organizationObject("acme", { members }));
  const spaces = [...Array(200).keys()].map((at) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: `n${at}`, labels: { all: "yes" } },
  }));
  for (const space of spaces) await cluster.apply(nativeResources.namespaces, space);
  const writes = cluster.writes.length;
  t.match(await run(cluster, "org:acme", "-l", "all=yes", "--accept-label-risk"), {
    code: 2,
    stderr: /org:acme has 5000 members, which would be \d+ MB of bindings: put a group of your identity provider/,
  });
  t.equal(cluster.writes.length, writes);
  t.match(await run(cluster, "org:acme", "--ns", "dev"), { code: 0 }, "in a few namespaces they fit");
});

t.test("lists and descriptions say who belongs where and what was granted", async (t) => {
  const cluster = await company();
  await run(cluster, "team:acme/web", "--ns", "dev");
  await run(cluster, "org:acme", "--role", "view", "--ns", "qa");
  t.match(await run(cluster, "org", "list"), { stdout: /^ORGANIZATION +TEAMS +MEMBERS +GRANTS[^]*acme +2 +0 +2/ });
  t.match(await run(cluster, "team", "list", "acme", "-o", "wide"), {
    stdout: /acme\/web +2 +1 +<none> +group:oidc:web,jim/,
  });
  t.match(await run(cluster, "team", "list", "-o", "name"), { stdout: "team/acme/db\nteam/acme/web\n" });
  const described = await run(cluster, "team", "describe", "acme/web");
  t.match(
    described.stdout,
    /Members:\n  group:oidc:web\n  jim\nGrants:\n  [a-z2-7]{20}  user in dev\nGrants of organization acme:\n  [a-z2-7]{20}  view in qa/,
  );
  t.match(JSON.parse((await run(cluster, "org", "describe", "acme", "-o", "json")).stdout), {
    kind: "OrganizationDescription",
    teams: [{ name: "db", members: ["ann"] }, { name: "web" }],
    grants: [{ role: "view", where: "qa" }],
  });
});

t.test("in a folder it is the same, one file for each organization", async (t) => {
  const folder = exampleFolder(t);
  const inFolder = (...words: string[]) => runGrant([...words, "--manifests", folder]);
  for (const words of [
    ["org", "create", "acme"],
    ["team", "create", "acme/web"],
    ["team", "add", "acme/web", "jim"],
    ["team:acme/web", "--ns", "dev"],
    ["team", "add", "acme/web", "bob"],
  ]) {
    const result = await inFolder(...words);
    t.equal(result.code, 0, `${words.join(" ")}: ${result.stderr}`);
  }
  t.match(await inFolder("list"), { stdout: /team:acme\/web/ });
  t.match(await inFolder("sync", "--check"), { code: 0 });
  t.match(await inFolder("explain", "bob", "deploy/web", "-n", "dev"), { code: 0 });
  t.match(await inFolder("team", "delete", "acme/web", "--cascade", "-y"), { code: 0 });
  t.match(await inFolder("explain", "bob", "deploy/web", "-n", "dev"), { code: 1 });
});

t.test("what the commands print as JSON is what the schemas say, and names complete", async (t) => {
  const cluster = await company();
  await run(cluster, "team:acme/web", "--ns", "dev");
  await run(cluster, "org:acme", "--role", "view", "--collection", "/", "--accept-label-risk");
  for (const [schema, words] of [
    ["org-list", ["org", "list"]],
    ["team-list", ["team", "list"]],
    ["org-description", ["org", "describe", "acme"]],
    ["team-description", ["team", "describe", "acme/web"]],
    ["org-change", ["team", "add", "acme/web", "kim", "--dry-run=server"]],
    ["org-change", ["org", "delete", "beta"]],
  ] as const) {
    const file = join(import.meta.dirname, `../../docs/schema/grant-${schema}.json`);
    const validate = new Ajv2020({ strict: false }).compile(JSON.parse(readFileSync(file, "utf8")));
    const printed = await run(cluster, ...words, "-o", "json");
    t.ok(validate(JSON.parse(printed.stdout)), `${words.join(" ")}: ${JSON.stringify(validate.errors)}`);
  }
  const world = fakeWorld({ cluster });
  const line = (...given: string[]) => ({ given, current: "", options: new Set<string>() });
  t.same(await completeOrganizations({}, world, line(), () => {}), ["acme"]);
  t.same(await completeTeams({}, world, line(), () => {}), ["acme/db", "acme/web"]);
  t.same(await completeMembers({}, world, line("acme/web"), () => {}), ["group:oidc:web", "jim"]);
  t.same(await completeMembers({}, world, line("gamma/web"), () => {}), []);
});

t.test("explain, matrix and whoami say by which team, organization and collection somebody has access", async (t) => {
  const cluster = await company();
  await run(cluster, "collection", "create", "prod");
  await run(cluster, "collection", "assign", "prod", "--ns", "dev");
  await run(cluster, "team:acme/web", "--collection", "prod", "--accept-label-risk");
  await run(cluster, "org:acme", "--role", "view", "--ns", "qa");
  const explained = await run(cluster, "explain", "jim", "deploy/web", "-n", "dev");
  t.match(explained, { code: 0, stdout: /by grant [a-z2-7]{20} to team acme\/web on collection prod/ });
  const { steps } = JSON.parse(
    (await run(cluster, "explain", "jim", "deploy/web", "-n", "dev", "-o", "json")).stdout,
  ) as {
    steps: { through?: string; collections?: string[] }[];
  };
  t.ok(steps.some(({ through, collections }) => through === "team:acme/web" && collections?.join() === "prod"));
  t.ok(steps.some(({ through, collections }) => through === "org:acme" && collections === undefined));
  t.match(await run(cluster, "explain", "team:acme/web", "deploy/web", "-n", "dev"), {
    code: 0,
    stdout: /^yes - team acme\/web can mirror/,
  });
  const matrix = await run(cluster, "matrix", "jim");
  t.match(matrix.stdout, /^SUBJECT +dev +qa\norg:acme +- +view\nteam:acme\/web +user \(prod\) +-\n/);
  t.match(matrix.stdout, /^jim, in team acme\/web of organization acme: view in qa, by grant [a-z2-7]{20}$/m);
  t.match(matrix.stdout, /^jim, in team acme\/web, on collection prod: user in dev, by grant [a-z2-7]{20}$/m);
  t.match(await run(cluster, "matrix", "team:acme/db"), {
    stdout: /^SUBJECT +qa\norg:acme +view\n\nteam acme\/db, in organization acme: view in qa, by grant [a-z2-7]{20}\n$/,
  });
  t.match(JSON.parse((await run(cluster, "matrix", "-o", "json")).stdout), {
    items: [
      { subject: "org:acme", paths: [{ organization: "acme", role: "view", namespaces: ["qa"] }] },
      {
        subject: "team:acme/web",
        roles: { dev: ["user"] },
        paths: [{ team: "acme/web", organization: "acme", collection: "prod", namespaces: ["dev"], managed: true }],
      },
    ],
  });
  cluster.identity = async () => ({ name: "jim", groups: ["oidc:web", "system:authenticated"] });
  t.match(await run(cluster, "whoami"), {
    stdout: /Teams: +acme\/web\n[^]*Grants:\n[^]*org:acme +view in qa[^]*team:acme\/web +user in/,
  });
  t.match(JSON.parse((await run(cluster, "whoami", "-o", "json")).stdout), {
    teams: ["acme/web"],
    organizations: ["acme"],
  });
  cluster.identity = async () => ({ name: "nobody", groups: [] });
  t.match(await run(cluster, "whoami"), { stdout: /Teams: +none\n/ });
});

t.test(
  "a member that changes is written into the bindings of that team alone, and nothing to do writes nothing",
  async (t) => {
    const teams = [...Array(30).keys()].map((at) => `t${at}`);
    const organization = (extra: string[]) =>
      organizationObject("acme", {
        teams: teams.map((name, at) => ({ name, members: [`${name}-a`, `${name}-b`, ...(at === 7 ? extra : [])] })),
      });
    const cluster = exampleMemory(organization([]));
    for (const name of teams) await run(cluster, `team:acme/${name}`, "--ns", "dev", "--ns", "qa");
    const before = cluster.writes.length;
    t.match(await run(cluster, "sync", "-y"), { code: 0 });
    t.equal(cluster.writes.length, before);
    await cluster.apply(organizationType, organization(["kim"]));
    const applied = cluster.writes.length;
    t.match(await run(cluster, "sync", "-y"), { code: 0 });
    const written = cluster.writes.slice(applied);
    const { length: bindings } = cluster
      .objects()
      .filter(
        ({ kind, metadata }) =>
          kind.endsWith("Binding") && metadata.name?.startsWith("mirrord:grant:acme-t7-") === true,
      );
    t.equal(written.length, bindings);
    t.same(
      written.filter((each) => !each.includes("acme-t7-")),
      [],
    );
  },
);

t.test("two administrators who change one organization at once lose nothing", async (t) => {
  const cluster = await company();
  let tries = 0;
  cluster.beforeWrite = (_count, what) => {
    if (tries++ > 0 || !what.includes("Organization")) return;
    const now = stored(cluster, "acme");
    const spec = now?.["spec"] as { teams: { name: string; members?: string[] }[] };
    const teams = spec.teams.map((team) => (team.name === "db" ? { ...team, members: ["zoe"] } : team));
    if (now !== undefined) cluster.put({ ...now, spec: { ...spec, teams } });
    throw apiFailure(409, "Conflict", "the object has been modified; please apply your changes to the latest version");
  };
  t.match(await run(cluster, "team", "add", "acme/web", "ann"), { code: 0, stdout: /ann/ });
  t.ok(tries > 1, "it was written a second time");
  t.match(objectIn(stored(cluster, "acme")?.["spec"])["teams"], [
    { name: "web", members: ["jim", "ann"], groups: ["oidc:web"] },
    { name: "db", members: ["zoe"] },
  ]);
});

t.test(
  "a server that cannot say who grants: its words, also when that comes before everything else is read",
  async (t) => {
    const cluster = await company();
    const writes = cluster.writes.length;
    const { discover } = cluster;
    const ran = await runGrant(["team:acme/web", "--ns", "dev"], {
      cluster: {
        ...cluster,
        identity: () => Promise.reject(apiFailure(500, "InternalError", "try later")),
        discover: async (...given) => {
          await new Promise((resolve) => setImmediate(resolve));
          return await discover(...given);
        },
      },
    });
    t.match(ran, { stdout: "", stderr: /try later/ });
    t.equal(cluster.writes.length, writes, "nothing was written");
  },
);

for (const [action, words, wanted] of [
  ["add", ["team", "add", "acme/web", "kim"], ["group:oidc:web", "jim", "kim"]],
  ["remove", ["team", "remove", "acme/web", "jim"], ["group:oidc:web"]],
] as const) {
  t.test(`team ${action} that was interrupted between two bindings is finished by the same command`, async (t) => {
    const cluster = await company();
    t.match(await run(cluster, "team:acme/web", "--ns", "dev", "--ns", "qa"), { code: 0 });
    cluster.beforeWrite = (_count, what) => {
      if (what.includes("RoleBinding qa/")) throw apiFailure(403, "Forbidden", "not now");
    };
    t.match(await run(cluster, ...words), { code: 4, stderr: /Done:\n[^]*organization[^]*Run the same command again/ });
    t.not(bound(cluster, "qa").join(), wanted.join());
    cluster.beforeWrite = () => undefined;
    t.match(await run(cluster, ...words), { code: 0 });
    t.same(bound(cluster, "dev"), wanted);
    t.same(bound(cluster, "qa"), wanted);
    const writes = cluster.writes.length;
    t.match(await run(cluster, ...words), { code: 0 });
    t.equal(cluster.writes.length, writes, "and then there is nothing left to do");
  });
}

for (const words of [
  ["team", "delete", "acme/web", "--cascade", "-y"],
  ["org", "delete", "acme", "--cascade", "-y"],
  ["team", "delete", "acme/web", "--cascade", "-y", "--ignore-not-found"],
] as const) {
  t.test(`grant ${words.join(" ")} that was interrupted before the end is finished by the same command`, async (t) => {
    const cluster = await company();
    t.match(await run(cluster, "team:acme/web", "--ns", "dev", "--ns", "qa"), { code: 0 });
    cluster.beforeWrite = (_count, what) => {
      if (what.startsWith("delete ClusterRoleBinding")) throw apiFailure(403, "Forbidden", "not now");
    };
    t.match(await run(cluster, ...words), { code: 4, stderr: /Done:\n[^]*organization[^]*Run the same command again/ });
    t.match(
      cluster.objects().filter(({ kind, metadata }) => kind.endsWith("Binding") && metadata.name?.includes("acme-web")),
      [{ kind: "ClusterRoleBinding" }],
    );
    cluster.beforeWrite = () => undefined;
    t.match(await run(cluster, ...words), { code: 0, stdout: /^Revoked grant /m });
    t.same(
      cluster.objects().filter(({ metadata }) => metadata.name?.includes("acme-web")),
      [],
    );
  });
}
