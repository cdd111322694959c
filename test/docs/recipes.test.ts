// The examples for pull requests, run as their CI would: each command line of the YAML, in a real Git repository.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { parseDocuments } from "../../lib/yaml.ts";
import { tool } from "../tools/tools.ts";

const root = join(import.meta.dirname, "../..");
const recipe = (file: string): string => join(root, "docs", "recipes", file);
const read = (file: string): unknown =>
  parseDocuments(readFileSync(recipe(file), "utf8"), { source: file, dialect: "strict" })[0];

interface Workflow {
  permissions: object;
  jobs: { access: { permissions: object; steps: { name?: string; uses?: string; run?: string }[] } };
}
interface Pipeline {
  access: { script: string[]; before_script: string[]; artifacts: { paths: string[] } };
}
const workflow = read("github-actions.yaml") as Workflow;
const pipeline = read("gitlab-ci.yaml") as Pipeline;

/** What each of them runs once the program is there. */
const scripts: Record<string, string[]> = {
  GitHub: workflow.jobs.access.steps.flatMap(({ name, run }) =>
    run === undefined || name === "Install kubectl-mirrord" ? [] : [run],
  ),
  GitLab: pipeline.access.script,
};

const wide = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: helpers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: helpers}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: eve}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: helpers}
rules: [{apiGroups: [""], resources: [users, groups], verbs: [impersonate]}]
`;
const harmless = `apiVersion: v1
kind: ServiceAccount
metadata: {name: builder, namespace: dev}
`;

/** A repository whose main branch has the example cluster, with a change on top; its folder, and the commit before. */
function repository(folder: string, change: string): string {
  const git = (...words: string[]): string => {
    const { status, stdout, stderr } = spawnSync(
      "git",
      ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main", ...words],
      { cwd: folder, encoding: "utf8" },
    );
    if (status !== 0) throw new Error(stderr);
    return stdout.trim();
  };
  mkdirSync(folder, { recursive: true });
  git("init", "-q");
  cpSync(join(root, "examples"), join(folder, "cluster"), { recursive: true });
  git("add", ".");
  git("commit", "-qm", "before");
  const base = git("rev-parse", "HEAD");
  writeFileSync(join(folder, "cluster", "change.yaml"), change);
  git("add", ".");
  git("commit", "-qm", "after");
  return base;
}

/** Runs each line as the runners do (`bash -e`) until one fails; what reviewers are shown, and the line that failed. */
function runScripts(
  lines: readonly string[],
  folder: string,
  base: string,
): { failed: string | undefined; shown: string } {
  const summary = join(folder, "summary.md");
  writeFileSync(summary, "");
  const env = {
    ...process.env,
    PATH: [join(root, "bin"), process.env["PATH"]].join(":"),
    BASE_SHA: base,
    CI_MERGE_REQUEST_DIFF_BASE_SHA: base,
    GITHUB_STEP_SUMMARY: summary,
    HOME: folder,
    KUBECONFIG: join(folder, "none"),
  };
  const failed = lines.find((line) => spawnSync("bash", ["-e", "-c", line], { cwd: folder, env }).status !== 0);
  const diff = spawnSync("cat", [summary, "diff.md"], { cwd: folder, encoding: "utf8" });
  return { failed, shown: diff.stdout };
}

for (const [host, lines] of Object.entries(scripts)) {
  t.test(`${host}: a harmless change passes, and the reviewer is told that nobody gains anything`, async (t) => {
    const folder = join(t.testdir({}), "repository");
    const base = repository(folder, harmless);
    const { failed, shown } = runScripts(lines, folder, base);
    t.equal(failed, undefined);
    t.match(shown, /Nobody gains or loses anything\./);
  });

  t.test(`${host}: a way to become somebody else fails, after the reviewer was told who gains what`, async (t) => {
    const folder = join(t.testdir({}), "repository");
    const base = repository(folder, wide);
    const { failed, shown } = runScripts(lines, folder, base);
    t.match(failed, /--baseline base\.json --fail-on high/);
    t.match(shown, /eve \| gains \| impersonate/);
  });
}

t.test(
  "GitOps: the commands about a folder write the files that the tools apply, and are in sync with them",
  async (t) => {
    const folder = join(t.testdir({}), "repository");
    repository(folder, harmless);
    const text = readFileSync(recipe("gitops.md"), "utf8");
    const lines = [...text.matchAll(/(?:^|`)(kubectl mirrord grant [^`\n]*--manifests cluster)/gm)].map(
      ([, line = ""]) => line,
    );
    t.ok(lines.length >= 3, lines.join("\n"));
    const env = {
      ...process.env,
      PATH: [join(root, "bin"), process.env["PATH"]].join(":"),
      KUBECONFIG: join(folder, "none"),
    };
    for (const line of lines) {
      const words = ["-e", "-c", line.replace("kubectl mirrord", "kubectl-mirrord")];
      const ran = spawnSync("bash", words, { cwd: folder, env, encoding: "utf8" });
      t.equal(ran.status, 0, `${line}: ${ran.stderr}`);
    }
    t.match(
      readdirSync(join(folder, "cluster", "mirrord-access")).join(" "),
      /^oidc-web-dev-[a-z0-9]+\.yaml role-reads\.yaml$/,
    );
    const [argo, flux] = [...text.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(
      ([, body = ""]) => parseDocuments(body, { source: "gitops.md", dialect: "strict" })[0],
    );
    t.match(argo, { kind: "Application", spec: { source: { path: "cluster/mirrord-access" } } });
    t.match(flux, { kind: "Kustomization", spec: { path: "./cluster/mirrord-access" } });
  },
);

t.test(
  "actionlint finds nothing in the workflow; every action is pinned; nothing is permitted but reading",
  async (t) => {
    const { status, stdout } = spawnSync(
      await tool("actionlint"),
      ["-shellcheck=", "-pyflakes=", recipe("github-actions.yaml")],
      {
        cwd: root,
        encoding: "utf8",
      },
    );
    t.same({ status, stdout }, { status: 0, stdout: "" });
    for (const { uses } of workflow.jobs.access.steps) if (uses !== undefined) t.match(uses, /@[0-9a-f]{40}$/);
    t.same(workflow.permissions, {});
    t.same(workflow.jobs.access.permissions, { contents: "read" });
    for (const { run = "" } of workflow.jobs.access.steps)
      t.notMatch(run, /\$\{\{/, "nothing others choose is in a script");
  },
);

t.test("what is downloaded is checked before it runs", async (t) => {
  const install = workflow.jobs.access.steps.find(({ name }) => name === "Install kubectl-mirrord")?.run ?? "";
  for (const script of [install, pipeline.access.before_script.join("\n")])
    t.ok(script.indexOf("sha256sum --check") > 0 && script.indexOf("sha256sum") < script.indexOf("tar "), script);
});
