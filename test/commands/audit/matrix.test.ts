import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { allRights, deployment, namespace, object, operator, operatorRoles, user } from "../../preview/objects.ts";
import { clusterRole, clusterRoleBinding, group, rule, serviceAccount } from "../../rbac/objects.ts";
import { runAudit } from "./run.ts";

const schema: object = JSON.parse(
  readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "schema", "audit-matrix.json"), "utf8"),
);
const matches = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);
const organization = object("access.kubectl-mirrord.io/v1alpha1", "Organization", "acme", {
  spec: { teams: [{ name: "web", members: ["jim"] }] },
});
const objects: KubernetesObject[] = [
  namespace(),
  namespace("qa"),
  operator(),
  ...operatorRoles,
  deployment("web"),
  ...allRights(user("jim")),
  clusterRole("keys", [
    rule("operator.metalbear.co", "mirrordclusteroperatorusercredentials", "create"),
    rule("operator.metalbear.co", "mirrordoperators", "get"),
  ]),
  clusterRoleBinding("keys", "keys", [serviceAccount("runner", "ci"), serviceAccount("x", "kube-system")]),
  organization,
];

t.test("a line for each subject, a column for each action", async (t) => {
  const { code, stdout } = await runAudit({ objects }, "matrix");
  t.equal(code, 0);
  t.match(stdout, /^SUBJECT +MIRROR +STEAL +COPY +PREVIEW +CI +KILL-SESSIONS\n/);
  t.match(stdout, /^jim +dev +dev /m);
  t.match(stdout, /^sa:ci\/runner +- +- +- +- +<all> +-$/m);
  t.notMatch(stdout, /kube-system|system:masters/);
});

t.test("filters, targets and groups", async (t) => {
  t.match((await runAudit({ objects }, "matrix", "--subject", "sa:ci/runner")).stdout.split("\n").length, 3);
  t.match(await runAudit({ objects }, "matrix", "-n", "qa", "--subject", "jim", "-o", "csv"), {
    stdout: /^SUBJECT,.*\r\njim,,,,,<all>,\r\n/,
  });
  const target = await runAudit({ objects }, "matrix", "deploy/web", "pod/x", "--subject", "jim");
  t.match(target.stdout, /^jim +deployment\/web +dev /m);
  t.match(
    (await runAudit({ objects }, "matrix", "--group-by", "namespace")).stdout,
    /^NAMESPACE .*\n<all> +- .*\ndev +jim +jim /,
  );
  t.match(
    (await runAudit({ objects }, "matrix", "--group-by", "team")).stdout,
    /^TEAM .*\n(org:acme .*\n)?team:acme\/web +jim +jim /m,
  );
  t.match(
    (await runAudit({ objects }, "matrix", "--group-by", "role")).stdout,
    /^clusterrole\/keys +- .*sa:ci\/runner/m,
  );
  t.match(await runAudit({ objects }, "matrix", "--group-by", "planet"), { code: 2 });
});

t.test("of a subject all that it has is shown, also by a group that Kubernetes puts it in", async (t) => {
  const open = [namespace(), operator(), ...operatorRoles, ...allRights(group("system:serviceaccounts:tools"))];
  for (const [subject, isIn] of [
    ["sa:tools/ci", true],
    ["sa:dev/ci", false],
    ["team:acme/tools", false],
  ] as const) {
    const { stdout, stderr } = await runAudit({ objects: open }, "matrix", "--subject", subject);
    t.equal(/^group:system:serviceaccounts:tools +dev /m.test(stdout), isIn, subject);
    t.equal(stderr, isIn ? "" : `No access of ${subject} was found.\n`);
  }
});

t.test("documents fit the schema, whatever the lines are", async (t) => {
  for (const words of [[], ["deploy/web"], ["--group-by", "role"], ["--group-by", "team"]]) {
    const value: object = JSON.parse((await runAudit({ objects }, "matrix", ...words, "-o", "json")).stdout);
    t.ok(matches(value), JSON.stringify(matches.errors));
  }
});

t.test("what may not be listed is said, and nothing is a sentence", async (t) => {
  const refused = await runAudit({ objects, forbidden: ["rolebindings"] }, "matrix", "-o", "json");
  t.match(refused, { code: 3, stderr: /you may not list rolebindings: others may be allowed more/ });
  t.match(JSON.parse(refused.stdout), { complete: false, unreadable: ["rolebindings"] });
  t.match(await runAudit({ objects, forbidden: ["organizations"] }, "matrix", "--group-by", "team"), {
    code: 3,
    stderr: /organizations/,
  });
  t.match(await runAudit({ objects: [] }, "matrix"), { code: 0, stdout: "", stderr: /Nobody can do anything\./ });
  const alone = objects.filter((one) => one !== organization && one.metadata.name !== "keys");
  for (const [words, says] of [
    [["--group-by", "team"], /^Nobody who is in a team can do anything\.\n$/],
    [["--group-by", "team", "-n", "qa"], /^Nobody who is in a team can do anything in qa\.\n$/],
    [["--subject", "eve"], /^No access of eve was found\.\n$/],
    [["--subject", "eve", "-n", "qa", "-n", "dev"], /^No access of eve in qa or dev was found\.\n$/],
  ] as const)
    t.match(await runAudit({ objects: alone }, "matrix", ...words), { code: 0, stdout: "", stderr: says });
  t.match(
    (await runAudit({ objects }, "matrix", "--subject", "x", "--subject", "group:y")).stderr,
    /No access of x or group:y was found\./,
  );
  t.match(
    (await runAudit({ objects: [{ ...clusterRole("bad", []), rules: "x" }] }, "matrix")).stderr,
    /rules is not a list/,
  );
});
