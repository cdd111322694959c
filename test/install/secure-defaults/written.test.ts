// What the secure defaults write, whole: a change of a condition of theirs is to be seen and meant. What they do to requests
// is tried on a real API server (test/e2e/secure-defaults.test.ts).
import { join } from "node:path";
import t from "tap";
import { addOns } from "../../../lib/install/secure-defaults/add-ons.ts";
import { exemptionObjects } from "../../../lib/install/secure-defaults/objects.ts";
import { policyObjects } from "../../../lib/install/secure-defaults/policies.ts";
import { toYaml } from "../../../lib/yaml.ts";
import { equalsKept, objectLines } from "../../kept-text.ts";

const folder = join(import.meta.dirname, "written");
const yaml = (objects: readonly object[]) => objects.map((object) => toYaml(object)).join("---\n");
const lines = (objects: readonly object[]) =>
  objects.map((object) => objectLines(object).join("\n  ")).join("\n") + "\n";

t.test("the policies, and what binds them", async (t) => {
  const { policies, bindings } = policyObjects({ enforcement: "enforce", localClasses: ["local-disk", "hostpath"] });
  equalsKept(t, yaml([...policies, ...bindings]), join(folder, "policies.txt"));
});

t.test("the policies where no class of volumes is local", async (t) => {
  const { policies, bindings } = policyObjects({ enforcement: "audit", localClasses: [] });
  const differing = policies.filter(({ metadata }) => metadata.name?.includes("volume") === true);
  equalsKept(t, yaml([...differing, ...bindings]), join(folder, "policies-audited.txt"));
});

t.test("who is exempt: the operator, administrators, and every add-on that is known by name", async (t) => {
  const objects = exemptionObjects({
    operator: { namespace: "mirrord", name: "mirrord-operator", ephemeralAgents: true },
    administrators: [{ kind: "User", name: "ann" }],
    addOns,
  });
  equalsKept(t, lines(objects), join(folder, "exemptions.txt"));
});
