// How VitePress makes the site. It runs beside the pages, where sidebar.json lists them.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const sidebar = JSON.parse(readFileSync(fileURLToPath(new URL("sidebar.json", import.meta.url)), "utf8"));

/** Characters of code that a line of a phone has room for: it is not broken, as a browser would behind each hyphen of a flag. */
const LONGEST_WORD = 28;

export default {
  lang: "en",
  title: "kubectl-mirrord",
  description: "Access control for mirrord for Teams, as kubectl plugins.",
  // No icon, which browsers would ask for.
  head: [["link", { rel: "icon", href: "data:," }]],
  markdown: {
    anchor: { slugify },
    // What is written as HTML or as a template in a page is text.
    html: false,
    config(md) {
      const { rules } = md.renderer;
      for (const kind of ["text", "code_inline"]) {
        const before = rules[kind];
        rules[kind] = (...given) => before(...given).replaceAll("{", "&#123;");
      }
      const code = rules.code_inline;
      rules.code_inline = (tokens, at, ...given) =>
        code(tokens, at, ...given).replace(
          "<code",
          tokens[at].content.length <= LONGEST_WORD ? '<code class="word"' : "<code",
        );
    },
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
  },
  ignoreDeadLinks: false,
  metaChunk: false,
  themeConfig: {
    nav: [
      { text: "Reference", link: "/docs/reference/" },
      { text: "Security", link: "/docs/security" },
      { text: "Changes", link: "/CHANGELOG" },
    ],
    sidebar,
    outline: [2, 3],
    // Words of the pages, in a file of the site: nobody else is asked.
    search: { provider: "local" },
  },
};

/** The name of a heading as repositories show it, so that a link to it is right in both. */
function slugify(text) {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Mark}\p{Number}_ -]/gu, "")
    .replaceAll(" ", "-");
}
