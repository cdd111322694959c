// What the documentation site consists of, from the pages of a checkout: they keep their places, so that their links stay right.
import { cpSync, globSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { commandWord } from "../../lib/cli/grammar/command.ts";
import { all } from "../../plugins/all.ts";

/** Of the list of pages, by the order of reading. */
export interface Item {
  text: string;
  link?: string;
  items?: Item[];
  collapsed?: boolean;
}

/** Folders of files that pages link to as they are. Each has a page that lists them, unless it has its own. */
const data = ["docs/schema", "docs/values", "docs/logs", "examples"];

/** The guides by the order of reading; one that is not named here comes after them. */
const guideOrder = [
  "glossary",
  "access-model",
  "administrators",
  "collections",
  "roles",
  "secure-defaults",
  "audit-findings",
  "permissions",
  "security",
  "mke",
  "comparison",
  "reliability",
  "requirements",
].map((name) => `docs/${name}.md`);

/** Pages that are about the project, and not about its use. */
const project = ["CHANGELOG.md", "SECURITY.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CODE_OF_CONDUCT.md"];

/** Whoever looks for a word wants what is so, and not when it came to be. */
const UNSEARCHED = "---\nsearch: false\n---\n\n";

/** Copies the pages and files to `folder`, and lists them. README.md becomes what a folder shows. */
export function copyPages(root: string, folder: string): Item[] {
  const pages = ["README.md", ...globSync("docs/**/*.md", { cwd: root }).toSorted(), ...project];
  for (const page of pages) {
    const text = asOnSite(readFileSync(join(root, page), "utf8"));
    write(join(folder, served(page)), page === "CHANGELOG.md" ? `${UNSEARCHED}${text}` : text);
  }
  // Examples that lie beside the page about them.
  for (const file of globSync("docs/*/*.yaml", { cwd: root })) cpSync(join(root, file), join(folder, "public", file));
  for (const from of data) {
    cpSync(join(root, from), join(folder, "public", from), { recursive: true });
    const list = `${from}/README.md`;
    if (!pages.includes(list)) {
      write(join(folder, served(list)), listPage(from, readdirSync(join(root, from)).toSorted()));
      pages.push(list);
    }
  }
  write(join(folder, "LICENSE.md"), `# Licence\n\n\`\`\`text\n${readFileSync(join(root, "LICENSE"), "utf8")}\`\`\`\n`);
  return sidebar(folder, pages);
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** What only a checkout has is no link: `bin/`, sources, tests. What commands print is no code, and has no colours of one. */
function asOnSite(text: string): string {
  const checkoutOnly = /\[([^\]]+)\]\((?:\.\.\/)*(?:bin|lib|test|scripts|krew|plugins)\/[^)]*\)/g;
  return text
    .replaceAll(checkoutOnly, "$1")
    .replaceAll(/\]\(([^):]*)README\.md/g, "]($1index.md")
    .replaceAll(/^```console$/gm, "```");
}

function listPage(folder: string, names: readonly string[]): string {
  return `# ${folder}\n\n${names.map((name) => `- [${name}](./${name}){target="_self"}\n`).join("")}`;
}

function served(page: string): string {
  return page.replace(/README\.md$/, "index.md");
}

function sidebar(folder: string, pages: readonly string[]): Item[] {
  const item = (page: string): Item => ({
    text: title(readFileSync(join(folder, served(page)), "utf8")),
    link: `/${served(page).replace(/(index)?\.md$/, "")}`,
  });
  const plugins = pluginPages().filter((page) => pages.includes(page));
  const inFolder = (name: string) =>
    pages
      .filter((page) => dirname(page) === name)
      .toSorted((one, other) => Number(isFirst(other)) - Number(isFirst(one)));
  const others = inFolder("docs").filter((page) => !plugins.includes(page) && page !== RECIPES);
  const guides = [
    ...guideOrder.filter((page) => others.includes(page)),
    ...others.filter((page) => !guideOrder.includes(page)),
  ];
  const group = (text: string, grouped: readonly string[], collapsed?: true): Item[] =>
    grouped.length === 0 ? [] : [{ text, items: grouped.map(item), ...(collapsed === undefined ? {} : { collapsed }) }];
  return [
    { text: "Start", link: "/" },
    ...group("Commands", plugins),
    ...group("Guides", guides),
    ...group("Recipes", [...pages.filter((page) => page === RECIPES), ...inFolder("docs/recipes")]),
    ...group("Reference", [...inFolder("docs/reference"), ...data.map((from) => `${from}/README.md`)], true),
    ...group("Decisions", inFolder("docs/adr"), true),
    ...group("Project", project, true),
  ];
}

/** The page that lists those of its folder. */
const RECIPES = "docs/recipes.md";

const isFirst = (page: string): boolean => page.endsWith("/README.md");

function pluginPages(): string[] {
  return all.plugins.map((verb) => `docs/${commandWord(verb)}.md`);
}

/** Of a page, without the marks of code. */
function title(text: string): string {
  return (/^# (.*)$/m.exec(text)?.[1] ?? "").replaceAll("`", "").replace(/^kubectl mirrord (\S+).*$/, "$1");
}
