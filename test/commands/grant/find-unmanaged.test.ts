import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { bound } from "../../access/rbac-objects.ts";
import { exampleMemory, runGrant } from "../grant-world.ts";

const cluster = exampleMemory(
  bound("by-hand", "mirrord-operator-user", { group: "web" }, "dev"),
  bound("base", "mirrord-operator-user-basic", { group: "web" }),
);
const describe = async (...words: string[]) => await runGrant(["describe", ...words], { cluster });

t.test("what was bound by hand is described, with the command that takes it away", async (t) => {
  const { code, stdout } = await describe("group:web");
  t.equal(code, 0);
  for (const line of [
    /^Name: +by-hand$/m,
    /^Status: +unmanaged$/m,
    /^ {2}rolebinding\/by-hand in namespace dev$/m,
    /^Made by hand\. To take it away:\n {2}kubectl delete rolebinding by-hand -n dev$/m,
    /^ {2}kubectl delete clusterrolebinding base$/m,
  ])
    t.match(stdout, line);
});

t.test("its name says it as well, as list prints it", async (t) => {
  const { stdout } = await runGrant(["list", "-o", "name"], { cluster });
  for (const name of ["by-hand", "rolebinding/by-hand", ...stdout.trim().split("\n")]) {
    t.match(await describe(name), { code: 0, stdout: /^Subject: +group:web$/m }, name);
  }
  t.match(await describe("rolebinding/nope"), {
    code: 2,
    stderr: /no grant has the binding rolebinding\/nope\n.*grant list/,
  });
});

t.test("a grant is described by its ClusterRoleBinding, too, and by its id alone", async (t) => {
  t.equal((await runGrant(["jim", "--ns", "dev"], { cluster })).code, 0);
  const { stdout } = await runGrant(["list", "jim", "-o", "json"], { cluster });
  const [item] = (JSON.parse(stdout) as { items: { id: string; name: string }[] }).items;
  for (const word of [item?.id ?? "", `clusterrolebinding/${item?.name ?? ""}`]) {
    const { items } = JSON.parse((await describe(word, "-o", "json")).stdout) as { items: { id: string }[] };
    t.same(
      items.map(({ id }) => id),
      [item?.id],
    );
  }
});

t.test("JSON has no placeholders: what a binding made by hand lacks is null, as the schemas say", async (t) => {
  const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
  for (const [schema, words] of [
    ["grant-list", ["list"]],
    ["grant-description", ["describe", "group:web"]],
    ["grant-matrix", ["matrix"]],
  ] as const) {
    const { stdout } = await runGrant([...words, "-o", "json"], { cluster });
    const file = join(import.meta.dirname, `../../../docs/schema/${schema}.json`);
    const validate = ajv.compile(JSON.parse(readFileSync(file, "utf8")) as object);
    t.ok(validate(JSON.parse(stdout)), ajv.errorsText(validate.errors));
    t.notMatch(stdout, /"<[a-z]+>"/);
  }
  t.match((await runGrant(["list", "-o", "json"], { cluster })).stdout, /"id": null/);
});
