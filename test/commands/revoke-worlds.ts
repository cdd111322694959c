// Worlds of grants and of bindings made by hand, one revocation in each, and what the raw requests of every kind of session
// say afterwards. It knows sessions by itself: nothing here comes from lib/mirrord or lib/access.
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { ResourceAttributes, UserInfo } from "../../lib/kubernetes/access.ts";
import type { PolicyRule } from "../../lib/rbac/types.ts";
import type { Random } from "../rbac/random.ts";

const OPERATOR = "operator.metalbear.co";
const PREVIEW = "preview.mirrord.metalbear.co";
const RBAC = "rbac.authorization.k8s.io";

export interface RevokeWorld {
  subject: string;
  team: string;
  namespaces: readonly [string, string];
  made: KubernetesObject[];
  /** Words of `grant`. */
  grants: string[][];
  /** Words of `revoke`; `ID` stands for the id of the subject's first grant. */
  revoke: string[];
}

interface Kind {
  word: string;
  legacy: string;
  group: string;
  resource: string;
  connects: boolean;
  copies: boolean;
}

const kinds: readonly [Kind, ...Kind[]] = [
  { word: "deployment", legacy: "deploy", group: "apps", resource: "deployments", connects: true, copies: true },
  { word: "pod", legacy: "pod", group: "", resource: "pods", connects: true, copies: true },
  { word: "statefulset", legacy: "statefulset", group: "apps", resource: "statefulsets", connects: true, copies: true },
  { word: "replicaset", legacy: "replicaset", group: "apps", resource: "replicasets", connects: true, copies: true },
  { word: "rollout", legacy: "rollout", group: "argoproj.io", resource: "rollouts", connects: true, copies: true },
  { word: "service", legacy: "service", group: "", resource: "services", connects: true, copies: false },
  { word: "job", legacy: "job", group: "batch", resource: "jobs", connects: false, copies: true },
  { word: "cronjob", legacy: "cronjob", group: "batch", resource: "cronjobs", connects: false, copies: true },
];

/** `other` is a name that nothing is limited to. */
const names = ["web", "cart", "other"] as const;

export function generateRevokeWorld(
  random: Random,
  prefix: string,
  namespaces: readonly [string, string],
): RevokeWorld {
  const [first, second] = namespaces;
  const subject = `${prefix}jim`;
  const team = `${prefix}team`;
  const roles = [[], [], ["--role", "minimal"], ["--role", "view"]];
  const places = [
    ["--ns", first],
    ["--ns", second],
    ["--ns", first, "--ns", second],
  ] as const;
  const grant = (who: string): string[] => {
    const limited = random.chance(0.25) ? ["--target", `deploy/${random.pick(["web", "cart"])}`, "--force"] : [];
    if (random.chance(0.08)) return [who, "-A", "--allow-system", "-y"];
    return [who, ...random.pick(places), ...(limited.length > 0 ? limited : (random.pickAny(roles) ?? []))];
  };
  const grants = [grant(subject), ...(random.chance(0.4) ? [grant(subject)] : [])];
  if (random.chance(0.2)) grants.push(grant(`group:${team}`));
  const made: KubernetesObject[] = [];
  for (let count = random.below(4); count > 0; count -= 1)
    made.push(...handMade(random, `${prefix}${count}`, { subject, team, namespaces }));
  const revoke = random.chance(0.5)
    ? [subject]
    : random.chance(0.5) || grants.some((words) => words.includes("-A"))
      ? ["ID"]
      : [subject, "--ns", random.pick(namespaces)];
  return { subject, team, namespaces, made, grants, revoke };
}

type Names = Pick<RevokeWorld, "subject" | "team" | "namespaces">;

function handMade(random: Random, name: string, { subject, team, namespaces }: Names): KubernetesObject[] {
  const namespace = random.chance(0.7) ? random.pick(namespaces) : undefined;
  const rules = handMadeRules(random);
  const byRole = namespace !== undefined && random.chance(0.5);
  const role = byRole ? "Role" : "ClusterRole";
  const who = random.chance(0.75)
    ? { kind: "User", name: subject }
    : random.chance(0.8)
      ? { kind: "Group", name: team }
      : { kind: "User", name: `${subject}my` };
  return [
    {
      apiVersion: `${RBAC}/v1`,
      kind: role,
      metadata: { name, ...(byRole ? { namespace } : {}) },
      rules,
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
      metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
      roleRef: { apiGroup: RBAC, kind: role, name },
      subjects: [{ apiGroup: RBAC, ...who }],
    },
  ];
}

/** Mostly all that one kind of session needs, with a part missing or limited to names. */
function handMadeRules(random: Random): PolicyRule[] {
  const kind = random.pick(kinds);
  const name = random.pick(["web", "cart"] as const);
  const limits = random.chance(0.6);
  const own = (...spellings: string[]) => (limits ? { resourceNames: spellings } : {});
  const spelled = [`${kind.word}.${name}`, `${kind.legacy}.${name}`, `${kind.word}.${name}.container.nginx`];
  const odd = ["", "*", "nonsense", `${kind.word}.`, "label", "targetless"];
  const connectVerbs = random.pick<string[]>([["proxy"], ["proxy", "get"], ["get"], ["*"]]);
  const basic: PolicyRule[] = [
    {
      apiGroups: [OPERATOR],
      resources: ["mirrordoperators"],
      verbs: ["get"],
      ...(random.chance(0.5) ? { resourceNames: ["operator"] } : {}),
    },
    { apiGroups: [OPERATOR], resources: ["mirrordclusteroperatorusercredentials"], verbs: ["create"] },
  ];
  const native: PolicyRule[] = [
    { apiGroups: [kind.group], resources: [kind.resource], verbs: ["get"], ...(random.chance(0.5) ? own(name) : {}) },
    { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
  ];
  const shape = random.below(7);
  const use: PolicyRule[] =
    shape <= 2
      ? [
          {
            apiGroups: [random.pick([OPERATOR, "*"])],
            resources: ["targets"],
            verbs: [...connectVerbs],
            ...own(...random.some([...spelled, ...odd], 1, 4)),
          },
          ...native,
        ]
      : shape === 3
        ? [
            {
              apiGroups: [OPERATOR],
              resources: ["copytargets"],
              verbs: random.some(["list", "create", "proxy", "get"], 2, 4),
              ...(random.chance(0.1) ? { resourceNames: ["copy-1"] } : {}),
            },
            ...native,
          ]
        : shape === 4
          ? [
              { apiGroups: [OPERATOR], resources: ["targets"], verbs: ["proxy"], resourceNames: ["targetless"] },
              { apiGroups: [""], resources: ["namespaces"], verbs: ["get"] },
            ]
          : shape === 5
            ? [
                {
                  apiGroups: [PREVIEW],
                  resources: ["previewsessions"],
                  verbs: random.pick([
                    ["create"],
                    ["create", "watch", "list", "get", "delete"],
                    ["*"],
                    ["watch", "list", "get"],
                  ]),
                },
                { apiGroups: [OPERATOR], resources: ["targets"], verbs: ["get"], ...own(...spelled) },
              ]
            : [
                {
                  apiGroups: ["*"],
                  resources: ["*"],
                  verbs: [...random.pick<string[]>([["get", "list"], ["get", "list", "proxy", "create"], ["*"]])],
                },
              ];
  const all = [...basic, ...use];
  if (random.chance(0.3)) return use;
  return random.chance(0.35) ? all.filter((_, index) => index !== random.below(all.length)) : all;
}

/** Whether a request gets past the API server's authorizer. */
export type Allowed = (user: UserInfo, request: ResourceAttributes) => Promise<boolean>;

interface RawSession {
  use: "connect" | "copy" | "preview";
  target: string;
  requests: ResourceAttributes[];
}

/** Every kind of session there is, of clients and operators of every age, without the certificate that may be kept. */
function rawSessions(namespace: string): RawSession[] {
  const operator = (verb: string, resource: string, name?: string): ResourceAttributes => ({
    verb,
    apiGroup: OPERATOR,
    resource,
    namespace,
    ...(name === undefined ? {} : { name }),
  });
  const find: ResourceAttributes = { verb: "get", apiGroup: OPERATOR, resource: "mirrordoperators", name: "operator" };
  const listPods: ResourceAttributes = { verb: "list", apiGroup: "", resource: "pods", namespace };
  const getNamespace: ResourceAttributes = {
    verb: "get",
    apiGroup: "",
    resource: "namespaces",
    namespace,
    name: namespace,
  };
  const connections = (
    target: string,
    name: string,
    legacy: string,
    native: ResourceAttributes[],
    check: ResourceAttributes,
  ): RawSession[] =>
    [
      [find, ...native, operator("proxy", "targets", name), check],
      [find, ...native, operator("get", "targets", name), check],
      [find, operator("get", "targets", legacy), operator("proxy", "targets", legacy), check],
      [find, operator("get", "targets", legacy), check],
    ].map((requests) => ({ use: "connect", target, requests }));
  const ofKind = ({ word, legacy, group, resource, connects, copies }: Kind, name: string): RawSession[] => {
    const get: ResourceAttributes = { verb: "get", apiGroup: group, resource, namespace, name };
    const native = word === "pod" ? [get] : [get, listPods];
    const copying = [
      operator("list", "copytargets"),
      operator("create", "copytargets"),
      operator("proxy", "copytargets", "copy-of-it"),
    ];
    const previews = (verb: string): ResourceAttributes => ({
      verb,
      apiGroup: PREVIEW,
      resource: "previewsessions",
      namespace,
    });
    return [
      ...(connects ? connections(`${word}/${name}`, `${word}.${name}`, `${legacy}.${name}`, native, get) : []),
      ...(connects
        ? connections(
            `${word}/${name}/container/nginx`,
            `${word}.${name}.container.nginx`,
            `${legacy}.${name}.container.nginx`,
            native,
            get,
          )
        : []),
      ...(copies ? [{ use: "copy" as const, target: `${word}/${name}`, requests: [find, get, ...copying] }] : []),
      ...[name, `${name}/container/nginx`].map((path) => ({
        use: "preview" as const,
        target: `${word}/${path}`,
        requests: [
          find,
          operator("get", "targets", `${legacy}.${path.replaceAll("/", ".")}`),
          ...["create", "watch", "list"].map(previews),
        ],
      })),
    ];
  };
  return [
    ...kinds.flatMap((kind) => names.flatMap((name) => ofKind(kind, name))),
    ...connections("targetless", "targetless", "targetless", [], getNamespace),
    ...connections("label targets", "label", "label", [listPods], listPods),
  ];
}

/** What lets somebody through by itself. */
function rawRights(namespace: string): ResourceAttributes[] {
  const operator = (verb: string, resource: string, name?: string): ResourceAttributes => ({
    verb,
    apiGroup: OPERATOR,
    resource,
    namespace,
    ...(name === undefined ? {} : { name }),
  });
  const connectNames = kinds.flatMap(({ word, legacy }) =>
    names.flatMap((name) => [word, legacy].flatMap((each) => [`${each}.${name}`, `${each}.${name}.container.nginx`])),
  );
  return [
    ...["targetless", "label", ...connectNames].map((name) => operator("proxy", "targets", name)),
    operator("create", "copytargets"),
    ...["copy-1", "copy-of-it"].map((name) => operator("proxy", "copytargets", name)),
    { verb: "create", apiGroup: PREVIEW, resource: "previewsessions", namespace },
  ];
}

interface Truth {
  started: { use: string; target: string }[];
  opens: boolean;
  /** Looking at sessions, which only the role `view` is for. */
  lists: boolean;
}

async function truth(namespace: string, user: UserInfo, allowed: Allowed): Promise<Truth> {
  const known = new Map<string, Promise<boolean>>();
  const may = (request: ResourceAttributes) => {
    const key = JSON.stringify(request);
    const answer = known.get(key) ?? allowed(user, request);
    known.set(key, answer);
    return answer;
  };
  const all = async (requests: readonly ResourceAttributes[]) => (await Promise.all(requests.map(may))).every(Boolean);
  const started = await Promise.all(
    rawSessions(namespace).map(async ({ use, target, requests }) => ((await all(requests)) ? [{ use, target }] : [])),
  );
  const opens = await Promise.all(rawRights(namespace).map(may));
  const lists = await all([
    { verb: "get", apiGroup: OPERATOR, resource: "mirrordoperators", name: "operator" },
    { verb: "list", apiGroup: OPERATOR, resource: "sessions", namespace },
  ]);
  return { started: started.flat(), opens: opens.some(Boolean), lists };
}

/**
 * What is untrue in the text and the exit code of a revocation, by the raw requests that it is followed by.
 * @param scope where everything that the subject has must have been said
 */
export async function falseSentences(
  { subject, team, namespaces }: RevokeWorld,
  run: { code: number; stdout: string },
  scope: readonly string[],
  allowed: Allowed,
): Promise<string[]> {
  const alone: UserInfo = { name: subject, groups: ["system:authenticated"] };
  const inTeam: UserInfo = { name: subject, groups: [team, "system:authenticated"] };
  const truths = new Map(
    await Promise.all(
      namespaces.map(
        async (namespace) =>
          [
            namespace,
            { alone: await truth(namespace, alone, allowed), team: await truth(namespace, inTeam, allowed) },
          ] as const,
      ),
    ),
  );
  const faults: string[] = [];
  const said = new Set<string>();
  for (const line of run.stdout.split("\n")) {
    const [, other, place, text = ""] = /^In (?:all (other )?namespaces|namespace (\S+)) (.*)$/.exec(line) ?? [];
    if (text === "") continue;
    const named = line.slice(0, 400);
    const about =
      place !== undefined
        ? [place]
        : namespaces.filter((each) => other === undefined || !run.stdout.includes(`In namespace ${each} `));
    for (const namespace of about) {
      said.add(namespace);
      const real = truths.get(namespace);
      if (real !== undefined) faults.push(...untrue(text, real).map((why) => `${namespace}: ${named}: ${why}`));
    }
  }
  for (const namespace of scope) {
    const real = truths.get(namespace);
    if (!said.has(namespace)) {
      if (real?.alone.opens === true || (real?.alone.started.length ?? 0) > 0)
        faults.push(`${namespace}: nothing is said`);
    }
  }
  const reals = scope.flatMap((namespace) => truths.get(namespace)?.alone ?? []);
  const can = reals.some(({ started }) => started.length > 0);
  if (can && run.code !== 1) faults.push(`exit ${run.code}, and a session can start`);
  if (run.code === 1 && !can && !reals.some(({ opens }) => opens) && !/see sessions/.test(run.stdout))
    faults.push("exit 1, and nothing remains");
  return faults;
}

function untrue(text: string, { alone, team }: { alone: Truth; team: Truth }): string[] {
  const can = alone.started.length > 0 || alone.opens;
  if (/can no longer/.test(text)) {
    if (can) return [`it can: ${alone.started[0]?.use ?? "a right stands"} ${alone.started[0]?.target ?? ""}`];
    return team.started.length > 0 || team.opens ? ["a group gives it"] : [];
  }
  if (/may remain through group/.test(text)) {
    return [
      ...(can ? ["it does, without a group"] : []),
      ...(team.started.length > 0 || team.opens || team.lists ? [] : ["no group gives it"]),
    ];
  }
  if (/still has the right/.test(text)) {
    return [
      ...(alone.opens ? [] : ["no right stands"]),
      ...(alone.started.length > 0 ? [`a session starts: ${JSON.stringify(alone.started[0])}`] : []),
    ];
  }
  if (/can still use mirrord/.test(text)) {
    return kinds.filter(({ connects }) => connects).every(({ word }) => has(alone, "connect", `any ${word}`))
      ? []
      : ["not every kind"];
  }
  const [, claims = ""] = /can still (.*?)(?:, through .*)?\.$/.exec(text) ?? [];
  if (claims === "") return [`not understood`];
  const wrong = claims.split(" and ").flatMap((claim) => {
    const [, verb = "", targets = ""] = /^(connect to|copy|make previews of|see sessions) ?(.*)$/.exec(claim) ?? [];
    if (verb === "see sessions") return alone.lists ? [] : ["no sessions to see"];
    const use = verb === "connect to" ? "connect" : verb === "copy" ? "copy" : "preview";
    return targets
      .split(", ")
      .filter((target) => !has(alone, use, target))
      .map((target) => `not ${use} ${target}`);
  });
  return wrong;
}

function has(real: Truth, use: string, target: string): boolean {
  const all = kinds.filter(({ connects, copies }) => (use === "connect" ? connects : use === "copy" ? copies : true));
  if (target === "any target") return all.every(({ word }) => has(real, use, `any ${word}`));
  const name = target.replace(/^any (\w+)$/, "$1/other");
  return real.started.some(
    (one) => one.use === use && (one.target === name || `${one.target}/container/nginx` === name),
  );
}
