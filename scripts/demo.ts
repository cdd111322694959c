// The main job on a copy of the example cluster, with the real commands and their real output: npm run demo
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { companyGrants, companyParts, companyQuestions } from "./company.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-demo-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
cpSync(join(root, "examples"), join(folder, "cluster"), { recursive: true });

const bold = (text: string) =>
  process.stdout.isTTY && process.env["NO_COLOR"] === undefined ? `\u001b[1m${text}\u001b[0m` : text;

function say(text: string): void {
  process.stdout.write(`\n${text}\n`);
}

/** Runs a command in the copy, shows it with its output, and stops the demo when its exit code is not the expected one. */
function show(command: string, expected: number): string {
  process.stdout.write(`\n${bold(`$ ${command}`)}\n`);
  const path = [join(root, "bin"), process.env["PATH"] ?? ""].join(":");
  const env = { ...process.env, PATH: path };
  // `kubectl mirrord …` is `kubectl-mirrord …`: kubectl itself is not needed for a folder of manifests.
  const run = command.replace(/^kubectl mirrord /, "kubectl-mirrord ");
  const { status, stdout, stderr } = spawnSync("sh", ["-c", run], { cwd: folder, env, encoding: "utf8" });
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  if (status !== expected) {
    process.stderr.write(`\nerror: the demo expected exit code ${expected} and got ${status ?? "none"}\n`);
    process.exit(70);
  }
  return stdout;
}

const ask = "kubectl mirrord can-i steal deploy/web -n dev --as jim --manifests cluster";

say(
  "A cluster as a folder of manifests, with the mirrord operator in it. Jim wants to steal traffic of deployment web:",
);
const refusal = show(ask, 1);

const command = /kubectl mirrord grant [^#\n]*/.exec(refusal)?.[0].trim();
if (command === undefined) throw new Error("the refusal names no command to paste");
say("The answer ends with the command that an administrator can paste. That one exactly:");
show(command, 0);

say("Now it works, and each step says who allowed it:");
show(`${ask} --explain`, 0);

say("What was written is ordinary RBAC:");
show("kubectl mirrord grant list --manifests cluster", 0);
const [written = ""] = readdirSync(join(folder, "cluster", "mirrord-access"));
show(`cat cluster/mirrord-access/${written}`, 0);

say("And back again:");
show("kubectl mirrord grant revoke jim --manifests cluster", 0);
show(ask, 1);

say("A company: two organizations with four teams, and three collections of namespaces. Who belongs where:");
cpSync(join(root, "examples"), join(folder, "company"), { recursive: true });
const inCompany = (each: string) => show(`${each} --manifests company`, 0);
companyParts.forEach(inCompany);
say("Teams and organizations are granted access to collections:");
companyGrants.forEach(inCompany);
say("So this is what everybody has, and whoever leaves a team loses what came with it:");
companyQuestions.forEach(inCompany);

say("The operator itself, as objects to keep in a repository. Beside the same workloads they are a cluster, too:");
mkdirSync(join(folder, "fresh"));
show("kubectl mirrord install -o yaml --license-secret mirrord-license > fresh/operator.yaml", 0);
cpSync(join(folder, "cluster", "dev.yaml"), join(folder, "fresh", "dev.yaml"));
show("kubectl mirrord grant jim --ns dev --manifests fresh", 0);
show("kubectl mirrord can-i steal deploy/web -n dev --as jim --manifests fresh", 0);

say(
  [
    bold("Try next:"),
    "  npm run cluster                         a real control plane on this machine, with contexts for jim and an administrator",
    "  npm run cluster -- --empty              the same without an operator, to install it by hand",
    "  npm run -s kubectl-mirrord -- --help    the commands, from this checkout",
    "  docs/                                   a page for each command",
  ].join("\n"),
);
