import { booleanFlag, listFlag, longName, stringFlag } from "../../cli/grammar/flags.ts";
import { command, lazy } from "../../cli/grammar/command.ts";
import { connectionFlags, quietWith, yesFlag } from "../../cli/grammar/shared-flags.ts";
import { groupName } from "../../kubernetes/subject-text.ts";
import { TIMEOUT_MILLISECONDS, valueFlags, writeFlags } from "./flags.ts";
import { render } from "./render.ts";

/** What says which objects there are. */
const valueOptions = [
  "values",
  "set",
  "setString",
  "setFile",
  "licenseKeyFile",
  "licenseSecret",
  "roleNamespaces",
  "image",
  "openshift",
] as const;

/** What is about a cluster. */
const applyOptions = ["file", "adopt", "forceConflicts", "diff", "dryRun", "podSecurity", "networkPolicies"] as const;

export const install = command({
  name: "install",
  summary: "Install the operator and wait until it answers, or print its objects.",
  description: [
    "Makes of values what the operator's Helm chart makes of them, without Helm; shows what would change; applies it in an order",
    "that works; and waits until the operator answers and its licence is valid. The same again changes nothing. With -o it only",
    "prints the objects: no kubeconfig is read, and the same values give the same text. What Helm runs before it uninstalls is",
    "left out, because applied it would run at once.",
  ].join(" "),
  usage: "[flags]",
  examples: {
    "kubectl mirrord install --license-key-file key.txt": "Install it",
    "kubectl mirrord install --values values.yaml --diff": "Show what would change in each object",
    "kubectl mirrord install --values values.yaml --adopt": "Take it over from Helm",
    "kubectl mirrord install -o yaml --license-secret license > operator.yaml":
      "Keep the objects in a repository, with a licence key that is in a Secret",
    "kubectl mirrord install -o yaml --access-model > access-model.yaml":
      "Keep what makes administrators the only ones who decide on access there, too",
    "kubectl mirrord install --show-egress --values values.yaml": "See what will leave the cluster",
    "kubectl mirrord install values": "See all values",
  },
  flags: {
    ...valueFlags,
    file: listFlag("FILE", "Instead of values: install these objects, such as `helm template` prints; '-' for stdin.", {
      short: "f",
      also: ["filename"],
      completes: "file",
    }),
    output: stringFlag("FORMAT", "Only print the objects, without a cluster: yaml, or json as one list.", {
      short: "o",
      values: ["yaml", "json"],
    }),
    showEgress: booleanFlag(
      "Only show what will leave the cluster, to where, and how to change that; asks no cluster.",
    ),
    showSecrets: booleanFlag("With -o: print secrets that the values hold."),
    adopt: booleanFlag("Take an operator over that was installed by Helm."),
    ...writeFlags,
    secureDefaults: stringFlag("MODE", "Who may have privileged options in pods: off, audit or enforce.", {
      values: ["off", "audit", "enforce"],
    }),
    accessModel: {
      type: "optional-value",
      values: ["on", "off"],
      bare: "on",
      placeholder: "MODE",
      describe: "Only administrators decide on access: the policies that guard it, and organizations; or off.",
    },
    readers: listFlag("GROUP", "With --access-model: members of this group may read organizations; may be repeated.", {
      parse: (text: string) => groupName("--readers", text),
    }),
    withoutPolicies: booleanFlag("With --access-model: install the rest where its policies cannot be had."),
    admin: listFlag(
      "SUBJECT",
      "With --secure-defaults or --access-model: who is an administrator to the policies; may be repeated.",
    ),
    exempt: listFlag("ADD-ON", "With --secure-defaults: exempt this add-on; may be repeated.", { commas: true }),
    leave: listFlag("NAME", "With --secure-defaults: this add-on or namespace may break; may be repeated.", {
      commas: true,
    }),
    podSecurity: booleanFlag(
      "With --secure-defaults: Pod Security label baseline on all namespaces but the operator's.",
    ),
    networkPolicies: booleanFlag("With --secure-defaults: NetworkPolicies in the operator's namespace."),
    sync: booleanFlag("Have the cluster run grant sync every five minutes: a CronJob in namespace mirrord-access."),
    syncImage: stringFlag("IMAGE", "With --sync: the image, made with this project's Dockerfile."),
    yes: yesFlag,
    quiet: quietWith("--diff"),
    ...connectionFlags,
  },
  conflicts: [
    {
      option: "licenseKeyFile",
      excludes: ["licenseSecret"],
      hint: "One says the key, the other where it is: leave one out.",
    },
    { option: "file", excludes: valueOptions, hint: "The file says all: leave the other out." },
    {
      option: "output",
      excludes: applyOptions,
      message: (_output, excluded) => `-o prints the objects without a cluster, and ${excluded} needs one`,
    },
  ],
  needs: [
    {
      option: "quiet",
      needs: ["diff"],
      message: "-q is for a question",
      hint: "With --diff: whether something would change.",
    },
    { option: "syncImage", needs: ["sync"], message: "--sync-image is for --sync" },
    { option: "showSecrets", needs: ["output"], message: "--show-secrets is for -o: without it none is printed" },
    {
      option: "admin",
      needs: ["secureDefaults", "accessModel"],
      message: "--admin is about the policies",
      hint: "Add --secure-defaults=audit, --secure-defaults=enforce or --access-model.",
    },
    ...(["readers", "withoutPolicies"] as const).map((option) => ({
      option,
      needs: ["accessModel" as const],
      message: `--${longName(option)} is about the access model`,
      hint: "Add --access-model.",
    })),
    ...(["exempt", "leave", "podSecurity", "networkPolicies"] as const).map((option) => ({
      option,
      needs: ["secureDefaults" as const],
      message: `--${longName(option)} is about the secure defaults`,
      hint: "Add --secure-defaults=audit or --secure-defaults=enforce.",
    })),
  ],
  exitCodes: {
    0: "it answers, or was printed",
    1: "declined; with --diff: something would change; the licence is over",
    2: "the command line or a value is wrong, or Helm or another tool manages the operator",
    3: "it was applied, and does not answer yet",
  },
  verbs: [
    lazy(
      "install status",
      "Show how the operator is doing, and what is wrong with its installation.",
      async () => (await import("./status.ts")).status,
    ),
    lazy(
      "install upgrade",
      "Bring the operator to this program's version, and say first what changes for whom.",
      async () => (await import("./upgrade.ts")).upgrade,
    ),
    lazy(
      "install verify",
      "Prove that every permission and policy of the installation works.",
      async () => (await import("./verify.ts")).verify,
    ),
    lazy(
      "install uninstall",
      "Take the operator out of the cluster, in an order that works.",
      async () => (await import("./uninstall.ts")).uninstall,
    ),
    lazy(
      "install values",
      "Print every value that install takes, with its default.",
      async () => (await import("./values.ts")).values,
    ),
    lazy(
      "install secure-defaults",
      "Show what the secure defaults would refuse.",
      async () => (await import("./secure-defaults/index.ts")).secureDefaults,
    ),
  ],
  waits: "Reading what is installed",
  async run({ output, showEgress, timeout = TIMEOUT_MILLISECONDS, secureDefaults, accessModel, ...options }, world) {
    if (showEgress) {
      const { showEgress: show } = await import("./show-egress.ts");
      return await show(options, output ?? "table", world);
    }
    const isGiven = [...valueOptions, "file" as const].some((name) => {
      const value = options[name];
      return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
    });
    // Without a word about the operator, and with one about the rest, it stays as it is.
    const withOperator = isGiven || ((secureDefaults ?? accessModel) === undefined && !options.sync);
    if (output !== undefined) {
      return await render({ ...options, output, withOperator, secureDefaults, accessModel }, world);
    }
    const { installParts } = await import("./parts.ts");
    return await installParts({ ...options, timeout, secureDefaults, accessModel, withOperator }, world);
  },
});
