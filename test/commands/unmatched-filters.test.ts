import { join } from "node:path";
import t from "tap";
import { runAuditOn } from "./audit/run.ts";
import { exampleMemory, runGrant } from "./grant-world.ts";
import { runPolicy } from "./policy-world.ts";

// A filter whose value nothing can match must not look like an empty answer.

const lists: [what: string, run: (place: string) => ReturnType<typeof runPolicy>][] = [
  ["grant list", async (place) => await runGrant(["list", "-n", place], { cluster: exampleMemory() })],
  ["policy list", async (place) => await runPolicy(["list", "-n", place], exampleMemory())],
  ["policy lint", async (place) => await runPolicy(["lint", "-n", place], exampleMemory())],
  ["audit matrix", async (place) => await runAuditOn(exampleMemory(), "matrix", "-n", place)],
  ["audit privileged", async (place) => await runAuditOn(exampleMemory(), "privileged", "-n", place)],
  ["policy test --all", async (place) => await runPolicy(["test", "--all", "-n", place], exampleMemory())],
];
for (const [what, run] of lists) {
  t.test(`${what} in a namespace that does not exist is a mistake, in an empty one it is not`, async (t) => {
    t.match(await run("nope"), { code: 2, stdout: "", stderr: /namespace "nope" was not found/ });
    t.match(await run("prod"), { code: 0 });
  });
}

t.test("and so it is in a folder that holds namespaces", async (t) => {
  const folder = ["--manifests", join(import.meta.dirname, "../../examples")];
  const filters = [["list"], ["lint"], ["test", "--all"]];
  const runs = [
    ...filters.map((words) => runPolicy([...words, "-n", "nope", ...folder])),
    runGrant(["list", "-n", "nope", ...folder]),
  ];
  for (const run of await Promise.all(runs))
    t.match(run, {
      code: 2,
      stdout: "",
      stderr: /namespace "nope" was not found in the manifests.*\nThey have: dev, /,
    });
  t.equal((await runPolicy(["list", "-n", "dev", ...folder])).code, 0);
});

const roles: [role: string, code: number, stderr: RegExp][] = [
  ["minimal", 0, /No grants found/],
  ["clusterrole/nope", 0, /No grants found/],
  ["mirrord-operator-user", 2, /no grant has role "mirrord-operator-user"/],
  ["minmal", 2, /no grant has role "minmal"\nDid you mean minimal\?/],
  ["zzz", 2, /no grant has role "zzz"\nA role is user, minimal, view or clusterrole\/NAME\./],
];
for (const [role, code, stderr] of roles) {
  t.test(`grant list --role ${role} exits with ${code}`, async (t) => {
    t.match(await runGrant(["list", "--role", role], { cluster: exampleMemory() }), { code, stderr });
  });
}
