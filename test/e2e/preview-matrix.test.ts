import t from "tap";
import { connectCluster } from "../../lib/kube/live/live-cluster.ts";
import type { Cluster } from "../../lib/kube/cluster.ts";
import { parseSessionConfig } from "../../lib/mirrord/config/config.ts";
import type { Action } from "../../lib/mirrord/plan/session-plan.ts";
import { parseTarget } from "../../lib/mirrord/target.ts";
import { clientVersion } from "../../lib/mirrord/plan/client-age.ts";
import { previewSession } from "../../lib/preview/preview.ts";
import type { SessionQuestion } from "../../lib/mirrord/plan/session-question.ts";
import { apiRequest } from "../control-plane/request.ts";
import { startControlPlane } from "../control-plane/start.ts";
import { installPolicyCrds } from "../operator/policy-crds.ts";
import { defaultSettings } from "../operator/settings.ts";
import { installOperator } from "../operator/start.ts";
import type { HttpFilter } from "../operator/subscription.ts";
import { until } from "../until.ts";
import { random } from "../rbac/random.ts";
import { makeWorld, namespaces, type Identity } from "./preview-world.ts";
import { trySession, type Wanted } from "./session-client.ts";

// The same question to the preview and to the cluster itself: what would happen, and what happens.
const COMBINATIONS = Number(process.env["PREVIEW_COMBINATIONS"] ?? 2100);
const SEED = Number(process.env["PREVIEW_SEED"] ?? 20261122);
const IDENTITIES = 48;
const AT_ONCE = 16;

const plane = await startControlPlane({ controllerManager: false, auditLog: false });
const operator = await installOperator(plane, { features: [...defaultSettings.features, "LabelTargeting"] });
const stop = new AbortController();
const connectAs = (token: string): Promise<Cluster> =>
  connectCluster(
    { kubeconfig: plane.kubeconfig, server: plane.server, certificateAuthority: plane.caFile, token },
    { env: {}, signal: stop.signal, warn: () => {} },
  );
const admin = await connectAs(plane.admin.token);
t.teardown(async () => {
  admin.close();
  stop.abort();
  await operator.stop();
  await plane.stop();
});
await installPolicyCrds(plane);
const identities = await makeWorld(plane, SEED, IDENTITIES);
await lastIdentityKnown(identities);

interface Case {
  identity: Identity;
  /** SessionQuestion with the identity's own credentials, instead of by an administrator. */
  self: boolean;
  asked: SessionQuestion;
  wanted: Wanted;
  label: string;
}

const targets = [
  "deploy/web",
  "deployment/web",
  "deployment/web/container/main",
  "deployment/locked",
  "deployment/idle",
  "statefulset/db",
  "statefulset/db/container/main",
  "statefulset/empty",
  "replicaset/rs",
  "pod/p1",
  "pod/waiting",
  "service/websvc",
  "service/lonely",
  "job/j1",
  "cronjob/cj1",
  "label/app=web",
  "targetless",
  "deployment/absent",
] as const;

const filters: (HttpFilter | undefined)[] = [undefined, undefined, { header: "x-user: jim" }, { header: "x-other: 1" }];
const clients = ["current", "current", "current", "before-3.118.1", "before-3.164.0"] as const;
const versions = { current: undefined, "before-3.118.1": "3.118.0", "before-3.164.0": "3.160.2" } as const;

function makeCases(count: number): Case[] {
  const choice = random(SEED + 1);
  const cases: Case[] = [];
  while (cases.length < count) {
    const made = makeCase(choice);
    if (made !== undefined) cases.push(made);
  }
  return cases;
}

function makeCase(choice: ReturnType<typeof random>): Case | undefined {
  const identity = choice.pickAny(identities);
  const namespace = choice.pickAny(namespaces) ?? "";
  const path = choice.pick(targets);
  const target = parseTarget(path);
  const client = choice.pick(clients);
  const actions: readonly [Action, ...Action[]] =
    target.kind === "targetless" ? ["targetless"] : ["mirror", "steal", "steal", "copy", "copy-scale-down"];
  const action = choice.pick(actions);
  const copies = action === "copy" || action === "copy-scale-down";
  const isCopiedAnyway = target.kind === "job" || target.kind === "cronjob" || path === "deployment/idle";
  if (identity === undefined) return undefined;
  // What such old clients did with a target that needs a copy is not known.
  if (client === "before-3.118.1" && (copies || isCopiedAnyway)) return undefined;
  if (client !== "current" && target.kind === "label") return undefined;
  if (copies && (target.kind === "service" || target.kind === "label")) return undefined;
  const filter = action === "steal" || copies ? choice.pickAny(filters) : undefined;
  const profile = choice.chance(0.25) ? choice.pick(["safe", "wild"]) : undefined;
  const subscribe =
    action === "targetless" ? undefined : action === "steal" || filter !== undefined ? "steal" : "mirror";
  const version = versions[client];
  const network = {
    incoming: { mode: subscribe ?? "mirror", ...(filter === undefined ? {} : { http_filter: httpFilter(filter) }) },
  };
  const config = { ...(profile === undefined ? {} : { profile }), target: { path, namespace }, feature: { network } };
  return {
    identity,
    self: choice.chance(0.15),
    asked: {
      action,
      target,
      namespace,
      ...(version === undefined ? {} : { clientVersion: clientVersion(version) }),
      config: {
        session: parseSessionConfig(JSON.stringify(config), { fileName: "mirrord.json", env: {} }),
        file: "mirrord.json",
      },
    },
    wanted: {
      namespace,
      target: path.replace(/^deploy\//, "deployment/"),
      copy: copies,
      scaleDown: action === "copy-scale-down",
      client,
      ...(subscribe === undefined ? {} : { subscribe }),
      ...(filter === undefined ? {} : { filter }),
      ...(profile === undefined ? {} : { profile }),
    },
    label: `${identity.name} ${action} ${path} in ${namespace}, client ${client}, filter ${JSON.stringify(filter)}, profile ${profile ?? "none"}`,
  };
}

const httpFilter = (filter: HttpFilter) => ("header" in filter ? { header_filter: filter.header } : {});

/** The rights are there when the last ones are: the server learns of them in the order in which they were written. */
async function lastIdentityKnown(all: readonly Identity[]): Promise<void> {
  const last = all.findLast(({ rights }) => rights.includes("operator"));
  if (last === undefined) throw new Error("nobody may read the operator");
  await until("the last identity may read the operator", async () => {
    const path = "/apis/operator.metalbear.co/v1/mirrordoperators/operator";
    return (await apiRequest(plane, { token: plane.token(last.name, ...last.groups), path })).status === 200;
  });
}

const own = new Map<string, Promise<Cluster>>();
function ownCluster({ name, groups }: Identity): Promise<Cluster> {
  const known = own.get(name) ?? connectAs(plane.token(name, ...groups));
  own.set(name, known);
  return known;
}

async function compare({ identity, self, asked, wanted, label }: Case): Promise<{ answer: string; problem?: string }> {
  const { name, groups } = identity;
  const cluster = self ? await ownCluster(identity) : admin;
  const options = { explain: false, verdictOnly: true, exposure: false, now: new Date() };
  const [{ verdict }, outcome] = await Promise.all([
    previewSession(cluster, asked, self ? options : { ...options, as: { name, groups, groupsGiven: true } }),
    trySession(plane, plane.token(name, ...groups), wanted),
  ]);
  const says = `${label}: preview ${verdict.answer} (${verdict.reason}), cluster ${outcome.works ? "works" : "refuses"} at ${outcome.at}; rights ${identity.rights.join(", ")}`;
  const answer = `${self ? "self " : ""}${verdict.answer}`;
  if (verdict.answer === "unknown") {
    // Only where the test took the right to read the policies away.
    return self && !identity.readsPolicies && /policy may refuse/.test(verdict.reason)
      ? { answer }
      : { answer, problem: says };
  }
  return (verdict.answer === "yes") === outcome.works ? { answer } : { answer, problem: says };
}

t.test("every verdict is what connecting and subscribing then get", async (t) => {
  const cases = makeCases(COMBINATIONS);
  const answers = new Map<string, number>();
  const problems: string[] = [];
  const queue = cases.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const each of queue) {
        const { answer, problem } = await compare(each);
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
        if (problem !== undefined) problems.push(problem);
      }
    }),
  );
  for (const cluster of own.values()) (await cluster).close();
  t.comment(`${cases.length} combinations: ${JSON.stringify(Object.fromEntries(answers))}`);
  t.strictSame(problems.slice(0, 10), [], `${problems.length} disagreements, seed ${SEED}`);
  const yes = (answers.get("yes") ?? 0) / cases.length;
  t.ok(yes > 0.15 && yes < 0.7, `${Math.round(yes * 100)} % of the answers are yes`);
  t.ok((answers.get("self unknown") ?? 0) > 0, "who may not read policies is told unknown");
  t.ok((answers.get("self yes") ?? 0) > 0, "who may read them is told yes");
});
