// What this project takes from others: exactly what is locked, without code that runs when it is installed, under licences
// that let it be passed on.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";

const root = join(import.meta.dirname, "..", "..");
const text = (path: string): string => readFileSync(join(root, path), "utf8");

interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  license?: string;
  dev?: boolean;
  hasInstallScript?: boolean;
}
const lock = JSON.parse(text("package-lock.json")) as { packages: Record<string, Locked> };
const packages = Object.entries(lock.packages).filter(([path]) => path !== "");
const wrong = (isWrong: (locked: Locked) => boolean) =>
  packages.filter(([, locked]) => isWrong(locked)).map(([path]) => path);

t.test("every package is pinned by the hash of its contents, and none comes from somewhere else", async (t) => {
  t.ok(packages.length > 100);
  t.same(
    wrong(({ integrity = "" }) => !/^sha512-[\w+/]{86}==$/.test(integrity)),
    [],
  );
  t.same(
    wrong(({ resolved }) => resolved !== undefined),
    [],
    "no address of a host, of a repository or of a file",
  );
});

t.test("every dependency is an exact version", async (t) => {
  const manifest = JSON.parse(text("package.json")) as Record<string, Record<string, string>>;
  const given = ["dependencies", "devDependencies", "optionalDependencies"].flatMap((kind) =>
    Object.entries(manifest[kind] ?? {}),
  );
  t.same(
    given.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
    [],
  );
});

t.test("nothing of theirs runs at installation", async (t) => {
  t.match(text(".npmrc"), /^ignore-scripts=true$/m);
  t.same(
    wrong(({ hasInstallScript }) => hasInstallScript === true),
    ["node_modules/esbuild"],
    "whoever has such a script works without it; a new one is looked at first",
  );
});

/** Licences of what is handed on inside an executable or a bundle: each lets that be done if its text comes along. */
const permissive = new Set([
  "MIT",
  "ISC",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "0BSD",
  "BlueOak-1.0.0",
  "PSF-2.0",
  "Unlicense",
]);
/** Of tools that stay with the developer, besides. */
const forTools = new Set([
  ...permissive,
  "CC0-1.0",
  "CC-BY-3.0",
  "CC-BY-4.0",
  "MPL-2.0",
  "(MIT OR WTFPL)",
  "(WTFPL OR MIT)",
  "(MIT OR CC0-1.0)",
  "(BSD-2-Clause OR MIT OR Apache-2.0)",
]);
/** Says so in a file only. */
const unstated: Record<string, string> = { "node_modules/jsonc-simple-parser": "MIT" };

t.test("every licence is one that allows what is done", async (t) => {
  const license = (path: string, { license: stated }: Locked) => stated ?? unstated[path] ?? "none";
  t.same(
    packages.flatMap(([path, locked]) => {
      const allowed = locked.dev === true ? forTools : permissive;
      return allowed.has(license(path, locked)) ? [] : [`${path}: ${license(path, locked)}`];
    }),
    [],
  );
});
