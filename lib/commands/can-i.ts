import { command } from "../cli/command.ts";
import { clusterFlags, namespaceFlag, outputFlag } from "../cli/shared-flags.ts";
import { UserError } from "../errors.ts";
import type { Answer } from "../kube/cluster.ts";
import { actions } from "../mirrord/session-requests.ts";
import { previewSession, type PreviewOptions } from "../preview/preview.ts";
import { smallestFixes } from "../preview/fix.ts";
import { parseQuestion, previewPlainQuestion } from "./can-i-question.ts";
import { showPreview } from "./can-i-view.ts";
import { grantVerbs } from "./grant/verbs.ts";

const exitCodeOf: Record<Answer, number> = { yes: 0, no: 1, unknown: 3 };

export const canI = command({
  name: "can-i",
  summary: "See beforehand whether a mirrord session will work, and why.",
  description: [
    "Asks every access check of a session, in the order in which the client would meet them, for yourself or for anybody else.",
    "The first line is yes, no or unknown, with the reason; a no ends with the smallest grant that makes it a yes.",
    "Without --as-group, a no that a group could turn is unknown, because nobody can look up a user's groups.",
  ].join("\n"),
  usage: "[ACTION] TARGET [flags]",
  examples: [
    { command: "kubectl mirrord can-i steal deploy/web -n dev", does: "May I steal traffic of a deployment?" },
    {
      command: "kubectl mirrord can-i deploy/web -n dev --as jim --explain",
      does: "May jim mirror it, and who decided that?",
    },
    {
      command: "kubectl mirrord can-i steal deploy/web -n dev --as jim --as-group oidc:backend",
      does: "With a group that only the identity provider knows",
    },
    {
      command: "kubectl mirrord can-i proxy targets.operator.metalbear.co/deployment.web -n dev",
      does: "A plain Kubernetes question",
    },
    {
      command: "kubectl mirrord can-i mirror deploy/web -n dev --as jim --manifests ./cluster",
      does: "In a folder of manifests",
    },
  ],
  positionals: {
    words: {
      type: "list",
      placeholder: "[ACTION] TARGET",
      describe: `ACTION is ${actions.join(", ")} (mirror when left out); TARGET is KIND/NAME[/container/NAME], label/KEY=VALUE or targetless`,
      completes: "target",
    },
  },
  flags: {
    ...clusterFlags,
    namespace: namespaceFlag,
    as: {
      type: "string",
      placeholder: "USER",
      describe: "Whom to ask about: a user, or system:serviceaccount:NAMESPACE:NAME.",
    },
    asGroup: { type: "list", placeholder: "GROUP", describe: "A group of that user; may be repeated." },
    asUid: { type: "string", placeholder: "UID", describe: "The UID of that user." },
    asUserExtra: {
      type: "list",
      placeholder: "KEY=VALUE",
      describe: "Extra information of that user; may be repeated.",
    },
    via: {
      type: "string",
      values: ["sar", "impersonate", "local-sar"],
      placeholder: "METHOD",
      describe:
        "How to ask about somebody else; without it, the first of sar, impersonate and local-sar that you may use.",
    },
    explain: { type: "boolean", describe: "Show each step, and the binding, role and subject that decided it." },
    quiet: { type: "boolean", short: "q", describe: "Print nothing; the exit code is the answer." },
    output: outputFlag(["table", "json", "yaml"]),
  },
  exitCodes: { 0: "yes", 1: "no", 3: "unknown" },

  async run(options, world) {
    const question = parseQuestion(options.words);
    const as = identityAsked(options);
    if (options.manifests.length > 0 && as === undefined) {
      throw new UserError(
        "usage",
        "manifests have no caller to ask about",
        "Say whom to ask about: --as USER [--as-group GROUP].",
      );
    }
    // Here --as says whom to ask about: everything is read as the caller.
    const { as: _as, asGroup: _asGroup, asUid: _asUid, asUserExtra: _asUserExtra, ...connection } = options;
    const cluster = await world.connect(connection);
    const namespace = options.namespace ?? cluster.namespace;
    const asking: PreviewOptions = {
      explain: options.explain,
      ...(as === undefined ? {} : { as }),
      ...(options.via === undefined ? {} : { via: options.via }),
    };
    const preview =
      question.kind === "session"
        ? await previewSession(cluster, { action: question.action, target: question.target, namespace }, asking)
        : await previewPlainQuestion(cluster, question, namespace, asking);
    const { verdict } = preview;
    if (!options.quiet) {
      const fixes =
        question.kind === "session" ? smallestFixes(preview, { grantVerbs, connection: connectionWords(options) }) : [];
      await showPreview(preview, fixes, { format: options.output, explain: options.explain }, world);
    }
    return exitCodeOf[verdict.answer];
  },
});

/** The flags that said which cluster: a command to paste must reach the same one. */
function connectionWords({
  manifests,
  kubeconfig,
  context,
}: {
  manifests: string[];
  kubeconfig?: string | undefined;
  context?: string | undefined;
}): string[] {
  return [
    ...manifests.flatMap((path) => ["--manifests", path]),
    ...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig]),
    ...(context === undefined ? [] : ["--context", context]),
  ];
}

interface IdentityFlags {
  as: string | undefined;
  asGroup: string[];
  asUid: string | undefined;
  asUserExtra: string[];
}

function identityAsked({ as, asGroup, asUid, asUserExtra }: IdentityFlags): PreviewOptions["as"] {
  if (as === undefined) {
    if (asGroup.length === 0 && asUid === undefined && asUserExtra.length === 0) return undefined;
    throw new UserError(
      "usage",
      "--as-group, --as-uid and --as-user-extra need --as",
      "Say whom to ask about: --as USER.",
    );
  }
  if (as === "") throw new UserError("usage", "--as needs a name");
  const extra = parseExtra(asUserExtra);
  return {
    name: as,
    groups: asGroup,
    groupsGiven: asGroup.length > 0,
    ...(asUid === undefined ? {} : { uid: asUid }),
    ...(extra === undefined ? {} : { extra }),
  };
}

function parseExtra(pairs: readonly string[]): Record<string, string[]> | undefined {
  const extra = new Map<string, string[]>();
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    if (equals < 1) throw new UserError("usage", `--as-user-extra ${JSON.stringify(pair)} is not KEY=VALUE`);
    const key = pair.slice(0, equals);
    extra.set(key, [...(extra.get(key) ?? []), pair.slice(equals + 1)]);
  }
  return extra.size === 0 ? undefined : Object.fromEntries(extra);
}
