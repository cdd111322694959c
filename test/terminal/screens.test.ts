// What a person sees most, on a real terminal of 80, 100 and 120 columns: widths, and each screen as it looks in
// screens/. Where a change is meant, UPDATE_SCREENS=1 writes them anew: look at each.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";
import t from "tap";
import { exampleCluster, longCluster, longNames, shortNames, type Names } from "./clusters.ts";
import { entry } from "../commands/session-cluster.ts";
import type { Shown } from "./shown.ts";

const clusters = {
  examples: { names: shortNames, make: exampleCluster },
  "long names": { names: longNames, make: longCluster },
} as const;

const widths = [80, 100, 120] as const;

/** The most-seen screens, in an order in which each finds what it shows. */
function screens({ user, group, namespace, deployment, policy }: Names): Shown["screens"] {
  const target = `deploy/${deployment}`;
  const on = ["-n", namespace];
  return [
    { name: "can-i: no", words: ["can-i", "steal", target, ...on, "--as", user, "--as-group", "x"] },
    { name: "can-i: unknown", words: ["can-i", "copy", target, ...on, "--as", user] },
    { name: "can-i: not there", words: ["can-i", "steal", `${target}x`, ...on, "--as", user] },
    { name: "grant", words: ["grant", user, "--ns", namespace, "--for", "8h", "--reason", "INC-42"] },
    { name: "grant again", words: ["grant", user, "--ns", namespace, "--for", "8h"] },
    { name: "can-i: no by a policy", words: ["can-i", "steal", target, ...on, "--as", user] },
    { name: "can-i: yes", words: ["can-i", "mirror", target, ...on, "--as", user] },
    { name: "can-i --explain", words: ["can-i", "mirror", target, ...on, "--as", user, "--explain"] },
    { name: "can-i --list", words: ["can-i", "--list", ...on, "--as", user] },
    { name: "grant list", words: ["grant", "list"] },
    { name: "grant describe", words: ["grant", "describe", user] },
    { name: "grant explain: yes", words: ["grant", "explain", user, target, ...on] },
    { name: "grant explain: no", words: ["grant", "explain", "bob", target, ...on] },
    { name: "grant matrix", words: ["grant", "matrix"] },
    { name: "grant extend", words: ["grant", "extend", user, "--for", "10h"] },
    { name: "grant sync", words: ["grant", "sync", "--check"] },
    { name: "audit who-can", words: ["audit", "who-can", "mirror", target, ...on] },
    { name: "policy list", words: ["policy", "list", ...on] },
    { name: "policy describe", words: ["policy", "describe", policy, ...on] },
    { name: "policy lint", words: ["policy", "lint", ...on] },
    { name: "policy test", words: ["policy", "test", target, ...on] },
    { name: "grant revoke", words: ["grant", "revoke", user] },
    { name: "grant revoke: a group", words: ["grant", "revoke", `group:${group}`] },
    { name: "session list", words: ["session", "list", "-A"] },
    { name: "session describe", words: ["session", "describe", "53DD990534E5695"] },
    { name: "session status", words: ["session", "status"] },
  ];
}

/** The operator's entries: one that steals, and one of somebody else. */
function sessions({ user, namespace, deployment }: Names): object[] {
  const target = `deployment/${deployment}`;
  const locked_ports = [{ port: 80, kind: "Steal", filter: "X-User: jim" }];
  return [
    entry("53DD990534E5695", {
      user: `Jim Doe/${user}@laptop`,
      namespace,
      target: `${target}/container/main`,
      locked_ports,
      duration_secs: 11_100,
    }),
    entry("1F00AB77C2D3E4F5", { user: "Ana/ana@desk", namespace, target, duration_secs: 60 }),
  ];
}

const program = join(import.meta.dirname, "program.ts");
const shellWord = (word: string) => `'${word}'`;

/** All screens of a cluster, as a terminal of so many columns gets them, with its colours; or a pipe. */
function show(name: keyof typeof clusters, columns: number | "pipe", env: NodeJS.ProcessEnv = {}): Map<string, string> {
  const { names, make } = clusters[name];
  const cwd = t.testdir({});
  make(join(cwd, "cluster"));
  const shown: Shown = { folder: "cluster", sessions: sessions(names), screens: screens(names) };
  writeFileSync(join(cwd, "screens.json"), JSON.stringify(shown));
  const command = [process.execPath, program, "screens.json"].map(shellWord).join(" ");
  const started = {
    cwd,
    env: { ...process.env, NO_COLOR: undefined, TERM: "xterm-256color", ...env },
    encoding: "utf8",
  } as const;
  const run =
    columns === "pipe"
      ? spawnSync("sh", ["-c", `${command} 2>&1 | cat`], started)
      : spawnSync("script", ["-qec", `stty cols ${columns} rows 50; ${command}`, "/dev/null"], {
          ...started,
          input: "",
        });
  if (run.status !== 0) throw new Error(`exit code ${run.status}: ${run.stdout}${run.stderr}`);
  const texts = run.stdout.replaceAll("\r\n", "\n").split(/^=== (.*) ===\n/m);
  return new Map(shown.screens.map(({ name: screen }) => [screen, texts[texts.indexOf(screen) + 1] ?? ""]));
}

const ESC = "\u001b";
const plain = (text: string): string => stripVTControlCharacters(text);
const letters = (text: string): string => plain(text).replaceAll(/\s/g, "");

/** Commands are longer than any terminal, and so may be a line that is no more than one name. */
function isExempt(line: string, columns: number): boolean {
  const isPaste = /^ {2}kubectl /.test(line);
  return isPaste || line.trim().split(" ").length === 1 || line.length <= columns;
}

// Rows are lines, and what a command takes stays whole: 120 columns are enough for usual names.
const lists = ["can-i --list", "grant list", "grant matrix", "policy list", "session list", "session status"];
// Each where the terminal decides what is beside what, and what of a list is shown.
const tables = new Set([...lists, "can-i --explain", "audit who-can", "policy lint", "policy test"]);
// Those that are kept as they look.
const mostSeen = new Set([
  "can-i: no",
  "can-i: unknown",
  "can-i: not there",
  "can-i: no by a policy",
  "can-i --explain",
  "can-i --list",
  "grant",
  "grant again",
  "grant list",
  "grant explain: no",
  "grant revoke",
  "session list",
]);

const files = join(import.meta.dirname, "screens");
const isUpdate = process.env["UPDATE_SCREENS"] === "1";

const isThere = spawnSync("script", ["--version"]).status === 0;
// Where everything is checked, it has to be there.
const skip = isThere || process.env["CI"] === "true" ? false : "no script(1) of util-linux on this machine";

t.test("what a person sees", { skip }, async (t) => {
  for (const cluster of ["examples", "long names"] as const) {
    const piped = show(cluster, "pipe");
    for (const columns of widths) {
      const shown = show(cluster, columns);
      const kept = [...shown].filter(([name]) => mostSeen.has(name));
      const text = kept.map(([name, screen]) => `=== ${name}\n${plain(screen)}`).join("\n");
      const file = join(files, `${cluster.replace(" ", "-")}-${columns}.txt`);
      if (isUpdate) writeFileSync(file, text);
      t.equal(text, readFileSync(file, "utf8"), `${cluster} on ${columns} columns`);
      for (const [name, screen] of shown) {
        const isFitting = cluster === "examples" ? columns >= 120 || !lists.includes(name) : !lists.includes(name);
        const tooLong = plain(screen)
          .split("\n")
          .filter((line) => !isExempt(line, columns));
        if (isFitting) t.same(tooLong, [], `${cluster}, ${name}: no line is wider than ${columns}`);
        if (!tables.has(name)) {
          t.equal(letters(screen), letters(piped.get(name) ?? ""), `${cluster}, ${name}: the same words as in a pipe`);
        }
      }
    }
  }
});

t.test("a no is at most a dozen lines, and what is not there one sentence", { skip }, async (t) => {
  const shown = show("examples", 80);
  const count = (name: string) =>
    plain(shown.get(name) ?? "")
      .trimEnd()
      .split("\n").length - 1;
  for (const name of ["can-i: no", "can-i: unknown", "can-i: no by a policy"])
    t.ok(count(name) <= 12, `${name}: ${count(name)}`);
  t.equal(count("can-i: not there"), 1);
});

t.test(
  "colours are on a terminal only, not with NO_COLOR or on a dumb one, and say nothing that words do not",
  { skip },
  async (t) => {
    const coloured = show("examples", 120);
    t.match(coloured.get("can-i: no"), `${ESC}[31mno${ESC}[39m - jim`);
    t.match(coloured.get("grant list"), `${ESC}[31mUNANCHORED${ESC}[39m`);
    t.match(coloured.get("policy lint"), `${ESC}[33mwarning${ESC}[39m`);
    const without = [show("examples", 120, { NO_COLOR: "1" }), show("examples", 120, { TERM: "dumb" })];
    for (const shown of without) {
      t.notOk([...shown.values()].join("").includes(ESC));
      t.same(
        [...shown],
        [...coloured].map(([name, screen]) => [name, plain(screen)]),
      );
    }
  },
);

t.test("in a pipe each row is a line, uncut", { skip }, async (t) => {
  const { user, namespace } = longNames;
  const row = (show("long names", "pipe").get("grant list") ?? "").split("\n").find((line) => line.includes(user));
  t.match(row, new RegExp(`^\\S{20} {3}${user} +user +${namespace} +<all> +UNANCHORED +8h +0s$`));
  t.match(show("examples", "pipe").get("grant list"), /clusterrole\/mirrord-operator-user-basic/);
});
