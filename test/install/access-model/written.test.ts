// What the access model writes, whole: its policies decide who is an administrator, so a change of a condition is to be seen
// and meant. What they do to requests is tried on a real API server (test/attacks/).
import { join } from "node:path";
import t from "tap";
import { ownRole, ownRoleNames } from "../../../lib/access/roles.ts";
import { emptyCollections, modelObjects } from "../../../lib/install/access-model/objects.ts";
import { guardObjects } from "../../../lib/install/access-model/policies.ts";
import { syncObjects, syncReferences } from "../../../lib/install/sync/objects.ts";
import { toYaml } from "../../../lib/yaml.ts";
import { equalsKept, objectLines } from "../../kept-text.ts";

const folder = join(import.meta.dirname, "written");
const yaml = (objects: readonly object[]) => objects.map((object) => toYaml(object)).join("---\n");
const lines = (objects: readonly object[]) =>
  objects.map((object) => objectLines(object).join("\n  ")).join("\n") + "\n";

t.test("who may do what, and what an Organization is", async (t) => {
  const own = modelObjects({ readers: ["oidc:devs"] }).filter(
    ({ metadata }) => !ownRoleNames.includes(metadata.name ?? ""),
  );
  equalsKept(t, lines([...own, emptyCollections]), join(folder, "model.txt"));
});

t.test("the roles of grants", async (t) => {
  equalsKept(t, lines(ownRoleNames.flatMap((name) => ownRole(name) ?? [])), join(folder, "roles.txt"));
});

t.test("the policies, and what binds them", async (t) => {
  const { policies, bindings } = guardObjects();
  equalsKept(t, yaml([...policies, ...bindings]), join(folder, "policies.txt"));
});

t.test("the CronJob of sync, its account and what it may", async (t) => {
  const objects = syncObjects({ image: "registry/sync:1", bindable: ["dba"] });
  equalsKept(t, lines([...objects, ...syncReferences()]), join(folder, "sync.txt"));
});
