// What the executable and the npm package are both made of: the commands as single scripts.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions, type Metafile, type Plugin } from "esbuild";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Big packages that few runs need: inquirer asks at a terminal, client-node connects to a pod, socks-proxy-agent goes through a
 * proxy. The start of a program grows with the size of its main script even where nothing of it runs, so each is a script of its
 * own, read when it is asked for. Of each, what lib takes from it.
 */
export const apart: Readonly<Record<string, readonly string[]>> = {
  inquirer: ["createPromptModule"],
  "@kubernetes/client-node": ["KubeConfig", "PortForward"],
  "socks-proxy-agent": ["SocksProxyAgent"],
};

/**
 * Parts of Node.js that take milliseconds to load (`tls` 8, `crypto` 6, `stream` 1, of processor time), and that a command may
 * not come to use: each is loaded when something of it is first taken, not where it is imported.
 */
const lateParts = ["child_process", "crypto", "fs/promises", "http", "http2", "https", "net", "stream", "tls", "zlib"];

/**
 * What those packages import and lib never comes to use, by who imports it: the editor of inquirer's prompts, with its tables of a
 * hundred encodings, and client-node's API of all kinds, with an HTTP client of its own. Most of what they are.
 */
const leftOut: readonly { importer: RegExp; path: RegExp; names: readonly string[] }[] = [
  { importer: /@inquirer[\\/]editor/, path: /^@inquirer\/external-editor$/, names: ["editAsync"] },
  {
    importer: /client-node[\\/]dist[\\/]config\.js$/,
    path: /gen\/index\.js$/,
    names: ["createConfiguration", "ServerConfiguration"],
  },
  { importer: /client-node[\\/]dist[\\/]config\.js$/, path: /^undici$/, names: ["Agent", "ProxyAgent"] },
  { importer: /client-node[\\/]dist[\\/]portforward\.js$/, path: /gen\/index\.js$/, names: ["AppsV1Api", "CoreV1Api"] },
];

interface Settings {
  version?: string;
  target: string;
  here: string;
  load: (name: string) => string;
}

/**
 * One bundling after another under the same settings. `version` stands in place of package.json's. `here` is an expression for the file that runs, as a path. `load`
 * gives the code that loads one of the scripts that lie apart, by its file name. `metafile` says of all bundles what they
 * took from which file, relative to `root`.
 */
export function bundler({ version, target, here, load }: Settings) {
  const metafile: Metafile = { inputs: {}, outputs: {} };
  const loadApart: Plugin = {
    name: "load-apart",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /.*/ }, ({ path }) => (path in apart ? { path, namespace: "apart" } : undefined));
      onLoad({ filter: /.*/, namespace: "apart" }, ({ path }) => ({ contents: load(apartName(path)) }));
    },
  };
  const leaveOut: Plugin = {
    name: "leave-out",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /./ }, ({ path, importer }) => {
        const one = leftOut.find((other) => other.path.test(path) && other.importer.test(importer));
        if (one !== undefined) return { path: one.names.join(","), namespace: "left-out" };
        // client-node does not say that a file of its own which nothing is taken from need not run.
        const isOwn = path.startsWith("./") && /client-node[\\/]dist[\\/]/.test(importer);
        return isOwn ? { path: join(dirname(importer), path), sideEffects: false } : undefined;
      });
      onLoad({ filter: /.*/, namespace: "left-out" }, ({ path }) => ({
        contents: path.replaceAll(/\w+,?/g, (name) => `export const ${name.replace(",", "")} = undefined;`),
      }));
    },
  };
  const setVersion: Plugin = {
    name: "set-version",
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]package\.json$/ }, ({ path }) =>
        path === join(root, "package.json") && version !== undefined
          ? { contents: JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), version }), loader: "json" }
          : undefined,
      );
    },
  };
  const loadLate: Plugin = {
    name: "load-late",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^node:(${lateParts.join("|")})$`) }, ({ path, importer, namespace }) => {
        const names = namespace === "file" ? importedNames(importer, path) : [];
        return names.length === 0 ? undefined : { path: `${path}?${names.join("&")}`, namespace: "late" };
      });
      onLoad({ filter: /.*/, namespace: "late" }, ({ path }) => {
        const [part = "", names = ""] = path.split("?");
        const getters = names.split("&").map((name) => `get ${name}() { return require("${part}").${name}; }`);
        return { contents: `module.exports = { ${getters.join(", ")} };` };
      });
    },
  };
  const common: BuildOptions = {
    absWorkingDir: root,
    bundle: true,
    minify: true,
    platform: "node",
    target,
    format: "cjs",
    // A script inside an executable is no file and has no import().
    supported: { "dynamic-import": false },
    legalComments: "none",
    metafile: true,
    // CommonJS has no import.meta.url.
    define: { "import.meta.url": "__importMetaUrl" },
    banner: { js: `const __importMetaUrl=require("node:url").pathToFileURL(${here}).href;` },
    logLevel: "warning",
  };

  async function bundle(options: BuildOptions): Promise<void> {
    const { metafile: one } = await build({ ...common, ...options });
    for (const [path, input] of Object.entries(one?.inputs ?? {})) {
      const imports = [...(metafile.inputs[path]?.imports ?? []), ...input.imports];
      metafile.inputs[path] = { ...input, imports };
    }
    Object.assign(metafile.outputs, one?.outputs);
  }

  return {
    metafile,
    /** Bundles one of plugins/. */
    command: (plugin: string, outfile: string): Promise<void> =>
      bundle({ entryPoints: [join(root, "plugins", plugin)], outfile, plugins: [loadApart, loadLate, setVersion] }),
    /** Bundles the packages that lie apart, each into a file of `folder`; returns the files. */
    packages: (folder: string): Promise<string[]> =>
      Promise.all(
        Object.entries(apart).map(async ([packageName, names]) => {
          const outfile = join(folder, apartName(packageName));
          await bundle({
            stdin: {
              contents: `export { ${names.join(", ")} } from ${JSON.stringify(packageName)};`,
              resolveDir: root,
            },
            outfile,
            plugins: [leaveOut],
          });
          return outfile;
        }),
      ),
  };
}

/** What a file takes by `import { … } from "node:…"`, by the names of the part; none where it takes the part in another way. */
function importedNames(file: string, part: string): string[] {
  const [, names = ""] =
    new RegExp(`^import \\{([^}]*)\\} from "${part}";$`, "m").exec(readFileSync(file, "utf8")) ?? [];
  return names
    .split(",")
    .map((name) => name.trim().replace(/ as .*/, ""))
    .filter((name) => name !== "" && !name.startsWith("type "));
}

function apartName(packageName: string): string {
  return `${packageName.replaceAll(/[^a-z-]/g, "_")}.cjs`;
}
