// What the reports compute takes seconds on a large cluster, and no handler of a signal could run before the end.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { connect } from "../../../lib/commands/connect.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { toYaml } from "../../../lib/yaml.ts";
import { clusterRole } from "../../rbac/objects.ts";
import { allRights, deployment, namespace, operator, operatorRoles, user } from "../../preview/objects.ts";
import { runAudit } from "./run.ts";

const heard = (): void => {};
process.on("SIGINT", heard);
t.teardown(() => process.off("SIGINT", heard));
const isHeard = (): boolean => process.listeners("SIGINT").includes(heard);

/** Whether Ctrl-C would have waited for a handler, each time that somebody looked at the role's rules. */
function watchedRole(seen: boolean[]): KubernetesObject {
  const role = clusterRole("watched", []);
  return Object.defineProperty(role, "rules", {
    enumerable: true,
    get: () => {
      seen.push(isHeard());
      return [];
    },
  });
}

const overlay = join(t.testdir({}), "overlay.yaml");
writeFileSync(overlay, toYaml(namespace("more")));

for (const words of [
  ["findings"],
  ["matrix"],
  ["who-can", "steal", "deploy/web", "-A"],
  ["who-can", "get", "pods", "-n", "dev"],
  ["diff", "--overlay", overlay],
])
  t.test(`Ctrl-C ends audit ${words[0]} while it computes`, async (t) => {
    const seen: boolean[] = [];
    const rights = allRights(user("jim"));
    const objects = [namespace(), operator(), ...operatorRoles, deployment("web"), ...rights, watchedRole(seen)];
    const { code, stderr } = await runAudit({ objects }, ...words);
    t.ok([0, 1].includes(code), stderr);
    t.ok(seen.includes(false), "the rules are looked at while signals do what they do by themselves");
    t.ok(isHeard(), "and a handler hears of them again afterwards");
  });

t.test("Ctrl-C ends a command while it reads a folder", async (t) => {
  const folder = t.testdir({ "one.yaml": toYaml(namespace("dev")), "two.yaml": toYaml(namespace("dev")) });
  const seen: boolean[] = [];
  const warn = () => void seen.push(isHeard());
  await connect({ manifests: [folder] }, { env: {}, signal: new AbortController().signal, warn });
  t.same(seen, [false], "what is there twice is said while it is read");
  t.ok(isHeard());
});
