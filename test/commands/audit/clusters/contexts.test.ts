import t from "tap";
import { severalClusters, type ClustersOptions } from "../../../../lib/commands/audit/clusters/contexts.ts";
import { fakeWorld } from "../../../cli/fake-world.ts";
import { runAudit } from "../run.ts";
import { kubeconfig, type Context } from "./several.ts";

const cases: {
  name: string;
  contexts: (string | Context)[];
  current?: string;
  given: Partial<ClustersOptions>;
  want: string[] | undefined | RegExp;
}[] = [
  { name: "one context is no report about several", contexts: ["a", "b"], given: { context: "a" }, want: undefined },
  { name: "no flag is none either", contexts: ["a", "b"], given: {}, want: undefined },
  { name: "names with commas, in their order", contexts: ["a", "b", "c"], given: { context: "c,a" }, want: ["c", "a"] },
  { name: "a name twice is one cluster", contexts: ["a", "b"], given: { context: "a,b,a" }, want: ["a", "b"] },
  {
    name: "a context whose name has a comma is one",
    contexts: ["a,b", "a"],
    given: { context: "a,b" },
    want: undefined,
  },
  { name: "a slip is refused", contexts: ["a"], given: { context: "a,prd" }, want: /context "prd" does not exist/ },
  { name: "so is an empty name", contexts: ["a"], given: { context: "a," }, want: /context "" does not exist/ },
  { name: "a folder has no contexts", contexts: ["a"], given: { context: "a,b", manifests: ["x"] }, want: undefined },
  { name: "all of them, by name", contexts: ["b", "a"], given: { allContexts: true }, want: ["a", "b"] },
  { name: "all of a single one", contexts: ["a"], given: { allContexts: true }, want: ["a"] },
  { name: "all of none", contexts: [], given: { allContexts: true }, want: /the kubeconfig has no contexts/ },
  {
    name: "contexts that differ in their namespace alone are one cluster, under the name that is current",
    contexts: [
      { name: "dev", cluster: "c", user: "u", namespace: "dev" },
      { name: "qa", cluster: "c", user: "u", namespace: "qa" },
      { name: "admin", cluster: "c", user: "root" },
    ],
    current: "qa",
    given: { allContexts: true },
    want: ["admin", "qa"],
  },
];

for (const { name, contexts, current, given, want } of cases) {
  t.test(name, async (t) => {
    const options = { allContexts: false, clusterTimeout: undefined, kubeconfig: kubeconfig(t, contexts, current) };
    const ask = () => severalClusters({ ...options, ...given }, fakeWorld());
    if (want instanceof RegExp) t.throws(ask, { kind: "usage", message: want } satisfies object);
    else t.same(ask()?.contexts, want);
  });
}

t.test("which context is left out is said", async (t) => {
  const world = fakeWorld();
  const file = kubeconfig(t, [
    { name: "b", cluster: "c", user: "u" },
    { name: "a", cluster: "c", user: "u" },
  ]);
  const found = severalClusters({ allContexts: true, clusterTimeout: 5, kubeconfig: file }, world);
  t.same(found, { contexts: ["b"], timeout: 5 });
  t.equal(world.stderr, 'Context "a" is the same cluster and user as "b".\n');
});

const refusals: { words: string[]; says: RegExp }[] = [
  { words: ["--all-contexts", "--context", "a"], says: /--all-contexts takes the clusters from the kubeconfig/ },
  { words: ["matrix", "--all-contexts", "--manifests", "x"], says: /and --manifests names one/ },
  { words: ["privileged", "--all-contexts", "--server", "https://x"], says: /and --server names one/ },
  { words: ["who-can", "get", "pods", "--all-contexts", "--cluster", "x"], says: /and --cluster names one/ },
  { words: ["findings", "--all-contexts", "--cluster-timeout", "0"], says: /is no time at all/ },
];
for (const { words, says } of refusals) {
  t.test(`audit ${words.join(" ")} is refused`, async (t) => {
    const { code, stderr } = await runAudit({ objects: [] }, ...words);
    t.equal(code, 2);
    t.match(stderr, says);
  });
}

for (const words of [[], ["findings"], ["who-can"], ["matrix"], ["privileged"], ["unused"], ["drift"]])
  t.test(`the help of ${["audit", ...words].join(" ")} says that --context takes several`, async (t) => {
    const { stdout } = await runAudit({}, ...words, "--help");
    t.match(
      stdout.replaceAll(/\s+/g, " "),
      "--context NAME The kubeconfig context to use. Several, with commas between",
    );
    t.notMatch(stdout, /--kubeconfig/, "what is as everywhere is not shown");
  });
