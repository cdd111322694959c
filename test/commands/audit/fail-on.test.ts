// `audit` and `audit findings`, the commands with --fail-on and --baseline: what each level makes of the worst finding, and what is
// shown of findings that are known.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { namespace, object, operator, operatorRoles } from "../../preview/objects.ts";
import { clusterRole, clusterRoleBinding, role, roleBinding, roleRef, rule } from "../../rbac/objects.ts";
import { serviceAccount, user } from "../../rbac/objects.ts";
import { runAudit } from "./run.ts";

const clean: KubernetesObject[] = [namespace(), operator(), ...operatorRoles];
const admin = clusterRole("cluster-admin", [rule("*", "*", "*")]);
/** jim and ana run pods beside an account. */
const pods: KubernetesObject[] = [
  ...clean,
  admin,
  object("v1", "ServiceAccount", "deployer", {}, "dev"),
  role("dev", "pods", [rule("", "pods", "create")]),
  roleBinding("dev", "pods", roleRef("pods"), [user("jim"), user("ana")]),
];
const worlds: Record<string, KubernetesObject[]> = {
  low: [...clean, admin, clusterRoleBinding("boss", "cluster-admin", [user("boss")])],
  medium: [...pods, clusterRoleBinding("deployer", "mirrord-operator-user", [serviceAccount("deployer", "dev")])],
  high: [...pods, clusterRoleBinding("deployer", "cluster-admin", [serviceAccount("deployer", "dev")])],
};
const grades = ["high", "medium", "low"];
const commands: string[][] = [[], ["findings"]];
const formats = ["table", "wide", "json", "yaml", "csv", "sarif", "markdown", "html", "metrics"];

interface Item {
  rule: string;
  severity: string;
  who: string[];
}
interface Sarif {
  runs: [{ results: object[] }];
}
const items = (stdout: string): Item[] => (JSON.parse(stdout) as { items: Item[] }).items;
const objectsIn = (world: string): KubernetesObject[] => worlds[world] ?? [];

const folder = t.testdir({});

async function baselineFile(world: string, command: readonly string[]): Promise<string[]> {
  const path = join(folder, `${world}-${command.join("")}.json`);
  const { stdout } = await runAudit({ objects: objectsIn(world) }, ...command, "-o", "json");
  writeFileSync(path, stdout);
  return ["--baseline", path];
}

for (const command of commands) {
  const name = ["audit", ...command].join(" ");
  for (const [worst, objects] of Object.entries(worlds))
    t.test(`${name}, the worst finding is ${worst}: 1 from that level on, and the same is shown at each`, async (t) => {
      const all = items((await runAudit({ objects }, ...command, "-o", "json")).stdout);
      t.equal(all[0]?.severity, worst, "the most severe comes first");
      const shown = new Set<string>();
      for (const level of [...grades, "never"]) {
        const { code, stdout } = await runAudit({ objects }, ...command, "--fail-on", level);
        const fails = level !== "never" && grades.indexOf(worst) <= grades.indexOf(level);
        t.equal(code, fails ? 1 : 0, `--fail-on ${level}`);
        shown.add(stdout);
        t.match(await runAudit({ objects }, ...command, "--fail-on", level, "-q"), { code, stdout: "" });
      }
      t.equal(shown.size, 1);
      t.equal((await runAudit({ objects }, ...command)).code, worst === "high" ? 1 : 0, "high when left out");
    });

  t.test(`${name}: of what is known nothing is shown and nothing fails, in every format`, async (t) => {
    for (const world of Object.keys(worlds))
      for (const format of formats) {
        const known = await baselineFile(world, command);
        const flags = [...command, ...known, "--fail-on", "low", "-o", format];
        const { code, stdout } = await runAudit({ objects: objectsIn(world) }, ...flags);
        t.equal(code, 0, `${world} -o ${format}`);
        if (format === "json") t.same(items(stdout), []);
        if (format === "sarif") t.same((JSON.parse(stdout) as Sarif).runs[0].results, []);
        // A log in SARIF explains all rules.
        else t.notMatch(stdout, /can become|is bound to cluster-admin/, `${world} -o ${format}`);
      }
  });

  t.test(`${name}: what is new is shown alone, and decides the exit code at its level`, async (t) => {
    const known = await baselineFile("low", command);
    const more = [...objectsIn("low"), clusterRoleBinding("second", "cluster-admin", [user("eve")])];
    for (const [level, code] of [
      ["high", 0],
      ["medium", 0],
      ["low", 1],
      ["never", 0],
    ] as const) {
      const ran = await runAudit({ objects: more }, ...command, ...known, "--fail-on", level, "-o", "json");
      t.equal(ran.code, code, level);
      t.match(items(ran.stdout), [{ rule: "administrator", who: ["eve"] }]);
    }
  });

  t.test(`${name}: a finding that has become more severe is new, one that has become less severe is not`, async (t) => {
    const ask = async (before: string, after: string) => {
      const known = await baselineFile(before, command);
      const ran = await runAudit({ objects: objectsIn(after) }, ...command, ...known, "-o", "json");
      return { code: ran.code, items: items(ran.stdout).filter((item) => item.rule === "pod-creation") };
    };
    t.match(await ask("medium", "high"), { code: 1, items: [{ severity: "high", who: ["ana", "jim"] }] });
    t.same(await ask("high", "medium"), { code: 0, items: [] });
  });
}

t.test("a level that is none is refused with those that are", async (t) => {
  for (const command of commands)
    t.match(await runAudit({ objects: clean }, ...command, "--fail-on", "error"), {
      code: 2,
      stdout: "",
      stderr: /high.*medium.*low.*never/,
    });
});
