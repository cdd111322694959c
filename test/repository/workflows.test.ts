import { spawnSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { parseDocuments } from "../../lib/yaml.ts";
import { targets } from "../../krew/targets.ts";
import { tool } from "../tools/tools.ts";

// What GitHub runs and shows for this repository.
const root = join(import.meta.dirname, "..", "..");
const folder = join(root, ".github", "workflows");
const files = readdirSync(folder);

interface Job {
  permissions?: Record<string, string>;
  env?: Record<string, string>;
  steps: { name?: string; uses?: string; run?: string; with?: Record<string, unknown> }[];
  needs?: string;
  strategy?: { "fail-fast"?: boolean; matrix: { runner?: string[]; include?: { runner: string; target: string }[] } };
  "timeout-minutes"?: number;
  "continue-on-error"?: boolean;
}
interface Workflow {
  on: object;
  permissions?: unknown;
  jobs: Record<string, Job>;
}
const read = (path: string): unknown =>
  parseDocuments(readFileSync(path, "utf8"), { source: path, dialect: "strict" })[0];
/** What the jobs of a release may write: the release itself, and the image. */
const releaseWrites: Record<string, string[]> = {
  publish: ["attestations", "contents", "id-token"],
  image: ["packages"],
};
const workflows = files.map((file) => ({ file, workflow: read(join(folder, file)) as Workflow }));

t.test("actionlint finds nothing in the workflows", async (t) => {
  const { status, stdout } = spawnSync(await tool("actionlint"), ["-shellcheck=", "-pyflakes="], {
    cwd: root,
    encoding: "utf8",
  });
  t.same({ status, stdout }, { status: 0, stdout: "" });
  const broken = spawnSync(await tool("actionlint"), ["-"], { input: "on: pushed\njobs: {}\n", encoding: "utf8" });
  t.equal(broken.status, 1, "it would find something");
});

for (const { file, workflow } of workflows) {
  t.test(`${file}: every action is pinned by its hash, and says of which version that is`, async (t) => {
    const uses = readFileSync(join(folder, file), "utf8").match(/^.*\buses:.*$/gm) ?? [];
    t.ok(uses.length > 0);
    for (const line of uses) t.match(line, /uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  t.test(`${file}: nothing is permitted but what a job names, and no checkout keeps a token`, async (t) => {
    t.same(workflow.permissions, {});
    for (const [name, job] of Object.entries(workflow.jobs)) {
      t.ok(job.permissions, `${name} names its permissions`);
      t.ok(job["timeout-minutes"], `${name} ends`);
      const writes = Object.entries(job.permissions ?? {}).filter(([, level]) => level === "write");
      t.same(
        writes.map(([scope]) => scope).toSorted(),
        file === "release.yml" ? (releaseWrites[name] ?? []) : [],
        `${name} writes`,
      );
      for (const step of job.steps.filter(({ uses }) => uses?.startsWith("actions/checkout@")))
        t.equal(step.with?.["persist-credentials"], false);
    }
  });

  t.test(`${file}: nothing that others can choose is put into a script`, async (t) => {
    const scripts = Object.values(workflow.jobs).flatMap(({ steps }) => steps.map(({ run = "" }) => run));
    t.same(
      scripts.filter((script) => script.includes("${{")),
      [],
    );
  });
}

t.test("a pull request runs all checks, a tag all checks and the release", async (t) => {
  const runs = (file: string) =>
    Object.values(workflows.find((one) => one.file === file)?.workflow.jobs ?? {}).flatMap(({ steps }) =>
      steps.map(({ run = "" }) => run),
    );
  t.ok(runs("check.yml").includes(".ci/run"));
  t.ok(runs("release.yml").includes(".ci/run"));
  t.match(runs("release.yml").join("\n"), /npm run release:dry -- --tag "\$TAG"/);
});

t.test(
  "a release is checked for known faults of what it hands on, before anything else, by the lockfile alone",
  async (t) => {
    const check = workflows.find(({ file }) => file === "release.yml")?.workflow.jobs["check"];
    const scripts = (check?.steps ?? []).flatMap(({ run }) => run ?? []);
    t.equal(scripts[0], "npm audit --package-lock-only --omit=dev --audit-level=moderate");
    t.ok(scripts.length > 1, "nothing of it is installed by then");
  },
);

const digest = `sha256:${"0a".repeat(32)}`;
const lookups: { name: string; registry: string; base?: string }[] = [
  { name: "the digest that the registry names", registry: `echo '"${digest}"'`, base: digest },
  { name: "a registry that is not reached", registry: "exit 1" },
  { name: "a tag that is not there", registry: "echo not found >&2; exit 1" },
  { name: "an answer that is empty", registry: "true" },
  { name: "an answer without a digest", registry: "echo null" },
  { name: "a digest that is cut", registry: `echo '"${digest.slice(0, -1)}"'` },
  { name: "more than a digest", registry: `echo '"${digest}"'; echo MediaType` },
];
for (const { name, registry, base } of lookups)
  t.test(`the base of a release's image: ${name} ${base ? "is taken" : "ends the job"}`, async (t) => {
    const job = workflows.find(({ file }) => file === "release.yml")?.workflow.jobs["image"];
    const script = job?.steps.find((step) => step.name === "Ask the registry for the digest of the base")?.run;
    const image = job?.env?.["BASE_IMAGE"] ?? "";
    t.match(image, /^gcr\.io\/distroless\/cc-debian\d+:nonroot$/);
    // The registry is what this test plays; the script is the workflow's own, in the shell that GitHub runs it by.
    const place = t.testdir({ docker: `#!/bin/sh\n${registry}\n`, environment: "" });
    chmodSync(join(place, "docker"), 0o755);
    const { status } = spawnSync("bash", ["--noprofile", "--norc", "-e", "-c", script ?? "false"], {
      env: {
        PATH: `${place}:${process.env["PATH"]}`,
        BASE_IMAGE: image,
        GITHUB_ENV: join(place, "environment"),
      },
    });
    t.equal(status === 0, base !== undefined);
    t.equal(readFileSync(join(place, "environment"), "utf8"), base ? `BASE=${image}@${base}\n` : "");
  });

const answers: { name: string; program: string; isTaken: boolean }[] = [
  {
    name: "answers no",
    program: "case $1 in can-i) echo 'no - jim cannot steal deploy/web'; exit 1 ;; esac",
    isTaken: true,
  },
  { name: "does not start", program: "exit 127", isTaken: false },
  { name: "starts, and fails where it answers", program: "case $1 in can-i) exit 70 ;; esac", isTaken: false },
  { name: "fails with the code of an answer", program: "case $1 in can-i) exit 1 ;; esac", isTaken: false },
  { name: "says yes to everything", program: "echo yes", isTaken: false },
  { name: "answers no, and not as its code", program: "echo 'no - jim cannot steal deploy/web'", isTaken: false },
];
for (const { name, program, isTaken } of answers)
  t.test(`an executable that ${name} ${isTaken ? "is released" : "ends the release"}`, async (t) => {
    const jobs = workflows.find(({ file }) => file === "release.yml")?.workflow.jobs;
    const script = jobs?.["try"]?.steps.find((step) => step.name === "Try the executable")?.run;
    t.match([jobs?.["publish"]?.needs, jobs?.["try"]?.needs], ["try", "build"]);
    // What is played is the other job's artifact; the script is the workflow's own, in the shell that GitHub runs it by.
    const gh =
      "#!/bin/sh\nmkdir release && tar -czf release/kubectl-mirrord_v1.0.0_linux_amd64.tar.gz kubectl-mirrord\n";
    const place = t.testdir({ gh, "kubectl-mirrord": `#!/bin/sh\n${program}\n` });
    for (const file of ["gh", "kubectl-mirrord"]) chmodSync(join(place, file), 0o755);
    const { status } = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script ?? "exit 0"], {
      cwd: place,
      env: { PATH: `${place}:${process.env["PATH"]}`, TAG: "v1.0.0", TARGET: "linux_amd64" },
    });
    t.equal(status === 0, isTaken);
  });

const recordings: { name: string; api: string; download: string; code: string[] | undefined }[] = [
  {
    name: "of two platforms is handed to the build",
    api: "echo code-caches-ubuntu-24.04; echo code-caches-macos-15",
    download:
      "mkdir -p recorded/code-caches-ubuntu-24.04/linux_amd64 recorded/code-caches-macos-15/darwin_arm64; " +
      "touch recorded/code-caches-ubuntu-24.04/linux_amd64/belongs-to",
    code: ["darwin_arm64", "linux_amd64"],
  },
  {
    name: "of no platform leaves the build without",
    api: "true",
    download: "echo 'no valid artifacts found to download' >&2; exit 1",
    code: [],
  },
  {
    name: "of no platform, beside artifacts of others, leaves the build without",
    api: "echo release",
    download: "echo 'no artifact matches any of the names or patterns provided' >&2; exit 1",
    code: [],
  },
  { name: "that cannot be looked for ends the build", api: "exit 1", download: "true", code: undefined },
  {
    name: "that is there and cannot be downloaded ends the build",
    api: "echo code-caches-macos-15",
    download: "exit 1",
    code: undefined,
  },
];
for (const { name, api, download, code } of recordings)
  t.test(`compiled code ${name}`, async (t) => {
    const build = workflows.find(({ file }) => file === "release.yml")?.workflow.jobs["build"];
    const script = build?.steps.find((step) => step.name === "Bring the compiled code together")?.run;
    // What is played is GitHub; the script is the workflow's own, in the shell that GitHub runs it by.
    const place = t.testdir({
      bin: { gh: `#!/bin/sh\ncase $1 in api) ${api} ;; run) ${download} ;; esac\n` },
      work: {},
    });
    chmodSync(join(place, "bin", "gh"), 0o755);
    const { status } = spawnSync("bash", ["--noprofile", "--norc", "-e", "-c", script ?? "false"], {
      cwd: join(place, "work"),
      env: { PATH: `${join(place, "bin")}:${process.env["PATH"]}`, GITHUB_RUN_ID: "1", GITHUB_REPOSITORY: "a/b" },
    });
    t.equal(status === 0, code !== undefined);
    if (code) t.same(readdirSync(join(place, "work", "code-caches")).toSorted(), code);
  });

t.test("a recording that fails does not end the release", async (t) => {
  const jobs = workflows.find(({ file }) => file === "release.yml")?.workflow.jobs;
  t.equal(jobs?.["build"]?.needs, "record");
  t.equal(jobs?.["record"]?.["continue-on-error"], true);
  t.equal(jobs?.["record"]?.strategy?.["fail-fast"], false, "nor do the others");
});

t.test("every platform that is released is recorded and tried on a machine of its own", async (t) => {
  const jobs = workflows.find(({ file }) => file === "release.yml")?.workflow.jobs;
  const tried = jobs?.["try"]?.strategy?.matrix.include ?? [];
  t.same(
    tried.map(({ target }) => target),
    targets.map(({ name }) => name),
  );
  t.same(
    jobs?.["record"]?.strategy?.matrix.runner,
    tried.map(({ runner }) => runner),
  );
});

t.test(
  "a release's image is made of its archives, as their checksums say, on the base that was looked up",
  async (t) => {
    const steps = workflows.find(({ file }) => file === "release.yml")?.workflow.jobs["image"]?.steps ?? [];
    const scripts = steps.map(({ run = "" }) => run).join("\n");
    t.match(scripts, /gh release download[^]*sha256sum --check[^]*docker build/);
    t.match(scripts, '--build-arg "BASE=$BASE"');
    t.notMatch(readFileSync(join(folder, "release.yml"), "utf8"), /sha256:[0-9a-f]{64}/, "no digest is written down");
  },
);

t.test("issue forms have what a form needs", async (t) => {
  const forms = join(root, ".github", "ISSUE_TEMPLATE");
  for (const file of readdirSync(forms).filter((name) => name !== "config.yml")) {
    const form = read(join(forms, file)) as {
      name?: string;
      description?: string;
      body: { type: string; id?: string }[];
    };
    t.ok(form.name && form.description, file);
    const ids = form.body.flatMap(({ type, id }) => (type === "markdown" ? [] : [id]));
    t.ok(ids.length > 0 && ids.every((id) => id !== undefined), `${file}: every field has an id`);
    t.equal(new Set(ids).size, ids.length, `${file}: and no two the same`);
    for (const { type } of form.body) t.match(type, /^(markdown|textarea|input|dropdown|checkboxes)$/);
  }
});
