import { booleanFlag, listFlag, stringFlag } from "../../cli/grammar/flags.ts";
import { command } from "../../cli/grammar/command.ts";
import {
  allNamespacesFlag,
  clusterFlags,
  namespaceFlag,
  noHeadersFlag,
  outputFlag,
  quietFlag,
} from "../../cli/grammar/shared-flags.ts";
import type { World } from "../../cli/world.ts";
import { actions } from "../../mirrord/plan/session-plan.ts";
import { clientVersion } from "../../mirrord/plan/client-age.ts";
import { BARE_CONFIG } from "../config-flag.ts";
import { identityFlags, identityNeeds } from "./identity-flags.ts";

export const canI = command({
  name: "can-i",
  summary: "See beforehand whether a mirrord session will work, and why.",
  description: [
    "Asks every access check of a session, in the order in which the client would meet them, for yourself or for anybody else.",
    "The first line is yes, no or unknown, with the reason; a no ends with the smallest change that makes it a yes.",
    "Without --as-group, a no that a group could turn is unknown, because nobody can look up a user's groups.",
  ].join(" "),
  usage: "[ACTION] [TARGET...] [flags]",
  examples: {
    "kubectl mirrord can-i steal deploy/web -n dev": "May I steal traffic of a deployment?",
    "kubectl mirrord can-i deploy/web -n dev --as jim --explain": "May jim mirror it, and who decided that?",
    "kubectl mirrord can-i steal deploy/web -n dev --as jim --as-group oidc:backend":
      "With a group that only the identity provider knows",
    "kubectl mirrord can-i -f .mirrord/mirrord.json": "The session that a configuration describes",
    "mirrord exec -t deploy/web ./app 2>&1 | kubectl mirrord can-i --from-error -":
      "What would have to be granted so that this error goes away?",
    "kubectl mirrord can-i steal deploy/web sts/db -n dev": "Two targets; a single no decides",
    "kubectl mirrord can-i --list -n dev --as jim": "Every target and action of a namespace",
    "kubectl mirrord can-i create pods/exec -n dev --as jim": "A plain Kubernetes question",
    "kubectl mirrord can-i steal deploy/web -n dev --as jim --overlay ./change": "After these manifests are applied",
    "kubectl mirrord can-i mirror deploy/web -n dev --as jim --manifests ./cluster": "In a folder of manifests",
  },
  positionals: {
    words: {
      type: "list",
      placeholder: "[ACTION] TARGET",
      describe: `ACTION is ${actions.join(", ")} (mirror when left out); TARGET is KIND/NAME[/container/NAME], NAME, label/KEY=VALUE or targetless`,
      completes: "question",
    },
  },
  flags: {
    ...clusterFlags,
    namespace: namespaceFlag,
    allNamespaces: {
      ...allNamespacesFlag,
      describe: "With --list: the targets of every namespace; with list-sessions: the sessions of every namespace.",
    },
    subresource: stringFlag("NAME", "Of a plain Kubernetes question: the subresource, such as log or scale."),
    ...identityFlags,
    config: {
      type: "optional-value",
      short: "f",
      takesNext: true,
      bare: BARE_CONFIG,
      placeholder: "FILE",
      describe: "Ask about the session of this mirrord configuration; without FILE, of .mirrord/mirrord.json.",
      completes: "file",
    },
    fromError: stringFlag(
      "TEXT",
      "Ask about what this error of an API server or of mirrord says was refused; '-' reads it from stdin.",
    ),
    clientVersion: stringFlag("VERSION", "The version of mirrord that would be used: old ones make other requests.", {
      parse: clientVersion,
    }),
    overlay: listFlag("PATH", "Ask as if these manifests were applied; may be repeated.", { completes: "file" }),
    list: booleanFlag("Show what is allowed on every target, ACTIONs as columns."),
    explain: booleanFlag("Show each step, and the binding, role, rule and subject that decided it."),
    noPolicies: booleanFlag("Leave mirrord policies out: the answer is then about access alone."),
    noExposure: booleanFlag("Do not look for the Secrets and ConfigMaps that the target would show."),
    quiet: quietFlag,
    output: outputFlag(["table", "wide", "json", "yaml", "name", "csv"]),
    noHeaders: noHeadersFlag,
  },
  conflicts: [
    {
      option: "fromError",
      excludes: ["words", "as", "namespace", "allNamespaces", "list", "config", "subresource"],
      message: (_, excluded) => `--from-error says what is asked about, and so does ${excluded}`,
      hint: "Leave one of them out.",
    },
    {
      option: "overlay",
      excludes: ["via"],
      message: () => "with --overlay the answer is worked out here, and --via asks the server",
    },
    {
      option: "list",
      excludes: ["config"],
      message: () => "--list is about every target, and -f about one session",
    },
    {
      option: "list",
      excludes: ["subresource"],
      message: () => "--subresource is for a plain Kubernetes question, and --list is about every target",
    },
    {
      option: "list",
      excludes: ["quiet"],
      message: () => "-q is for one answer, and --list has many",
      hint: "Ask about one session: kubectl mirrord can-i ACTION TARGET -q",
    },
    {
      option: "list",
      excludes: ["explain"],
      message: () => "--explain is for one answer, and --list has many",
      hint: "With --list, -o wide says the first reason of each. About one session: kubectl mirrord can-i ACTION TARGET --explain",
    },
  ],
  needs: [
    {
      option: "manifests",
      needs: ["as", "fromError"],
      message: "manifests have no caller to ask about",
      hint: "Say whom to ask about: --as USER [--as-group GROUP].",
    },
    {
      option: "output",
      values: ["name"],
      needs: ["list"],
      message: "-o name is for --list",
      hint: "A verdict has no name: use -o json, or -q for the exit code.",
    },
    ...identityNeeds,
  ],
  exitCodes: { 0: "yes", 1: "no", 3: "unknown" },
  waits: "Asking what the session needs",

  async run(options, given) {
    const world = options.overlay.length === 0 ? given : await withOverlay(options.overlay, given);
    if (options.fromError !== undefined) {
      const { askFromError } = await import("./from-error.ts");
      return await askFromError(options, world);
    }
    if (options.list) {
      const { askList } = await import("./ask-list.ts");
      return await askList(options, world);
    }
    const { splitQuestions } = await import("../question/question.ts");
    const questions = splitQuestions(options.words);
    if (questions.length > 1) {
      const { askSeveral } = await import("./ask-several.ts");
      return await askSeveral(questions, options, world);
    }
    const { askOne } = await import("./ask-one.ts");
    return await askOne(options, world);
  },
});

async function withOverlay(paths: readonly string[], world: World): Promise<World> {
  const { overlaid } = await import("../overlay.ts");
  return { ...world, connect: async (options) => overlaid(await world.connect(options), paths, world) };
}
