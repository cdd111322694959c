// The licence texts of everything that is handed out.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * One text: for each package that a bundle took a file from, and for each of `others`, which goes by another name than its
 * package, name, version, licence and the licence's words. `inputs` are the files of esbuild's metafiles, relative to `root`. Throws for a package
 * that says nothing of its licence: it must not be handed out.
 */
export function licenceTexts(
  inputs: Iterable<string>,
  root: string,
  others: readonly { name: string; folder: string }[] = [],
): string {
  const folders = new Set([...inputs].flatMap((input) => packageFolder(input) ?? []));
  const packages = [
    ...others.map(({ name, folder }) => ({ ...described(folder), name })),
    ...[...folders].toSorted().map((folder) => described(join(root, folder))),
  ];
  return packages.map((one) => section(one, packages)).join(`\n${"-".repeat(80)}\n\n`);
}

interface Described {
  name: string;
  version: string;
  license?: string;
  repository?: { url?: string } | string;
  text: string | undefined;
}

function described(folder: string): Described {
  const about: Omit<Described, "text"> = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((one) => /^(licen[cs]e|copying)(\.|-|$)/i.test(one));
  return { ...about, text: file === undefined ? undefined : readFileSync(join(folder, file), "utf8").trim() };
}

/** A package may leave its text to another one of the same repository. */
function section({ name, version, license, repository, text }: Described, packages: readonly Described[]): string {
  const shared = packages.find((one) => one.text !== undefined && url(one.repository) === url(repository))?.text;
  const words = text ?? (url(repository) === undefined ? undefined : shared);
  if (words === undefined && license === undefined) throw new Error(`${name} says nothing of its licence`);
  return `${name} ${version} (${license ?? "see below"})\n\n${words ?? "The package brings no text of its licence."}\n`;
}

function url(repository: Described["repository"]): string | undefined {
  return typeof repository === "string" ? repository : repository?.url;
}

/** The last package on the path: one may hold another. */
function packageFolder(input: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0];
}

/** The platform's own package of Node.js, whose `node` the executable is made of. */
export function nodeFolder(root: string): string {
  const modules = join(root, "node_modules");
  const name = readdirSync(modules).find((one) => /^node-(?:bin-)?(?:linux|darwin|win)-/.test(one));
  if (name === undefined) throw new Error("no package of Node.js is installed; try: npm ci");
  return join(modules, name);
}
