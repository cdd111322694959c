// What each command is seen doing on the real API server, so that what it asks for is known: at least one run of every
// command, and more of those that ask for other things in other cases. Each can be run again, by anybody.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { operatorClusterRoles } from "../access/operator-roles.ts";
import { roleRules } from "../../lib/rbac/decode.ts";
import type { PolicyRule } from "../../lib/rbac/types.ts";
import type { PermissionsCluster, RunChange } from "./world.ts";

export interface Scenario extends RunChange {
  /** As lib/commands/permissions/table.ts names it. */
  command: string;
  /** It is about the caller himself: whoever else may less is told so. */
  isOwn?: true;
  /** Nobody could give an answer: what it is about is younger than that takes. */
  isUndetermined?: true;
  /** What this run needs besides, because of what it is given: what the role allows that it writes. */
  extra?: readonly PolicyRule[];
  words: readonly string[];
  /** Run by the administrator first, whatever comes of it: what the command is to find. */
  before: readonly (readonly string[])[];
  /** Done after those. */
  prepare?: (cluster: PermissionsCluster) => unknown;
}

const words = (line: string): string[] => line.split(" ");

/** @param folder with the file `key`; others are written into it */
export function scenarios(folder: string): Scenario[] {
  const files = writeFiles(folder);
  const list: Scenario[] = [];
  const add = (command: string, line: string, before: readonly string[] = [], more: Partial<Scenario> = {}) => {
    list.push({ command, words: words(line), before: before.map(words), ...more });
  };
  const install = `install -y --timeout 10m --license-key-file ${files.key}`;
  const bySession = { prepare: addSession };

  add("install", install, ["install uninstall -y --crds --sync"]);
  add("install", `${install} --set=operator.jsonLog=true`, [install]);
  add("install --access-model", "install --access-model --readers oidc:devs -y", ["install --access-model=off -y"], {
    prepare: async (cluster) => {
      const own = ["-l", "app.kubernetes.io/managed-by=kubectl-mirrord,kubectl-mirrord.io/component!=operator"];
      await cluster.kubectl("admin", ["delete", "clusterrolebindings,clusterroles", ...own]);
      await cluster.kubectl("admin", ["delete", "crd/organizations.access.kubectl-mirrord.io", "ns/mirrord-access"]);
    },
  });
  add("install --access-model", "install --access-model=off -y", ["install --access-model -y"]);
  add("install --secure-defaults", "install --secure-defaults=audit -y", ["install --secure-defaults=off -y"]);
  add("install --secure-defaults", "install --secure-defaults=off -y", ["install --secure-defaults=audit -y"]);
  add("install --sync", "install --sync --sync-image registry.example/sync:2 -y", [
    "install --sync --sync-image registry.example/sync:1 -y",
  ]);
  add("install status", "install status");
  add("install verify", "install verify");
  add("install verify", "install verify", ["install --secure-defaults=audit -y", "install --access-model -y"]);
  add("install secure-defaults report", "install secure-defaults report");
  add("install upgrade", `install upgrade -y --timeout 10m --license-key-file ${files.key}`, [
    `${install} --set=operator.jsonLog=true`,
  ]);
  add("install values", "install values");

  add("grant", "grant nia --ns dev", ["install --access-model -y", "grant revoke nia"], {
    prepare: (cluster) => cluster.kubectl("admin", ["delete", "clusterrole", "mirrord:role:reads"]),
  });
  add("grant", "grant nia --ns dev --for 8h --groups system:authenticated", ["grant revoke nia"]);
  add("grant", "grant nia --ns dev --target deploy/web", ["grant revoke nia"], { extra: operatorUser });
  add("grant", "grant nia -A -y", ["grant revoke nia"]);
  add("grant", "grant nia -l env=test --accept-label-risk", ["grant revoke nia"], {
    prepare: (cluster) => cluster.kubectl("admin", ["label", "namespace", "dev", "env=test", "--overwrite"]),
  });
  add("grant", "grant nia --ns qa --role minimal", ["grant revoke nia"]);
  add("grant", "grant nia --ns qa --role view", ["grant revoke nia"]);
  add("grant", "grant nia --ns qa --privileged hostPID", ["grant revoke nia"]);
  add("grant", "grant team:acme/web --ns dev", [
    "grant org create acme",
    "grant team create acme/web",
    "grant revoke team:acme/web",
  ]);
  add("grant", "grant nia --collection shop/web", ["grant collection create shop/web", "grant revoke nia"]);
  const granted = [
    "grant jim --ns dev",
    "grant kim --ns dev --for 8h --groups system:authenticated",
    "grant org create acme",
    "grant team create acme/web",
    "grant team:acme/web --ns qa",
    "grant lea --ns dev --target deploy/web",
  ];
  for (const line of ["list", "list jim -o wide", "describe jim", "describe lea", "matrix", "sync -y", "sync --check"])
    add(`grant ${line.split(" ")[0]}`, `grant ${line}`, granted);
  add("grant whoami", "grant whoami", granted, { isOwn: true });
  const watched = [...granted, "grant pia -l env=test --accept-label-risk"];
  add("grant list", "grant list -w", watched, { until: /organizations.*watch=/ });
  add("grant sync", "grant sync --watch -y", watched, { until: /organizations.*watch=/ });
  add("grant sync", "grant sync -y", granted, {
    extra: inLimitedRole,
    prepare: (cluster) => cluster.kubectl("admin", ["delete", "rolebindings,jobs", "-n", "dev", "-l", GRANT]),
  });
  for (const name of ["jim", "lea"]) add("grant explain", `grant explain ${name} deploy/web -n dev`, granted);
  add("grant extend", "grant extend kim --for 9h -y", ["grant revoke kim", ...granted]);
  add("grant extend", "grant extend team:acme/web --for 9h -y", [
    "grant org create acme",
    "grant team create acme/web",
    "grant team:acme/web --ns qa --for 8h --accept-weak-expiry",
  ]);
  add("grant revoke", "grant revoke kim", granted);
  add(
    "grant revoke",
    "grant revoke jim --ns dev --kill-sessions",
    ["grant revoke jim", "grant jim --ns dev --target deploy/web"],
    bySession,
  );

  const [acme, beta] = ["grant org create acme", "grant org create beta"];
  const web = [
    acme,
    "grant team create acme/web",
    "grant team add acme/web bob",
    "grant team:acme/web --ns qa",
    "grant team:acme/web --ns dev --target deploy/web",
  ];
  add("grant org create", "grant org create gamma", ["grant org delete gamma --cascade -y"]);
  add("grant org list", "grant org list", web);
  add("grant org describe", "grant org describe acme", web);
  add("grant org add", "grant org add acme user:lea", [acme, "grant org remove acme user:lea -y"]);
  add("grant org remove", "grant org remove acme user:lea -y", [acme, "grant org add acme user:lea"]);
  add("grant org move", "grant org move delta epsilon --cascade -y", [
    "grant org delete epsilon --cascade -y",
    "grant org create delta",
    "grant org:delta --ns dev",
  ]);
  add("grant org delete", "grant org delete delta --cascade -y", [
    "grant org create delta",
    "grant org:delta --ns dev",
  ]);
  add("grant team create", "grant team create acme/api", [acme, "grant team delete acme/api --cascade -y"]);
  add("grant team list", "grant team list", web);
  add("grant team describe", "grant team describe acme/web", web);
  add("grant team add", "grant team add acme/web lea", [...web, "grant team remove acme/web lea -y"], {
    extra: inLimitedRole,
  });
  add("grant team remove", "grant team remove acme/web lea -y", [...web, "grant team add acme/web lea"], {
    extra: inLimitedRole,
  });
  add("grant team move", "grant team move acme/ops beta --cascade -y", [
    acme,
    beta,
    "grant team delete beta/ops --cascade -y",
    "grant team create acme/ops",
    "grant team:acme/ops --ns dev",
  ]);
  add("grant team delete", "grant team delete acme/api --cascade -y", [
    acme,
    "grant team create acme/api",
    "grant team:acme/api --ns dev",
  ]);

  add("grant collection create", "grant collection create shop/new", ["grant collection delete shop/new -y"]);
  const shop = [
    "grant collection create shop/web",
    "grant ola --collection shop/web",
    "grant org create acme",
    "grant org:acme --collection shop/web",
  ];
  add("grant collection assign", "grant collection assign shop/web --ns qa -y", [
    ...shop,
    "grant collection unassign --ns qa -y",
  ]);
  add("grant collection unassign", "grant collection unassign --ns qa -y", [
    ...shop,
    "grant collection assign shop/web --ns qa -y",
  ]);
  add("grant collection move", "grant collection move --ns qa shop/new -y", [
    ...shop,
    "grant collection create shop/new",
    "grant collection unassign --ns qa -y",
    "grant collection assign shop/web --ns qa -y",
  ]);
  add("grant collection move", "grant collection move one two -y", [
    "grant collection unassign --ns dev -y",
    "grant collection delete one -y",
    "grant collection delete two -y",
    "grant collection create one",
    "grant collection assign one --ns dev -y",
  ]);
  add("grant collection list", "grant collection list", shop);
  add("grant collection describe", "grant collection describe shop/web", shop);
  add("grant collection tree", "grant collection tree", shop);
  add("grant collection delete", "grant collection delete shop/new -y", [
    "grant collection unassign --ns qa -y",
    "grant collection create shop/new",
  ]);

  add("grant admin add", "grant admin add ann", ["grant admin add zoe", "grant admin remove ann -y"]);
  add("grant admin remove", "grant admin remove ann -y", ["grant admin add zoe", "grant admin add ann"]);
  add("grant admin list", "grant admin list");
  const reader = ["grant role create reader --allow get,list:pods -y", "grant dave --ns dev --role reader"];
  add("grant", "grant dave --ns dev --role reader", [...reader, "grant revoke dave"], { extra: readerBound });
  add(
    "grant role create",
    "grant role create writer --allow get,list:pods -y",
    ["grant role delete writer -y", "install --sync --sync-image registry.example/sync:1 -y"],
    { extra: pods },
  );
  add("grant role list", "grant role list", reader);
  add("grant role describe", "grant role describe reader", reader);
  add("grant role edit", "grant role edit reader", [...reader], { edit: toggled, extra: pods });
  add("grant role delete", "grant role delete reader --cascade -y", reader, { extra: [writer] });

  for (const line of [
    "steal deploy/web -n dev --as jim --explain",
    "steal deploy/web -n dev --as eve --via local-sar",
    "--list -n dev --as jim",
    "get pods -n dev --as jim",
    "copy deploy/web -n dev --as jim",
    "list-sessions -A --as jim",
    "targetless -n dev --as jim",
  ])
    add("can-i", `can-i ${line}`, granted);
  add("can-i", "can-i steal deploy/web -n dev", granted, { isOwn: true });
  add("can-i --via impersonate", "can-i steal deploy/web -n dev --as eve --via impersonate");

  const policy = "policy create p1 -n dev --block steal -y";
  const fresh = ["policy delete p1 -n dev --ignore-not-found", "policy delete p2 -n dev --ignore-not-found"];
  add("policy create", policy, fresh);
  add("policy create", "policy create p3 --cluster-wide --block steal -y", ["policy delete p3 --cluster-wide"]);
  add("policy apply", `policy apply -f ${files.policy} -y`, fresh);
  add("policy apply", `policy apply -f ${files.policy} -y`, [...fresh, "policy create p2 -n dev --block mirror -y"]);
  add("policy list", "policy list -A", [policy]);
  add("policy get", "policy get -n dev", [policy]);
  add("policy describe", "policy describe p1 -n dev", [policy]);
  add("policy edit", "policy edit p1 -n dev", [...fresh, policy], {
    edit: (text) => text.replace("- steal", "- mirror"),
  });
  add("policy diff", `policy diff -f ${files.policy}`, fresh);
  add("policy test", "policy test deploy/web -n dev", [policy]);
  add("policy test", "policy test --all -n dev", [policy]);
  add("policy lint", "policy lint -A", [policy]);
  add("policy delete", "policy delete p1 -n dev", [policy]);
  add("policy delete", "policy delete p3 --cluster-wide", ["policy create p3 --cluster-wide --block steal -y"]);

  add("session list", "session list -A", [], bySession);
  add("session list", "session list -A -w --interval 100ms", [], { ...bySession, until: /deployment\/web/ });
  add("session watch", "session watch -A --interval 100ms", [], { ...bySession, until: /deployment\/web/ });
  add("session describe", "session describe SESSION", [], bySession);
  add("session kill", "session kill --user jim -y", [], bySession);
  add("session kill", "session kill --stale -y", [], bySession);
  add("session status", "session status", [], bySession);
  add("session stats", "session stats", [], bySession);
  add("session start", "session start deploy/web -n dev --dry-run -- true", fresh, { isOwn: true });

  add("audit", "audit");
  add("audit who-can", "audit who-can steal deploy/web -n dev");
  add("audit who-can", "audit who-can get secrets -A");
  add("audit matrix", "audit matrix");
  add("audit matrix", "audit matrix deploy/web -n dev");
  add("audit privileged", "audit privileged");
  add("audit findings", "audit findings");
  add("audit usage", "audit usage --operator --since 1h");
  add("audit snapshot", `audit snapshot -o ${join(folder, "snapshot.json")}`);
  add("audit unused", `audit unused --days 1 --log ${files.log}`, granted, { isUndetermined: true });
  add("audit drift", "audit drift", granted);
  add("audit diff", `audit diff --overlay ${files.policy}`, granted);

  // The last one: nothing is left after it.
  add(
    "install uninstall",
    `install uninstall -y --crds --sync`,
    [
      install,
      "install --sync --sync-image registry.example/sync:1 -y",
      "install --secure-defaults=audit -y",
      "grant jim --ns dev",
      "policy create p1 -n dev --block steal -y",
    ],
    bySession,
  );
  return list;
}

const rule = (group: string, resource: string, verbs: string[], ...names: string[]): PolicyRule => ({
  apiGroups: [group],
  resources: [resource],
  verbs,
  ...(names.length === 0 ? {} : { resourceNames: names }),
});
/** What is in a role that is limited to a target. */
const operatorUser = operatorClusterRoles.flatMap(roleRules);
/** And in its role of a grant. */
const inLimitedRole = [
  ...operatorUser,
  rule("", "pods", ["list"]),
  rule("policies.mirrord.metalbear.co", "mirrordpolicies", ["list"]),
];
/** The account of a sync may bind both, and is written anew: whoever does that has to be allowed to as well. */
const writer = rule(
  "rbac.authorization.k8s.io",
  "clusterroles",
  ["bind"],
  "mirrord:role:writer",
  "mirrord:role:reader",
);
const pods = [rule("", "pods", ["get", "list", "watch"]), writer];
const readerBound = [rule("rbac.authorization.k8s.io", "clusterroles", ["bind"], "mirrord:role:reader")];

const GRANT = "kubectl-mirrord.io/grant";

function writeFiles(folder: string) {
  const policy = join(folder, "policy.yaml");
  writeFileSync(
    policy,
    [
      "apiVersion: policies.mirrord.metalbear.co/v1alpha",
      "kind: MirrordPolicy",
      "metadata: {name: p2, namespace: dev}",
      "spec: {block: [steal]}",
    ].join("\n"),
  );
  const log = join(folder, "operator.log");
  writeFileSync(log, "");
  return { policy, log, key: join(folder, "key") };
}

/** One session of jim's on a target that is there. */
function addSession({ operator }: PermissionsCluster): void {
  if (operator.sessions().length === 0)
    operator.control.addSession({ namespace: "dev", target: "deployment.web", user: "jim" });
}

/** Another text each time. */
const toggled = (text: string): string =>
  text.includes("- watch") ? text.replace(/\n *- watch/, "") : text.replace(/(\n *)- list/, "$1- list$1- watch");
