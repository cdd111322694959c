// The audit as it runs in a cluster: its manifests, and that its account has the rights that it uses and no others.
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { listIn, objectIn } from "../../lib/json.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { parseDocuments } from "../../lib/yaml.ts";
import { auditEvents, auditLogLength } from "../control-plane/audit-log.ts";
import { until } from "../until.ts";
import { readExposition } from "../view/exposition.ts";
import { startInstallationPlane } from "./installation.ts";

const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-audit-job-"));
const installation = await startInstallationPlane(folder);
t.teardown(async () => {
  await installation.stop();
  rmSync(folder, { recursive: true, force: true });
});
const { plane, mirrord, kubectl, get } = installation;
const root = join(import.meta.dirname, "..", "..");

const manifests = await mirrord("admin", "audit", "--job", "--image", "registry.example/mirrord:1", "--claim", "audit");
const objects = parseDocuments(manifests.stdout, { source: "manifests" }) as KubernetesObject[];

/** A cluster in which everything that the audit looks at is there, and much of it is wrong. */
async function fill(): Promise<void> {
  await installation.install();
  const model = await mirrord("admin", "install", "--access-model", "-y");
  if (model.code !== 0) throw new Error(model.stderr);
  const bad = [
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "aws-auth", namespace: "kube-system" }, data: {} },
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "everything" },
      rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "wide", namespace: "shop" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "everything" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "eve" }],
    },
    {
      apiVersion: "policies.mirrord.metalbear.co/v1alpha",
      kind: "MirrordPolicy",
      metadata: { name: "empty", namespace: "shop" },
      spec: { targetPath: "deploy/x", selector: { matchLabels: { a: "b" } }, block: [] },
    },
  ];
  await installation.apply(...(bad as KubernetesObject[]));
  const granted = await mirrord("admin", "grant", "jim", "--ns", "shop", "--for", "8h");
  if (granted.code !== 0) throw new Error(granted.stderr);
}

t.test("the API server takes every manifest, strictly, and again without a change", async (t) => {
  t.equal(manifests.code, 0, manifests.stderr);
  await fill();
  const text = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  const first = await kubectl(text, "apply", "--server-side", "--validate=strict", "-f", "-");
  t.equal(first.code, 0, first.stderr);
  t.notMatch(first.stderr, /Warning/);
  t.equal((await kubectl(text, "diff", "--server-side", "-f", "-")).code, 0, "nothing was left out or filled in");
});

t.test("its pod is taken where Pod Security is restricted", async (t) => {
  const claim = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "audit", namespace: "mirrord-audit" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  };
  t.equal((await kubectl(JSON.stringify(claim), "apply", "-f", "-")).code, 0);
  const words = ["create", "job", "by-hand", "--from=cronjob/mirrord-audit", "-n", "mirrord-audit"];
  const made = await kubectl(undefined, ...words);
  t.equal(made.code, 0, made.stderr);
  t.notMatch(made.stderr, /PodSecurity/);
  await until("the Job has a pod", async () => {
    const { body } = await get("/apis/batch/v1/namespaces/mirrord-audit/jobs/by-hand");
    const status = objectIn(objectIn(body)["status"]);
    return Number(status["active"] ?? 0) + Number(status["failed"] ?? 0) > 0;
  });
  await kubectl(undefined, "delete", "job", "by-hand", "-n", "mirrord-audit", "--wait=false");
});

interface Ran {
  complete: boolean;
  leftOut?: string[];
  items: { rule: string; object: { name: string } }[];
}

/** Of what both see at any time: pods and Jobs come and go. */
const findings = ({ items }: Ran): string[] => items.map((item) => JSON.stringify(item)).toSorted();

t.test(
  "its account runs it as it stands in the manifest: complete, and with an administrator's findings",
  async (t) => {
    const account = await kubectl(undefined, "create", "token", "mirrord-audit", "-n", "mirrord-audit");
    t.equal(account.code, 0, account.stderr);
    const token = account.stdout.trim();
    const container = objectIn(
      listIn(
        objectIn(objectIn(objectIn(objectIn(objectIn(cronJob()["spec"])["jobTemplate"])["spec"])["template"])["spec"])[
          "containers"
        ],
      )[0],
    );
    const report = join(folder, "report");
    const args = listIn(container["args"]).map((word) => (word === "/report" ? report : String(word)));
    await until("the authorizer knows of its rights", async () => {
      const asked = await kubectl(
        undefined,
        "auth",
        "can-i",
        "patch",
        "configmap/mirrord-audit",
        "-n",
        "mirrord-audit",
        `--token=${token}`,
      );
      const listed = await kubectl(undefined, "auth", "can-i", "list", "roles", "-A", `--token=${token}`);
      return asked.stdout.startsWith("yes") && listed.stdout.startsWith("yes");
    });
    const since = auditLogLength(plane);
    const ran = await mirrord("admin", ...args, "--token", token);
    t.equal(ran.code, 0, ran.stderr);

    const text = readFileSync(join(report, "audit.json"), "utf8");
    const own: Ran = JSON.parse(text);
    t.match(own, { kind: "Audit", complete: true, leftOut: ["secrets"] });
    const whole = await mirrord("admin", "audit", "--without-secrets", "--fail-on", "never", "-o", "json");
    const admin: Ran = JSON.parse(whole.stdout);
    t.same(findings(own), findings(admin));
    const rules = new Set(own.items.map(({ rule }) => rule));
    for (const rule of ["wildcard", "aws-auth"]) if (!rules.has(rule)) t.comment(`nothing is found by ${rule}`);
    t.ok(rules.size > 3, [...rules].join(" "));
    t.notOk(
      own.items.some(({ object }) => object.name === "mirrord-audit"),
      "it is no finding itself",
    );

    const { samples } = readExposition(readFileSync(join(report, "audit.prom"), "utf8"));
    t.match(
      samples.find(({ name }) => name === "mirrord_audit_complete"),
      { value: 1 },
    );
    t.equal(statSync(join(report, "audit.json")).mode & 0o777, 0o640);

    const stored = await kubectl(
      undefined,
      "get",
      "configmap",
      "mirrord-audit",
      "-n",
      "mirrord-audit",
      "-o",
      "jsonpath={.data.summary}",
    );
    const matches = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
      JSON.parse(readFileSync(join(root, "docs", "schema", "audit-summary.json"), "utf8")),
    );
    const summary: unknown = JSON.parse(stored.stdout);
    t.ok(matches(summary), JSON.stringify(matches.errors));
    t.match(summary, { kind: "AuditSummary", complete: true });

    await t.test("every right of it is used, and none is missing but those of what it may do without", async (t) => {
      const user = "system:serviceaccount:mirrord-audit:mirrord-audit";
      const events = auditEvents(plane, since).filter(
        (each) => each.user.username === user && each.stage === "ResponseComplete",
      );
      const asked = events.map((each) => {
        const [path = ""] = each.requestURI.split("?");
        return { verb: each.verb, path, allowed: each.annotations?.["authorization.k8s.io/decision"] === "allow" };
      });
      const unused = rights().filter(({ verb, apiGroup, resource, name }) => {
        const tail = name === undefined ? `/${resource}` : `/${resource}/${name}`;
        const start = apiGroup === "" ? "/api/v1" : `/apis/${apiGroup}/`;
        return !asked.some(
          (each) =>
            each.allowed &&
            each.verb === verb &&
            each.path.startsWith(start) &&
            (verb === "list" || name !== undefined ? each.path.endsWith(tail) : each.path.includes(`${tail}/`)),
        );
      });
      t.same(unused, []);
      t.notOk(
        asked.some(({ verb }) => !["get", "list", "patch", "create"].includes(verb)),
        "it changes nothing",
      );
    });
  },
);

const cronJob = (): KubernetesObject => {
  const found = objects.find(({ kind }) => kind === "CronJob");
  if (found === undefined) throw new Error("there is a CronJob");
  return found;
};

interface RightUsed {
  verb: string;
  apiGroup: string;
  resource: string;
  name: string | undefined;
}

/** What both roles of the account allow, one by one. */
function rights(): RightUsed[] {
  return objects
    .filter(({ kind }) => kind === "ClusterRole" || kind === "Role")
    .flatMap((role) => listIn(role["rules"]).map(objectIn))
    .flatMap(({ apiGroups, resources, verbs, resourceNames }) =>
      listIn(resources).flatMap((resource) =>
        listIn(verbs).flatMap((verb) =>
          (resourceNames === undefined ? [undefined] : listIn(resourceNames).map(String)).map((name) => ({
            verb: String(verb),
            apiGroup: String(listIn(apiGroups)[0]),
            resource: String(resource),
            name,
          })),
        ),
      ),
    );
}

t.test("it writes into no ConfigMap that is somebody else's", async (t) => {
  const other = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "other", namespace: "shop" },
    data: { a: "b" },
  };
  t.equal((await kubectl(JSON.stringify(other), "apply", "-f", "-")).code, 0);
  const words = ["audit", "--fail-on", "never", "--summary-to"];
  const refused = await mirrord("admin", ...words, "shop/other");
  t.equal(refused.code, 2);
  t.match(refused.stderr, /configmap other in namespace shop is not for summaries of the audit, and is left as it is/);
  t.match((await get("/api/v1/namespaces/shop/configmaps/other")).body, { data: { a: "b" } });
  t.match(await mirrord("admin", ...words, "shop/none"), {
    code: 2,
    stderr: /there is no configmap none in namespace shop[^]*kubectl mirrord audit --job prints/,
  });
});
