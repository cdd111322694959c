// What the executable and the npm package are both made of: the commands as single scripts.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions, type Plugin } from "esbuild";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Big packages that few runs need: inquirer asks at a terminal, client-node connects to a pod. The start of a program grows with the size of its main
 * script even where nothing of it runs, so each is a script of its own, read when it is asked for.
 */
const apart = ["inquirer", "@kubernetes/client-node"];

/**
 * One bundling after another under the same settings. `here` is an expression for the file that runs, as a path. `load`
 * gives the code that loads one of the scripts that lie apart, by its file name. `inputs` are all files that a bundle
 * took something from, relative to `root`.
 */
export function bundler({ target, here, load }: { target: string; here: string; load: (name: string) => string }) {
  const inputs = new Set<string>();
  const loadApart: Plugin = {
    name: "load-apart",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /.*/ }, ({ path }) => (apart.includes(path) ? { path, namespace: "apart" } : undefined));
      onLoad({ filter: /.*/, namespace: "apart" }, ({ path }) => ({ contents: load(apartName(path)) }));
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
    const { metafile } = await build({ ...common, ...options });
    for (const input of Object.keys(metafile?.inputs ?? {})) inputs.add(input);
  }

  return {
    inputs,
    /** Bundles one of plugins/. */
    command: (plugin: string, outfile: string): Promise<void> =>
      bundle({ entryPoints: [join(root, "plugins", plugin)], outfile, plugins: [loadApart] }),
    /** Bundles the packages that lie apart, each into a file of `folder`; returns the files. */
    packages: (folder: string): Promise<string[]> =>
      Promise.all(
        apart.map(async (packageName) => {
          const outfile = join(folder, apartName(packageName));
          await bundle({
            stdin: { contents: `export * from ${JSON.stringify(packageName)};`, resolveDir: root },
            outfile,
          });
          return outfile;
        }),
      ),
  };
}

function apartName(packageName: string): string {
  return `${packageName.replaceAll(/[^a-z-]/g, "_")}.cjs`;
}
