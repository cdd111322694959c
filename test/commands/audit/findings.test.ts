import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { auditRules } from "../../../lib/audit/rules.ts";
import { renderOperator } from "../../../lib/install/render.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import { object, operator, operatorRoles, namespace } from "../../preview/objects.ts";
import {
  clusterRole,
  clusterRoleBinding,
  role,
  roleBinding,
  roleRef,
  rule,
  serviceAccount,
  user,
} from "../../rbac/objects.ts";
import { sarifFaults } from "../../view/sarif-faults.ts";
import { manifestsCluster } from "../../../lib/kube/manifests/manifests-cluster.ts";
import { runAudit, runAuditOn } from "./run.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
const schema = (name: string): object => JSON.parse(readFileSync(join(root, "docs", "schema", `${name}.json`), "utf8"));
const matches = ajv.compile(schema("audit-findings"));
const matchesRules = ajv.compile(schema("audit-rules"));

const clean: KubernetesObject[] = [namespace(), operator(), ...operatorRoles];
const admin = clusterRole("cluster-admin", [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }]);
/** jim runs pods beside an account that is an administrator. */
const risky: KubernetesObject[] = [
  ...clean,
  admin,
  object("v1", "ServiceAccount", "deployer", {}, "dev"),
  clusterRoleBinding("deployer", "cluster-admin", [serviceAccount("deployer", "dev")]),
  role("dev", "pods", [rule("", "pods", "create")]),
  roleBinding("dev", "pods", roleRef("pods"), [user("jim"), user("ana")]),
];

t.test("findings, most severe first, and exit code 1 for a high one", async (t) => {
  const { code, stdout, stderr } = await runAudit({ objects: risky }, "findings");
  t.equal(code, 1, stderr);
  t.match(
    stdout,
    /^SEVERITY +RULE +OBJECT +MESSAGE\nhigh +pod-creation +RoleBinding dev\/pods +ana and jim can become sa:dev\/deployer by running a pod as it in dev: who may do everything in the cluster\n/,
  );
  t.match(stdout, /^low +administrator +ClusterRoleBinding deployer +sa:dev\/deployer is bound to cluster-admin$/m);
});

t.test("nothing grave is exit code 0, and --fail-on says what is grave", async (t) => {
  const objects = [...clean, admin, clusterRoleBinding("boss", "cluster-admin", [user("boss")])];
  const codes: [string[], number][] = [
    [[], 0],
    [["--fail-on", "low"], 1],
    [["--fail-on", "never"], 0],
  ];
  for (const [flags, want] of codes)
    t.equal((await runAudit({ objects }, "findings", ...flags)).code, want, flags.join(" "));
  t.equal((await runAudit({ objects: risky }, "findings", "--fail-on", "never")).code, 0);
  t.match(await runAudit({ objects }, "findings", "--fail-on", "error"), { code: 2, stderr: /high/ });
});

const PAGE = new Set([
  "get mirrordoperators",
  "list mirrordoperators",
  "get targets",
  "list targets",
  "get targets/port-locks",
  "list targets/port-locks",
  "create mirrordoperators/certificate",
  "proxy targets",
]);
const CHART = [
  "create mirrordclusteroperatorusercredentials",
  ...["get", "list", "watch"].map((verb) => `${verb} events`),
  ...["get", "list", "create", "proxy"].map((verb) => `${verb} copytargets`),
  ...["delete", "deletecollection"].map((verb) => `${verb} sessions`),
  ...["get", "list"].flatMap((verb) => [`${verb} mirrordprofiles`, `${verb} mirrordclusterprofiles`]),
];

interface FoundRole {
  rule: string;
  severity: string;
  object: { kind: string; name: string };
  message: string;
}

/** What the audit says of the operator's role for users: by rule the rights that it names, `get pods`, and how severe it is. */
async function saidOfRole(given: KubernetesObject) {
  const { stdout } = await runAudit({ objects: [...clean.slice(0, 2), given] }, "findings", "-o", "json");
  const { items }: { items: FoundRole[] } = JSON.parse(stdout);
  const named = items
    .filter(({ object: { kind, name } }) => kind === "ClusterRole" && name === "mirrord-operator-user")
    .flatMap(({ rule: id, severity, message }) => {
      const rights = / (?:it|also) allows (.+)$/.exec(message)?.[1];
      return rights === undefined ? [] : [[`${severity} ${id}`, rightsIn(rights)] as const];
    });
  return Object.fromEntries(named);
}

/** `get, list pods; create x` as `create x`, `get pods`, `list pods`. */
const rightsIn = (text: string): string[] =>
  text
    .split("; ")
    .flatMap((words) => {
      const [resource = "", ...verbs] = words.split(" ").toReversed();
      return verbs.map((verb) => `${verb.replace(",", "")} ${resource}`);
    })
    .toSorted();

const userRole = (...more: Parameters<typeof rule>[]): KubernetesObject => {
  const rendered = renderOperator({ license: { keyRef: "licence" } }).find(
    ({ kind, metadata }) => kind === "ClusterRole" && metadata.name === "mirrord-operator-user",
  );
  if (rendered === undefined) throw new Error("the chart has no role for users");
  return { ...rendered, rules: [...(rendered["rules"] as object[]), ...more.map((each) => rule(...each))] };
};

t.test(
  "MIR-9: whatever the operator's role allows beyond its page is named, the chart's own and what was added",
  async (t) => {
    const given = new Set(
      (userRole()["rules"] as { resources: string[]; verbs: string[] }[]).flatMap(({ resources, verbs }) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
      ),
    );
    t.same(
      [...PAGE].filter((right) => !given.has(right)),
      [],
      "all of the page is in the role",
    );
    const beyond = [...given].filter((right) => !PAGE.has(right)).toSorted();
    t.same(
      CHART.filter((right) => !beyond.includes(right)),
      [],
      "and this beyond it",
    );
    t.same(await saidOfRole(userRole()), { "low wider-operator-role": beyond });
    t.same(await saidOfRole(userRole(["", "secrets", "get"], ["operator.metalbear.co", "targets", "delete"])), {
      "low wider-operator-role": beyond,
      "medium operator-role-changed": ["delete targets", "get secrets"],
    });
  },
);

t.test("MIR-9: a role of the page's three rules allows nothing beyond them", async (t) => {
  const rules = [...PAGE].map((right) => {
    const [verb = "", resource = ""] = right.split(" ");
    return rule("operator.metalbear.co", resource, verb);
  });
  t.same(await saidOfRole(clusterRole("mirrord-operator-user", rules)), {});
  const all = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };
  const wide = await runAudit({ objects: [clusterRole("mirrord-operator-user", [...rules, all])] }, "findings");
  t.match(wide.stdout, /^medium +operator-role-changed .* it also allows do anything to everything of every group$/m);
});

t.test("nothing at all is a sentence on stderr", async (t) => {
  t.match(await runAudit({ objects: [] }, "findings"), { code: 0, stdout: "", stderr: /No findings\./ });
});

t.test("without a verb: a summary first, which documents have as well", async (t) => {
  const { code, stdout } = await runAudit({ objects: risky });
  t.equal(code, 1);
  t.match(
    stdout,
    /^Subjects that may start sessions +0\nAdministrators +1 beside the control plane\nGrants +0\nLooked at +2 bindings, \d+ roles\n\nSEVERITY /,
  );
  const value: object = JSON.parse((await runAudit({ objects: risky }, "-o", "json")).stdout);
  t.ok(matches(value), JSON.stringify(matches.errors));
  t.match(value, { kind: "Audit", access: { administrators: 1, bindings: 2 } });
  t.notMatch((await runAudit({ objects: risky }, "-o", "csv")).stdout, /Looked at/);
});

t.test("the JSON form fits its schema and has path, evidence and page", async (t) => {
  const { stdout } = await runAudit({ objects: risky }, "findings", "-o", "json");
  const value: { items: { documentation: string }[] } = JSON.parse(stdout);
  t.ok(matches(value), JSON.stringify(matches.errors));
  t.match(value, { kind: "AuditFindings", complete: true, skipped: { length: 0 }, excepted: 0 });
  t.match(value.items[0], {
    rule: "pod-creation",
    severity: "high",
    object: { kind: "RoleBinding", name: "pods", namespace: "dev" },
    who: ["ana", "jim"],
    fix: /kubectl edit rolebinding pods -n dev$/,
    path: [
      { becomes: "sa:dev/deployer", by: "running a pod as it", namespace: "dev", role: { kind: "Role", name: "pods" } },
    ],
    documentation: "docs/audit-findings.md#pod-creation",
  });
});

t.test("yaml, csv, wide and markdown have the same findings", async (t) => {
  const shown = async (format: string) => (await runAudit({ objects: risky }, "findings", "-o", format)).stdout;
  t.match(await shown("yaml"), /^kind: AuditFindings$/m);
  t.match(await shown("csv"), /^SEVERITY,RULE,OBJECT,MESSAGE,FIX,WHO\r\nhigh,pod-creation,RoleBinding dev\/pods,/);
  t.match(await shown("wide"), /kubectl edit rolebinding pods -n dev +ana,jim\n/);
  t.match(
    await shown("markdown"),
    /^\| SEVERITY \| RULE \| OBJECT \| MESSAGE \| FIX \| WHO \|\n\| --- \| .*\n\| high \| pod-creation \| RoleBinding dev\/pods \| ana and jim can become/,
  );
  t.equal((await runAudit({ objects: [] }, "findings", "-o", "markdown")).stdout, "No findings.\n");
});

t.test("SARIF is valid, and a finding is the same in another run", async (t) => {
  const { stdout } = await runAudit({ objects: risky }, "findings", "-o", "sarif");
  const log: { runs: { results: { partialFingerprints: object }[]; tool: { driver: { rules: { id: string }[] } } }[] } =
    JSON.parse(stdout);
  t.same(sarifFaults(log), []);
  t.match(log.runs[0]?.results[0], {
    ruleId: "pod-creation",
    level: "error",
    partialFingerprints: { "finding/v1": "pod-creation RoleBinding dev/pods ana jim" },
  });
  t.same(
    log.runs[0]?.tool.driver.rules.map(({ id }) => id),
    Object.keys(auditRules),
  );
});

t.test("SARIF of a folder says in which file and line each object stands", async (t) => {
  const [deployer, pods, binding] = risky.slice(-3).map((each) => JSON.stringify(each));
  const path = t.testdir({
    "a b.yaml": `# who runs what\n---\n${deployer}\n---\n# pods of dev\n\n${pods}\n`,
    "roles.yaml": `${JSON.stringify(admin)}\n---\n${JSON.stringify(risky[clean.length + 1])}\n`,
    deep: { "bindings.yml": `---\n\n${binding}\n` },
  });
  const folder = manifestsCluster({ paths: [relative(".", path)], warn: () => {} });
  const { stdout } = await runAuditOn(folder, "findings", "-o", "sarif");
  const log: { runs: { results: { ruleId: string; locations: object[] }[] }[] } = JSON.parse(stdout);
  t.same(sarifFaults(log), []);
  const at = (rule_: string) => log.runs[0]?.results.find(({ ruleId }) => ruleId === rule_)?.locations;
  const uri = (name: string) => ({ uri: `${relative(".", path)}/${name}`, uriBaseId: "%SRCROOT%" });
  const location = (name: string, startLine: number, fullyQualifiedName: string) => [
    {
      physicalLocation: { artifactLocation: uri(name), region: { startLine } },
      logicalLocations: [{ fullyQualifiedName, kind: "resource" }],
    },
  ];
  t.same(at("pod-creation"), location("deep/bindings.yml", 3, "RoleBinding dev/pods"));
  t.same(at("administrator"), location("a%20b.yaml", 3, "ClusterRoleBinding deployer"));
  const absent = log.runs[0]?.results.filter(({ locations }) => !("physicalLocation" in (locations[0] ?? {})));
  t.same(absent, [], "every object is in a file");
  const json: object = JSON.parse((await runAuditOn(folder, "findings", "-o", "json")).stdout);
  t.ok(matches(json), JSON.stringify(matches.errors));
});

t.test("what may not be listed is said, and is not clean", async (t) => {
  for (const resource of ["rolebindings", "serviceaccounts", "pods", "secrets", "namespaces"]) {
    const { code, stdout, stderr } = await runAudit(
      { objects: clean, forbidden: [resource] },
      "findings",
      "-o",
      "json",
    );
    t.equal(code, 3, resource);
    t.match(JSON.parse(stdout), { complete: false, skipped: [new RegExp(`you may not list .*${resource}`)] });
    t.match(stderr, new RegExp(`you may not list .*${resource}.*: not everything was looked at`));
  }
  t.equal(
    (await runAudit({ objects: risky, forbidden: ["pods"] }, "findings")).code,
    1,
    "a high finding is one all the same",
  );
});

t.test("the control plane's own bindings are no findings", async (t) => {
  const stock = [
    admin,
    clusterRoleBinding("cluster-admin", "cluster-admin", [{ kind: "Group", name: "system:masters" }]),
    clusterRole("controller", [
      rule("", "pods", "create"),
      rule("", "serviceaccounts/token", "create"),
      rule("", "secrets", "list"),
    ]),
    clusterRoleBinding("system:kube-controller-manager", "controller", [user("system:kube-controller-manager")]),
    clusterRoleBinding("system:controller:job-controller", "controller", [
      serviceAccount("job-controller", "kube-system"),
    ]),
  ];
  t.match(await runAudit({ objects: stock }, "findings", "--fail-on", "low"), { code: 0, stdout: "" });
});

t.test("--config: exceptions and rules of one's own, --baseline: only what is new", async (t) => {
  const folder = t.testdir({
    "audit.yaml": [
      "kind: AuditConfiguration",
      "exceptions:",
      "- {rule: pod-creation, subject: ana, owner: sec, reason: INC-1, expires: 2999-01-01}",
      "- {rule: administrator, owner: sec, reason: INC-2, expires: 2999-01-01}",
      "rules:",
      "- {id: no-pods, summary: nobody runs pods by hand, severity: low, rights: [create pods], except: [ana]}",
    ].join("\n"),
    "broken.yaml": "kind: [",
  });
  const config = ["--config", join(folder, "audit.yaml")];
  const { stdout, stderr } = await runAudit({ objects: risky }, "findings", ...config);
  t.match(stdout, /^high +pod-creation +RoleBinding dev\/pods +jim can become/m);
  t.match(stdout, /^low +no-pods +RoleBinding dev\/pods +jim may create pods in dev: nobody runs pods by hand$/m);
  t.notMatch(stdout, /cluster-admin$/m);
  t.match(stderr, /1 more is excepted in .*audit\.yaml\./);
  const sarif: object = JSON.parse((await runAudit({ objects: risky }, "findings", ...config, "-o", "sarif")).stdout);
  t.same(sarifFaults(sarif), []);
  t.match(await runAudit({ objects: risky }, "findings", "--config", join(folder, "none.yaml")), {
    code: 2,
    stderr: /no such file or directory/,
  });
  t.match(await runAudit({ objects: risky }, "findings", "--config", join(folder, "broken.yaml")), {
    code: 2,
    stderr: /broken\.yaml: /,
  });

  const { writeFileSync } = await import("node:fs");
  const baseline = join(folder, "baseline.json");
  writeFileSync(baseline, (await runAudit({ objects: risky }, "findings", "-o", "json")).stdout);
  t.match(await runAudit({ objects: risky }, "findings", "--baseline", baseline), { code: 0, stderr: /No findings\./ });
  const more = [...risky, roleBinding("dev", "more", roleRef("pods"), [user("eve")])];
  const later = await runAudit({ objects: more }, "findings", "--baseline", baseline);
  t.equal(later.code, 1);
  t.match(later.stdout, /^high +pod-creation +RoleBinding dev\/more +eve can become/m);
  t.notMatch(later.stdout, /jim/);
});

t.test("--rules explains every rule, in every format", async (t) => {
  const { code, stdout } = await runAudit({}, "findings", "--rules");
  t.equal(code, 0);
  for (const id of Object.keys(auditRules)) t.match(stdout, new RegExp(`^${id} `, "m"));
  const value: object = JSON.parse((await runAudit({}, "findings", "--rules", "-o", "json")).stdout);
  t.ok(matchesRules(value), JSON.stringify(matchesRules.errors));
  t.match((await runAudit({}, "findings", "--rules", "-o", "markdown")).stdout, /^\| RULE \|/);
});

t.test("names from the cluster cannot steer the terminal, nor a page", async (t) => {
  const name = "ev\u001b[31mil\u202e<script>|";
  const objects = [...risky, roleBinding("dev", name, roleRef("pods"), [user(name)])];
  for (const format of ["table", "wide", "json", "yaml", "csv", "sarif", "markdown"]) {
    const { stdout } = await runAudit({ objects }, "findings", "-o", format);
    t.ok(stdout !== "" && !stdout.includes("\u001b") && !stdout.includes("\u202e"), format);
    if (format === "markdown") t.notMatch(stdout, /<script/);
  }
});
