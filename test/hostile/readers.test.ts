// What reads a text that anybody may have written: it answers, or refuses it as a UserError with words that are safe to
// show. Never another error (a bug), a changed prototype, or a reader that does not come back.
import { readFileSync, globSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import t from "tap";
import { parseCollectionOrRoot } from "../../lib/access/collection.ts";
import { parseIntent, type GrantFlags } from "../../lib/access/parse-intent.ts";
import { report } from "../../lib/cli/report.ts";
import { UserError } from "../../lib/errors.ts";
import { assign, parseAssignments } from "../../lib/install/set-values.ts";
import { renderInstallation } from "../../lib/install/render.ts";
import { isJsonObject, type JsonObject } from "../../lib/json.ts";
import { resolveConnection } from "../../lib/kube/config/kubeconfig.ts";
import { readDocuments } from "../../lib/kube/manifests/documents.ts";
import { parseSelectorText, parseLabelSelector } from "../../lib/kubernetes/label-selector.ts";
import { denialsIn } from "../../lib/kubernetes/denials.ts";
import { readSubject } from "../../lib/kubernetes/subject-text.ts";
import { parseSessionConfig } from "../../lib/mirrord/config/config.ts";
import { compileRustRegex } from "../../lib/mirrord/policy/rust-regex.ts";
import { readPolicy } from "../../lib/mirrord/policy/spec.ts";
import { parseTarget } from "../../lib/mirrord/target.ts";
import { parseDuration, parseTime } from "../../lib/text/duration.ts";
import { lineText } from "../../lib/view/lines.ts";
import { parseTemplate } from "../../lib/view/template.ts";
import { parseDocuments } from "../../lib/yaml.ts";
import { fakeWorld } from "../cli/fake-world.ts";
import { effort, HARMFUL, hostileText } from "./mutations.ts";

const checkout = join(import.meta.dirname, "../..");
const files = (pattern: string) =>
  globSync(pattern, { cwd: checkout })
    .toSorted()
    .map((path) => readFileSync(join(checkout, path), "utf8"));

const kubeconfig = `
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://api.example:6443", certificate-authority-data: Q0E=}}]
users:
- name: u
  user: {token: secret-token, as: jim, as-groups: [a], as-user-extra: {k: [v]}}
- name: e
  user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: get-token, args: [x], interactiveMode: Never}}
contexts: [{name: x, context: {cluster: c, user: u, namespace: dev}}, {name: z, context: {cluster: c, user: e}}]
current-context: x
`;
const configuration = JSON.stringify({
  target: { path: "deployment/web/container/app", namespace: "dev" },
  profile: "p",
  key: "{{ get_env(name='USER', default='jim') }}-1",
  feature: {
    network: {
      incoming: { mode: "steal", http_filter: { header_filter: "x: y", ports: [80] } },
      outgoing: { filter: { remote: ["1.2.3.0/24:80"] } },
    },
    fs: { mode: "read", read_only: ["^/etc"] },
    env: { include: "A;B", override: { C: "d" } },
    copy_target: { scale_down: true },
    split_queues: {},
  },
});
const policies = `
apiVersion: policies.mirrord.metalbear.co/v1alpha
kind: MirrordPolicy
metadata: {name: p, namespace: dev}
spec:
  targetPath: "deploy*/web"
  selector: {matchExpressions: [{key: app, operator: In, values: [a]}]}
  block: [steal, mirror]
  env: {exclude: ["*_SECRET"]}
  fs: {readOnly: ["^/etc/.*"], local: ["(a|b){2,5}$"]}
  network: {outgoing: {allow: {}}}
---
apiVersion: policies.mirrord.metalbear.co/v1alpha
kind: MirrordClusterPolicy
metadata: {name: c}
spec: {block: [copy-target-scale-down]}
`;
const values = `
license: {keyRef: licence}
operator: {jsonLog: true, port: 3000, podAnnotations: {a: b}}
namespace: mirrord
agent: {port: 5000, extraConfig: {json_log: true}}
extraObjects: ["apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: {{ .Release.Name }}}"]
`;

const machine = (text: string) => ({
  env: { HOME: "/home/x" },
  platform: "linux" as const,
  cwd: "/home/x",
  readFile(path: string): string {
    if (path === "/home/x/.kube/config") return text;
    throw Object.assign(new Error(`ENOENT ${path}`), { code: "ENOENT" });
  },
});

const grant: GrantFlags = {
  subject: "jim",
  role: "user",
  namespace: ["dev"],
  target: [],
  allNamespaces: false,
  selector: [],
  collection: [],
  allowCopy: false,
  noReads: false,
  allowSystem: false,
  dangerous: false,
};

const grantFields: { field: keyof GrantFlags; samples: string[] }[] = [
  { field: "subject", samples: ["jim", "group:oidc:backend", "sa:ci/runner"] },
  { field: "namespace", samples: ["dev"] },
  { field: "target", samples: ["deploy/web", "pod/web/container/app", "deployments.apps/web"] },
  { field: "role", samples: ["user", "view", "clusterrole/dba", "ci"] },
  { field: "selector", samples: ["team=web", "a in (b,c),!d"] },
  { field: "collection", samples: ["prod/web"] },
  { field: "privileged", samples: ["hostPID,capabilities"] },
];

/** Each object in a text of several documents. */
const objectsIn = (text: string): JsonObject[] => parseDocuments(text, { source: "f" }).filter(isJsonObject);

const readers: { name: string; samples: readonly string[]; read: (text: string) => unknown }[] = [
  { name: "kubeconfig", samples: [kubeconfig], read: (text) => resolveConnection({}, machine(text)) },
  {
    name: "kubeconfig as JSON",
    samples: [JSON.stringify(parseDocuments(kubeconfig, { source: "k" })[0])],
    read: (text) => resolveConnection({}, machine(text)),
  },
  { name: "manifests", samples: files("examples/**/*.yaml"), read: (text) => readDocuments(text, "f.yaml") },
  {
    name: "policies",
    samples: [policies],
    read: (text) => readDocuments(text, "f.yaml").flatMap(({ objects }) => objects.map((one) => readPolicy(one))),
  },
  {
    name: "mirrord.json",
    samples: [configuration],
    read: (text) => parseSessionConfig(text, { fileName: "mirrord.json", env: {} }),
  },
  {
    name: "mirrord.toml",
    samples: ['target = "deployment/web"\n[feature.network]\nincoming = "steal"\n[feature.fs]\nmode = "read"\n'],
    read: (text) => parseSessionConfig(text, { fileName: "mirrord.toml", env: {} }),
  },
  {
    name: "mirrord.yaml",
    samples: [
      "target:\n  path: pod/web\n  namespace: dev\nfeature:\n  network:\n    incoming: {mode: steal, ports: [80]}\n",
    ],
    read: (text) => parseSessionConfig(text, { fileName: "mirrord.yaml", env: {} }),
  },
  {
    name: "values of the chart",
    samples: [values],
    read: (text) => objectsIn(text).map((one) => renderInstallation(one)),
  },
  {
    name: "--set",
    samples: ["a.b[0].c=1,d={x,y},e=null", "operator.replicas=2", "a\\.b=c", "a[1000000].b=1"],
    read: (text) => parseAssignments(text, "--set", false).reduce(assign, {}),
  },
  {
    name: "a target",
    samples: ["deployment/web/container/app", "pod/web", "cronjob/nightly"],
    read: (text) => parseTarget(text),
  },
  { name: "a subject", samples: ["jim", "group:a:b", "sa:ci/runner", "user:x"], read: (text) => readSubject(text) },
  ...grantFields.map(({ field, samples }) => ({
    name: `a grant's ${field}`,
    samples,
    read: (text: string) =>
      parseIntent({ ...grant, [field]: ["subject", "role", "privileged"].includes(field) ? text : [text] }),
  })),
  { name: "a collection", samples: ["prod/web", "prod", "/"], read: (text) => parseCollectionOrRoot(text) },
  { name: "a selector", samples: ["a=b,c in (d,e),!f,g notin (h)"], read: (text) => parseSelectorText(text) },
  {
    name: "a selector of an object",
    samples: ["{matchLabels: {a: b}, matchExpressions: [{key: c, operator: In, values: [d]}]}"],
    read: (text) => parseDocuments(text, { source: "f" }).map((one) => parseLabelSelector(one)),
  },
  { name: "a duration", samples: ["8h", "1h30m", "2d"], read: (text) => parseDuration(text) },
  { name: "a time", samples: ["2026-11-29T12:00:00Z", "2026-11-29 13:00:00.5+01:00"], read: (text) => parseTime(text) },
  {
    name: "jsonpath",
    samples: ["{.items[*].metadata.name}", '{range .items[?(@.a=="b")]}{.x}{"\\n"}{end}', "{.a[-1:]}", "{..name}"],
    read: async (text) => {
      const value = { items: [{ a: "b", metadata: { name: "n" }, x: 1 }], a: [1, 2] };
      await parseTemplate("jsonpath", text, false).print(value, fakeWorld());
    },
  },
  {
    name: "an expression of a policy",
    samples: ["^/etc/(passwd|shadow)$", "(?i)a{1,3}[[:alpha:]&&[^x]]\\p{L}", "(a+)+$"],
    read: (text) => {
      const compiled = compileRustRegex(text);
      return "test" in compiled && typeof compiled.test === "function"
        ? compiled.test("a".repeat(2000) + "!")
        : compiled;
    },
  },
  {
    name: "what a server refused",
    samples: ['pods "web" is forbidden: User "jim" cannot get resource "pods" in API group "" in the namespace "dev"'],
    read: (text) => denialsIn(text),
  },
];

for (const { name, samples, read } of readers) {
  t.test(`${name}: whatever it holds, it is read or refused in safe words`, async (t) => {
    const { numRuns, seed } = effort(150);
    t.not(samples.length, 0, "there are good texts to begin with");
    for (const sample of samples) t.equal(await judged(read, sample), "answered", `a good text: ${sample}`);
    const property = fc.asyncProperty(hostileText(samples), async (text) => void (await judged(read, text)));
    await t.resolves(fc.assert(property, { numRuns, seed, verbose: false }), `seed ${seed}`);
    t.equal(({} as Record<string, unknown>)["polluted"], undefined);
  });
}

/** Throws for what is a bug. */
async function judged(read: (text: string) => unknown, text: string): Promise<"answered" | "refused"> {
  let refused: UserError | undefined;
  try {
    await read(text);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    refused = error;
  }
  if ("polluted" in {}) throw new Error("a prototype was changed");
  if (refused === undefined) return "answered";
  if (HARMFUL.test(lineText(report(refused).lines))) throw new Error("unsafe words", { cause: refused });
  return "refused";
}
