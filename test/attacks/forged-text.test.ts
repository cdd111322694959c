// Names and texts that deceive: what nobody sees is not granted to and never printed, and what is printed to be pasted is a
// command and nothing else. Objects are written past the plugins, as whoever may write RBAC could.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { apiRequest } from "../control-plane/request.ts";
import { startExampleCluster } from "../e2e/example-cluster.ts";
import { until } from "../until.ts";

const cluster = await startExampleCluster();
const folder = mkdtempSync(join(tmpdir(), "kubectl-mirrord-forged-"));
t.teardown(async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});
const admin = (...words: string[]) => cluster.kubectl("admin", "mirrord", ...words);

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
async function stored(path: string, body?: object, method?: string): Promise<unknown> {
  const { token } = cluster.plane.admin;
  const headers = { "Content-Type": method === "PATCH" ? "application/merge-patch+json" : "application/json" };
  const answer = await apiRequest(cluster.plane, {
    token,
    path,
    headers,
    ...(body === undefined ? {} : { body }),
    ...(method === undefined ? {} : { method }),
  });
  if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}
const bindings = async () =>
  (await stored(`${RBAC}/clusterrolebindings`)) as {
    items: { metadata: { name: string; labels?: Record<string, string> }; subjects?: { name: string }[] }[];
  };

const unseen: Record<string, string> = {
  "a Hangul filler": "\u3164",
  "a leading consonant's filler": "\u115f",
  "a vowel's filler": "\u1160",
  "a grapheme joiner": "\u034f",
  "a variation selector": "\ufe0f",
  "an empty Braille pattern": "\u2800",
  "a zero-width space": "\u200b",
  "a right-to-left override": "\u202e",
  "a tag": "\u{e0041}",
  "a no-break space": "\u00a0",
  "a replaced byte": "\ufffd",
};
const anyUnseen = new RegExp(`[${Object.values(unseen).join("")}]`, "u");

t.test("what nobody sees is in no name that is granted to", async (t) => {
  const before = (await bindings()).items.length;
  for (const [index, [what, character]] of Object.entries(unseen).entries()) {
    const subject = index % 2 === 0 ? `li${character}m` : `group:ops${character}`;
    const ran = await admin("grant", subject, "--ns", "dev", "-y");
    t.equal(ran.code, 2, what);
    t.match(ran.stderr, /a character that nobody sees/, what);
    t.notMatch(ran.stderr, anyUnseen, what);
  }
  t.equal((await bindings()).items.length, before, "nothing was written");
});

t.test("what was forged past the plugins is shown escaped everywhere", async (t) => {
  t.equal((await admin("grant", "mia", "--ns", "dev", "--reason", "INC-1")).code, 0);
  const own = (await bindings()).items.find(({ subjects }) => subjects?.some(({ name }) => name === "mia"));
  const id = own?.metadata.labels?.["kubectl-mirrord.io/grant"] ?? "";
  const all = Object.values(unseen).join("");
  const annotations = {
    "kubectl-mirrord.io/reason": `fine${all}\nStatus: ok`,
    "kubectl-mirrord.io/granted-by": `boss${all}`,
  };
  await stored(`${RBAC}/clusterrolebindings/${own?.metadata.name}`, { metadata: { annotations } }, "PATCH");
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "mirrord-operator-user" };
  const subjects = [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: `mia${all}` }];
  await stored(`${RBAC}/namespaces/dev/rolebindings`, { metadata: { name: "by-hand" }, roleRef, subjects });
  const shown: string[][] = [
    ["grant", "list", "-o", "wide"],
    ["grant", "list", "-o", "yaml"],
    ["grant", "list", "-o", "json"],
    ["grant", "describe", id],
    ["grant", "matrix"],
    ["grant", "explain", `mia${all}`, "deploy/web", "-n", "dev"],
    ["can-i", "deploy/web", "-n", "dev", "--as", `mia${all}`, "--as-group", "x", "--explain"],
    ["can-i", "deploy/web", "-n", "dev", "--as", `mia${all}`, "--as-group", "x", "-o", "yaml"],
  ];
  for (const words of shown) {
    const { stdout, stderr } = await admin(...words);
    t.notMatch(stdout + stderr, anyUnseen, words.join(" "));
    t.notMatch(stdout, /^Status: ok/m, `${words.join(" ")}: a value makes no line`);
  }
  t.match((await admin("grant", "list", "-o", "wide")).stdout, /\\u\{3164\}/);
});

t.test("a command that is printed for a hostile name grants to that name, and does nothing else", async (t) => {
  const touched = join(folder, "touched");
  const names = [
    `x'; touch ${touched}; #`,
    `\\';touch ${touched};#'`,
    `$(touch ${touched})`,
    `\`touch ${touched}\``,
    `-y & touch ${touched}`,
    "=ls",
    "%self",
    "~root",
  ];
  for (const name of names) {
    const asked = await admin("can-i", "deploy/web", "-n", "dev", "--as", `user:${name}`, "--as-group", "nobody");
    t.equal(asked.code, 1, asked.stderr);
    const command = /^ +(kubectl mirrord grant .*?)(?: +# .*)?$/m.exec(asked.stdout)?.[1] ?? "";
    const ran = await cluster.shell("admin", command);
    t.equal(ran.code, 0, `${command}: ${ran.stderr}`);
    const granted = (await bindings()).items.flatMap(({ subjects }) => subjects ?? []).some((one) => one.name === name);
    t.ok(granted, `${name} has it`);
    t.notOk(existsSync(touched), "and nothing else ran");
    await until(`${name} is told yes`, async () => {
      const { code } = await admin(
        "can-i",
        "deploy/web",
        "-n",
        "dev",
        "--as",
        `user:${name}`,
        "--as-group",
        "nobody",
        "-q",
      );
      return code === 0;
    });
  }
});
