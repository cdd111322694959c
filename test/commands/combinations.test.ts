import t from "tap";
import { dispatcher } from "../../lib/cli/dispatcher.ts";
import { execute } from "../../lib/cli/execute.ts";
import { all } from "../../plugins/all.ts";
import { fakeWorld } from "../cli/fake-world.ts";

// What the tables of the commands say of options together, each by the line that breaks it. Nothing is connected to.
const root = dispatcher(all, "kubectl-mirrord", "");
const refused: [line: string, message: string][] = [
  ["can-i --list -f x.json", "--list is about every target, and -f about one session"],
  ["can-i --list -q", "-q is for one answer, and --list has many"],
  ["can-i --list --explain", "--explain is for one answer, and --list has many"],
  ["can-i deploy/web --manifests x", "manifests have no caller to ask about"],
  ["can-i deploy/web --as-group g", "--as-group, --as-uid and --as-user-extra need --as"],
  ["can-i deploy/web --as-uid u", "--as-group, --as-uid and --as-user-extra need --as"],
  ["can-i deploy/web --as-user-extra a=b", "--as-group, --as-uid and --as-user-extra need --as"],
  ["grant jim -A --ns dev", "--all-namespaces and --namespace exclude each other"],
  ["grant jim -A -l a=b", "--all-namespaces and --selector exclude each other"],
  ["grant jim -A --target deploy/web", "--target limits a grant in namespaces that are named"],
  ["grant jim --ns dev --allow-copy", "--allow-copy adds to --target, and there is none"],
  ["grant jim --ns dev --for 1h --until 2030-01-01T00:00:00Z", "--for and --until exclude each other"],
  ["grant list -A -n dev", "--all-namespaces and --namespace exclude each other"],
  ["grant list --diff", "--diff compares the cluster with files"],
  ["grant extend k3q7v2", "say when it ends"],
  ["grant extend k3q7v2 --for 1h --until 2030-01-01T00:00:00Z", "--for and --until exclude each other"],
  ["grant revoke", "say what to revoke: SUBJECT, an id, or --all-expired (one of them)"],
  ["grant revoke jim --all-expired", "SUBJECT|ID and --all-expired exclude each other"],
  ["policy delete", "name the policies to delete, or the files that hold them"],
  ["policy delete no-steal -f x.yaml", "NAME and --file exclude each other"],
  ["policy apply", 'required flag "--file" not set'],
  ["policy diff", 'required flag "--file" not set'],
  ["policy test", "nothing to test: a target is missing"],
  ["policy test deploy/web --all", "TARGET and --all exclude each other"],
  ["policy test deploy/web --config x", "TARGET and --config exclude each other"],
  ["policy test deploy/web --expect x", "TARGET and --expect exclude each other"],
  ["policy test --config x --all", "--config and --all exclude each other"],
  ["policy test --config x --expect y", "--config and --expect exclude each other"],
  ["policy test --all --expect x", "--all and --expect exclude each other"],
  ["policy test --config x --filter f", "--filter is not for --config"],
  ["policy test --expect x --profile p", "--profile is not for --expect"],
  ["session list -w --stale", "--stale is not for watching"],
  ["session start deploy/web", "there is no command to start"],
  ["session kill A1 --stale", "ID and --stale exclude each other"],
  ["session kill --all --inactive", "--all and --inactive exclude each other"],
  ["session kill --inactive --key k", "--inactive and --key exclude each other"],
  ["session kill --inactive -n dev", "--inactive is about the whole cluster"],
];

for (const [line, message] of refused)
  t.test(`${line}: ${message}`, async (t) => {
    const world = fakeWorld();
    await t.rejects(execute(root, line.split(" "), world), { name: "UserError", kind: "usage", message });
  });

// A variable that is empty, a flag that is switched off and a default are as good as nothing.
for (const line of ["grant list -A -n ", "can-i --list -q=false --explain=false", "grant jim -A --allow-copy=false"])
  t.test(`"${line}" goes on to the cluster`, async (t) => {
    await t.rejects(execute(root, line.split(" "), fakeWorld()), { message: "no cluster here" });
  });
