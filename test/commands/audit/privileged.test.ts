import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { deployment, pod, podSpec } from "../../preview/objects.ts";
import { runAudit } from "./run.ts";

const schema: object = JSON.parse(
  readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "schema", "audit-privileged.json"), "utf8"),
);
const matches = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);
const wild = { spec: podSpec({ hostPID: true }) };
const objects = [
  deployment("agent", { spec: { template: wild } }),
  {
    ...pod("owned", {}, wild),
    metadata: {
      name: "owned",
      namespace: "qa",
      ownerReferences: [{ apiVersion: "x.io/v1", kind: "Installation", name: "default", uid: "u", controller: true }],
    },
  },
  deployment("web"),
];

t.test("by who answers for it; in some namespaces only", async (t) => {
  const { code, stdout } = await runAudit({ objects }, "privileged");
  t.equal(code, 1);
  t.match(
    stdout,
    /^BY +NAMESPACE +OBJECT +OPTIONS\n<unknown> +dev +deployment\/agent +hostPID\nInstallation\/default +qa +pod\/owned +hostPID\n$/,
  );
  t.notMatch((await runAudit({ objects }, "privileged", "-n", "qa")).stdout, /agent/);
  t.match((await runAudit({ objects }, "privileged", "-o", "wide")).stdout, /spec\.hostPID/);
});

t.test("the JSON form fits its schema", async (t) => {
  const value: object = JSON.parse((await runAudit({ objects }, "privileged", "-o", "json")).stdout);
  t.ok(matches(value), JSON.stringify(matches.errors));
  t.match(value, { complete: true, items: [{ name: "agent" }, { owner: "Installation/default" }] });
});

t.test("nothing is exit code 0, and what may not be listed is 3 unless something is found", async (t) => {
  t.match(await runAudit({ objects: [deployment("web")] }, "privileged"), {
    code: 0,
    stdout: "",
    stderr: /Nothing here/,
  });
  t.match(await runAudit({ objects: [deployment("web")], forbidden: ["pods"] }, "privileged"), {
    code: 3,
    stderr: /you may not list pods: more could be refused/,
  });
  t.equal((await runAudit({ objects, forbidden: ["jobs"] }, "privileged")).code, 1);
});
