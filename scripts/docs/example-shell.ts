import { parseArgs } from "node:util";
import { join } from "node:path";
import { dispatcher } from "../../lib/cli/dispatcher.ts";
import { execute } from "../../lib/cli/execute.ts";
import { report } from "../../lib/cli/report.ts";
import { UserError } from "../../lib/errors.ts";
import { connect } from "../../lib/commands/connect.ts";
import { noteLines } from "../../lib/view/text.ts";
import { all } from "../../plugins/all.ts";
import { fakeWorld } from "../../test/cli/fake-world.ts";
import { exampleCluster } from "./example-cluster.ts";
import { states } from "./example-states.ts";
import { scratch } from "./scratch.ts";
import { shellWords, type Shell } from "./console.ts";
import type { MemoryCluster } from "../../test/kube/memory-cluster.ts";

const root = join(import.meta.dirname, "../..");
const COLUMNS = 80;

/**
 * A shell in which `kubectl mirrord …` is this program, as an administrator of the example cluster in memory: what one line
 * writes, the next one finds; so it is in folders that the page makes for itself. The time stands still, ids are counted, a terminal is 80 columns wide and has no colours.
 */
export function exampleShell(): Shell {
  const cluster = exampleCluster(root);
  const files = scratch(root);
  const command = dispatcher(all, "kubectl-mirrord", "");
  let last = 0;
  return async (line) => {
    if (line === "echo $?") return `${last}\n`;
    const [state] = /(?<=^example ).*/.exec(line) ?? [];
    if (state !== undefined) return prepare(state, cluster);
    const shown = files.run(shellWords(line));
    if (shown !== undefined) return shown;
    const [kubectl, mirrord, ...words] = shellWords(line);
    if (kubectl === "kubectl" && mirrord === "create") return createBinding(words, cluster);
    if (kubectl !== "kubectl" || mirrord !== "mirrord") throw new Error(`only kubectl mirrord is run here: ${line}`);
    const world = fakeWorld({ cluster, terminal: true, columns: COLUMNS });
    let screen = "";
    // A terminal shows both streams in the order in which they are written to.
    for (const stream of ["stdout", "stderr"] as const) {
      let written = "";
      Object.defineProperty(world, stream, {
        get: () => written,
        set(text: string) {
          screen += text.slice(written.length);
          written = text;
        },
      });
    }
    const { connect: live, note } = world;
    world.note = (said) => note(noteLines(said, COLUMNS));
    world.warn = (text) => world.note(`Warning: ${text}`);
    world.connect = async (options) => {
      const paths = (options.manifests ?? []).map(files.locate);
      if (paths.length === 0) return await live(options);
      return await connect({ ...options, manifests: paths }, { env: {}, signal: world.signal, warn: () => {} });
    };
    try {
      last = await execute(command, words, world);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      world.note(report(error).lines);
      last = error.exitCode;
    }
    return screen;
  };
}

function prepare(state: string, cluster: MemoryCluster): string {
  const change = states[state];
  if (change === undefined) throw new Error(`the example cluster has no state ${JSON.stringify(state)}`);
  change(cluster);
  return "";
}

/** `kubectl create rolebinding NAME --clusterrole=ROLE --user=USER -n NAMESPACE`, and its likes. */
function createBinding(words: readonly string[], cluster: MemoryCluster): string {
  const { positionals, values } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      clusterrole: { type: "string" },
      user: { type: "string" },
      group: { type: "string" },
      namespace: { type: "string", short: "n" },
    },
  });
  const [resource, name = ""] = positionals;
  const apiGroup = "rbac.authorization.k8s.io";
  const { clusterrole = "", user, group, namespace } = values;
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  cluster.put({
    apiVersion: `${apiGroup}/v1`,
    kind: resource === "rolebinding" ? "RoleBinding" : "ClusterRoleBinding",
    metadata,
    roleRef: { apiGroup, kind: "ClusterRole", name: clusterrole },
    subjects: [user === undefined ? { apiGroup, kind: "Group", name: group } : { apiGroup, kind: "User", name: user }],
  });
  return `${resource}.${apiGroup}/${name} created\n`;
}
