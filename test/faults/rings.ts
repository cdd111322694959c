// Commands that change something, in rings: each begins in the state in which the one before it ends, and the last ends in
// that in which the first began. So every run is one of them, and none has to be undone.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PermissionsCluster } from "../permissions/world.ts";

export interface Step {
  /** As lib/commands/permissions/requests.ts names it. */
  command: string;
  words: readonly string[];
  /** What an editor makes of the text. */
  edit?: (text: string) => string;
}

/** What somebody else does between two commands. */
export interface Event {
  command?: undefined;
  happens: (cluster: PermissionsCluster) => unknown;
}

export interface Ring {
  name: string;
  /** Run first, whatever comes of it. */
  before: readonly (readonly string[])[];
  steps: readonly (Step | Event)[];
  /** Its runs take seconds. */
  isSlow?: true;
}

const step = (command: string, line: string): Step => ({ command, words: split(line) });

const split = (line: string): string[] => line.split(" ");

/** What all of them find: the access model, two organizations with teams, collections. */
export const setUp: readonly (readonly string[])[] = [
  "install --access-model -y",
  "install --sync --sync-image registry.example/sync:1 -y",
  "grant admin add zoe",
  "grant org create acme",
  "grant org create beta",
  "grant team create acme/web",
  "grant team add acme/web bob",
  "grant team create acme/ops",
  "grant team:acme/ops --ns dev",
  "grant org:acme --ns qa",
  "grant collection create shop/web",
  "grant collection create shop/api",
  "grant ola --collection shop/web",
  "grant pat --collection shop/api",
].map(split);

/** @param folder with the file `key`; others are written into it */
export function rings(folder: string): Ring[] {
  const policy = join(folder, "policy.yaml");
  writeFileSync(policy, POLICY);
  const install = `install -y --timeout 10m --license-key-file ${join(folder, "key")}`;
  const list: Ring[] = [];
  const ring = (name: string, before: readonly string[], ...steps: (Step | Event)[]) => {
    list.push({ name, before: before.map(split), steps });
  };

  ring("a grant and its end", [], step("grant", "grant nia --ns dev"), step("grant revoke", "grant revoke nia"));
  ring(
    "a grant for some hours, extended",
    [],
    step("grant", "grant kim --ns dev --ns qa --for 8h --groups system:authenticated"),
    step("grant extend", "grant extend kim --for 20h -y"),
    step("grant revoke", "grant revoke kim"),
  );
  ring(
    "a grant of a target to a team",
    [],
    step("grant", "grant team:acme/web --ns dev --target deploy/web"),
    step("grant revoke", "grant revoke team:acme/web"),
  );
  ring(
    "a grant of the whole cluster",
    [],
    step("grant", "grant lou -A --role view -y"),
    step("grant revoke", "grant revoke lou"),
  );
  ring(
    "what somebody deleted",
    ["grant jim --ns dev --for 8h --groups system:authenticated"],
    step("grant sync", "grant sync -y"),
    {
      happens: async ({ kubectl }) => {
        await kubectl("admin", ["delete", "rolebindings", "-n", "dev", "-l", "kubectl-mirrord.io/grant"]);
      },
    },
  );
  ring(
    "an organization",
    [],
    step("grant org create", "grant org create gamma"),
    step("grant", "grant org:gamma --ns dev"),
    step("grant org delete", "grant org delete gamma --cascade -y"),
  );
  ring(
    "a member of an organization",
    [],
    step("grant org add", "grant org add acme user:lea"),
    step("grant org remove", "grant org remove acme user:lea -y"),
  );
  ring(
    "an organization that moves",
    ["grant org create delta", "grant org:delta --ns dev"],
    step("grant org move", "grant org move delta epsilon --cascade -y"),
    step("grant org move", "grant org move epsilon delta --cascade -y"),
  );
  ring(
    "a team",
    [],
    step("grant team create", "grant team create acme/api"),
    step("grant", "grant team:acme/api --ns dev"),
    step("grant team delete", "grant team delete acme/api --cascade -y"),
  );
  ring(
    "a member of a team",
    [],
    step("grant team add", "grant team add acme/ops lea"),
    step("grant team remove", "grant team remove acme/ops lea -y"),
  );
  ring(
    "a team that moves",
    [],
    step("grant team move", "grant team move acme/ops beta --cascade -y"),
    step("grant team move", "grant team move beta/ops acme --cascade -y"),
  );
  ring(
    "a collection",
    [],
    step("grant collection create", "grant collection create shop/new"),
    step("grant collection delete", "grant collection delete shop/new -y"),
  );
  ring(
    "a namespace in collections",
    [],
    step("grant collection assign", "grant collection assign shop/web --ns qa -y"),
    step("grant collection move", "grant collection move --ns qa shop/api -y"),
    step("grant collection unassign", "grant collection unassign --ns qa -y"),
  );
  ring(
    "a collection that moves",
    ["grant collection create one", "grant collection assign one --ns dev -y"],
    step("grant collection move", "grant collection move one two -y"),
    step("grant collection move", "grant collection move two one -y"),
  );
  ring(
    "an administrator",
    [],
    step("grant admin add", "grant admin add ann"),
    step("grant admin remove", "grant admin remove ann -y"),
  );
  ring(
    "a role",
    [],
    step("grant role create", "grant role create reader --allow get,list:pods -y"),
    step("grant", "grant dave --ns dev --role reader"),
    {
      ...step("grant role edit", "grant role edit reader"),
      edit: (text: string) => (text.includes("- watch") ? text : text.replace(/(\n *)- list/, "$1- list$1- watch")),
    },
    step("grant role delete", "grant role delete reader --cascade -y"),
  );
  ring(
    "a policy",
    [],
    step("policy create", "policy create p1 -n dev --block steal -y"),
    {
      ...step("policy edit", "policy edit p1 -n dev"),
      edit: (text: string) => text.replace("- steal", "- mirror"),
    },
    step("policy delete", "policy delete p1 -n dev"),
  );
  ring(
    "a policy for the whole cluster",
    [],
    step("policy create", "policy create p3 --cluster-wide --block steal -y"),
    step("policy delete", "policy delete p3 --cluster-wide"),
  );
  ring(
    "a policy in a file",
    [],
    step("policy apply", `policy apply -f ${policy} -y`),
    step("policy delete", "policy delete p2 -n dev"),
  );
  ring("a session", [], step("session kill", "session kill --user jim -y"), {
    happens: ({ operator }) => operator.control.addSession({ namespace: "dev", target: "deployment.web", user: "jim" }),
  });
  ring(
    "the sync",
    [],
    step("install --sync", "install --sync --sync-image registry.example/sync:2 -y"),
    step("install --sync", "install --sync --sync-image registry.example/sync:1 -y"),
  );
  ring(
    "the secure defaults",
    [],
    step("install --secure-defaults", "install --secure-defaults=audit -y"),
    step("install --secure-defaults", "install --secure-defaults=off -y"),
  );
  ring(
    "the access model",
    [],
    step("install --access-model", "install --access-model=off -y"),
    step("install --access-model", "install --access-model -y"),
  );
  const jsonLog = "--set=operator.jsonLog=";
  ring(
    "an installation that changes",
    [],
    step("install", `${install} ${jsonLog}true`),
    step("install upgrade", `${install.replace("install", "install upgrade")} ${jsonLog}false`),
  );
  list.push({
    name: "an installation",
    before: [],
    steps: [step("install uninstall", "install uninstall -y"), step("install", install)],
    isSlow: true,
  });
  return list;
}

const POLICY = `apiVersion: policies.mirrord.metalbear.co/v1alpha
kind: MirrordPolicy
metadata: {name: p2, namespace: dev}
spec: {block: [steal]}
`;
