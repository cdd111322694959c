// The authorizer of lib/rbac: how long the index takes, one answer, and a list of who can; and what it weighs.
// Also by itself: node test/bench/rbac.ts
import { execFileSync } from "node:child_process";
import { authorizer, type Authorizer } from "../../lib/rbac/authorizer.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { AccessRequest, UserInfo } from "../../lib/kubernetes/access.ts";
import type { PolicyRule, Subject } from "../../lib/rbac/types.ts";
import {
  clusterRole,
  clusterRoleBinding,
  clusterRoleRef,
  group,
  role,
  roleBinding,
  roleRef,
  serviceAccount,
  user,
} from "../rbac/objects.ts";
import { random, type Random } from "../rbac/random.ts";

interface Sizes {
  bindings: number;
  namespaces: number;
  users: number;
}

const QUESTIONS = 100_000;
const resources = ["pods", "pods/log", "secrets", "configmaps", "services", "deployments", "jobs", "targets"];
const verbs = ["get", "list", "watch", "create", "update", "patch", "delete"];

export async function run(): Promise<void> {
  const sizes: Sizes = { bindings: 5000, namespaces: 500, users: 1000 };
  const objects = cluster(sizes, true);
  const roles = objects.filter(({ kind }) => kind === "Role" || kind === "ClusterRole").length;
  print(
    `${sizes.bindings} bindings (one in eight cluster-wide), ${roles} roles, one of them with 728 rules, ${sizes.namespaces} namespaces, ${sizes.users} users; ${QUESTIONS} questions each`,
  );

  const [first, ...more] = Array.from({ length: 9 }, () => timed(() => authorizer(objects)).milliseconds);
  row("index, first in the process", `${(first ?? 0).toFixed(1)} ms`);
  row("index, median of 8 more", `${median(more).toFixed(1)} ms`);

  const engine = authorizer(objects);
  answers("authorize, any user with two groups", engine, sizes, anyUser);
  answers("authorize, the user that every binding names", engine, sizes, () => ({
    name: "everywhere",
    groups: ["system:authenticated"],
  }));
  const tenfold = { ...sizes, bindings: 10 * sizes.bindings, users: 10 * sizes.users };
  answers(`authorize, any user, ${tenfold.bindings} bindings`, authorizer(cluster(tenfold, false)), sizes, anyUser);

  const question = { verb: "get", apiGroup: "", resource: "pods", namespace: "ns-7" };
  const lists = Array.from({ length: 20 }, () => timed(() => authorizer(objects).whoCan(question)));
  const asked = timed(() => engine.whoCan(question));
  row("whoCan, first", `${asked.milliseconds.toFixed(1)} ms (${asked.result.subjects.length} subjects)`);
  row("index and whoCan, median of 20", `${median(lists.map(({ milliseconds }) => milliseconds)).toFixed(1)} ms`);

  const weight = execFileSync(process.execPath, [import.meta.filename, "--weigh"], { encoding: "utf8" }).trim();
  row("resident memory after index and 10,000 answers, 50000 bindings", `${weight} MiB`);
}

/** `everywhere`: one more subject, the same in every binding. */
function cluster({ bindings, namespaces, users }: Sizes, everywhere: boolean): KubernetesObject[] {
  const choices = random(1);
  const clusterRoles = Math.ceil(bindings / 7);
  const objects: KubernetesObject[] = [
    clusterRole(
      "admin",
      Array.from({ length: 728 }, () => anyRule(choices)),
    ),
  ];
  for (let index = 0; index < clusterRoles; index += 1) objects.push(clusterRole(`role-${index}`, someRules(choices)));
  for (let index = 0; index < 2 * clusterRoles; index += 1)
    objects.push(role(`ns-${index % namespaces}`, `local-${index % 4}`, someRules(choices)));
  for (let index = 0; index < bindings; index += 1) {
    const namespace = `ns-${index % namespaces}`;
    const subjects: Subject[] = [
      user(`user-${index % users}`),
      group(`group-${choices.below(users / 5)}`),
      serviceAccount(`sa-${index % 5}`, namespace),
    ];
    if (everywhere) subjects.push(user("everywhere"));
    const name = index % 250 === 1 ? "admin" : `role-${choices.below(clusterRoles)}`;
    if (index % 8 === 0) objects.push(clusterRoleBinding(`binding-${index}`, name, subjects));
    else
      objects.push(
        roleBinding(
          namespace,
          `binding-${index}`,
          index % 3 === 0 ? roleRef(`local-${choices.below(4)}`) : clusterRoleRef(name),
          subjects,
        ),
      );
  }
  return [
    ...new Map(
      objects.map((object) => [`${object.kind}/${object.metadata.namespace}/${object.metadata.name}`, object]),
    ).values(),
  ];
}

const someRules = (choices: Random): PolicyRule[] =>
  Array.from({ length: 1 + choices.below(5) }, () => anyRule(choices));

function anyRule(choices: Random): PolicyRule {
  if (choices.chance(0.05)) return { nonResourceURLs: [`/path-${choices.below(1000)}/*`], verbs: ["get"] };
  const rule: PolicyRule = {
    apiGroups: [choices.pick(["", "apps", "batch"])],
    resources: [...choices.some(resources, 1, 4), `kind-${choices.below(5000)}`],
    verbs: choices.some(verbs, 1, 4),
  };
  return choices.chance(0.2) ? { ...rule, resourceNames: [`name-${choices.below(1000)}`] } : rule;
}

const anyUser = (choices: Random, { users }: Sizes): UserInfo => ({
  name: `user-${choices.below(users)}`,
  groups: [`group-${choices.below(users / 5)}`, "system:authenticated"],
});

/** Twice the same questions: the first time the tables of roles that were never asked for are still to be made. */
function answers(
  name: string,
  engine: Authorizer,
  sizes: Sizes,
  who: (choices: Random, sizes: Sizes) => UserInfo,
): void {
  const choices = random(2);
  const requests = Array.from({ length: QUESTIONS }, () => anyQuestion(choices, who(choices, sizes), sizes));
  for (const time of ["first time", "again"]) {
    const { nanoseconds, yes } = ask(engine, requests);
    const at = (share: number): string => ((nanoseconds[Math.floor(share * QUESTIONS)] ?? 0) / 1000).toFixed(2);
    row(`${name}, ${time}`, `median ${at(0.5)} µs, p99 ${at(0.99)} µs (${((100 * yes) / QUESTIONS).toFixed(0)} % yes)`);
  }
}

/** Nanoseconds of each answer, sorted. */
function ask(engine: Authorizer, requests: readonly AccessRequest[]): { nanoseconds: Float64Array; yes: number } {
  const nanoseconds = new Float64Array(requests.length);
  let yes = 0;
  for (const [position, request] of requests.entries()) {
    const before = process.hrtime.bigint();
    const { allowed } = engine.authorize(request);
    nanoseconds[position] = Number(process.hrtime.bigint() - before);
    if (allowed) yes += 1;
  }
  return { nanoseconds: nanoseconds.toSorted(), yes };
}

function anyQuestion(choices: Random, asker: UserInfo, { namespaces }: Sizes): AccessRequest {
  if (choices.chance(0.05)) return { user: asker, verb: "get", path: `/path-${choices.below(1000)}/x` };
  const [resource = "", subresource = ""] = choices
    .pick(["pods", "secrets", "deployments", "pods/log", "unheard-of"])
    .split("/");
  return {
    user: asker,
    verb: choices.pick(["get", "list", "delete", "escalate"]),
    apiGroup: choices.pick(["", "apps", "metrics.k8s.io"]),
    resource,
    subresource,
    namespace: choices.chance(0.1) ? "" : `ns-${choices.below(namespaces)}`,
    name: choices.chance(0.5) ? `name-${choices.below(1000)}` : "",
  };
}

/** Only the index and what it was made from: the objects stay alive, as they do for a command. */
function weigh(): void {
  const sizes: Sizes = { bindings: 50_000, namespaces: 500, users: 10_000 };
  const engine = authorizer(cluster(sizes, false));
  const choices = random(3);
  for (let count = 0; count < 10_000; count += 1)
    engine.authorize(anyQuestion(choices, anyUser(choices, sizes), sizes));
  print(Math.round(process.memoryUsage.rss() / 2 ** 20).toString());
}

function timed<Result>(work: () => Result): { result: Result; milliseconds: number } {
  const before = performance.now();
  const result = work();
  return { result, milliseconds: performance.now() - before };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const row = (name: string, value: string): void => print(`  ${name.padEnd(66)} ${value}`);

if (import.meta.main) {
  if (process.argv.includes("--weigh")) weigh();
  else await run();
}
