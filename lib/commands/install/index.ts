import { booleanFlag, listFlag, stringFlag } from "../../cli/grammar/flags.ts";
import { command, lazy } from "../../cli/grammar/command.ts";
import { namespaceFlag } from "../../cli/grammar/shared-flags.ts";
import { usageError } from "../../errors.ts";
import { render } from "./render.ts";

export const install = command({
  name: "install",
  summary: "Print the operator's objects: Deployment, roles, definitions.",
  description: [
    "Makes of values what the operator's Helm chart makes of them, without Helm and without a cluster: no kubeconfig is read.",
    "The same values give the same text. What Helm runs before it uninstalls is left out, because applied it would run at once.",
  ].join(" "),
  usage: "-o yaml [flags]",
  examples: {
    "kubectl mirrord install -o yaml --license-secret mirrord-license | kubectl apply --server-side -f -":
      "Install it, with a licence key that is in a Secret",
    "kubectl mirrord install -o yaml --values values.yaml > operator.yaml": "Keep the objects in a repository",
    "kubectl mirrord install values": "See all values",
  },
  flags: {
    output: stringFlag("FORMAT", "yaml: print the objects; json: as one list.", {
      short: "o",
      values: ["yaml", "json"],
    }),
    values: listFlag("FILE", "A file of values, '-' for stdin; may be repeated, the last one counts.", {
      completes: "file",
    }),
    set: listFlag("PATH=VALUE", "One value; may be repeated. Not for secrets."),
    setString: listFlag("PATH=TEXT", "One value that is a text, whatever it looks like; may be repeated."),
    setFile: listFlag("PATH=FILE", "One value that is the content of a file; may be repeated."),
    licenseKeyFile: stringFlag("FILE", "File with the licence key, '-' for stdin.", { completes: "file" }),
    licenseSecret: stringFlag("NAME", "Secret that holds the licence key as OPERATOR_LICENSE_KEY."),
    roleNamespaces: listFlag("NAMESPACE", "Namespaces that get a Role with the rights of a user.", {
      commas: true,
      completes: "namespace",
    }),
    namespace: { ...namespaceFlag, describe: "The operator's namespace; mirrord without it." },
    image: stringFlag("IMAGE", "Image of the operator, with or without its tag."),
    openshift: booleanFlag("Add what OpenShift needs."),
    showSecrets: booleanFlag("Print secrets that the values hold."),
  },
  conflicts: [
    {
      option: "licenseKeyFile",
      excludes: ["licenseSecret"],
      hint: "One says the key, the other where it is: leave one out.",
    },
  ],
  exitCodes: { 0: "printed", 2: "the command line or a value is wrong, or a secret would be printed" },
  verbs: [
    lazy(
      "install status",
      "Show how the operator is doing, and what is wrong with its installation.",
      async () => (await import("./status.ts")).status,
    ),
    lazy(
      "install values",
      "Print every value that install takes, with its default.",
      async () => (await import("./values.ts")).values,
    ),
  ],
  // oxlint-disable-next-line typescript/require-await -- A command resolves to its exit code.
  async run({ output, ...options }, world) {
    if (output === undefined) {
      throw usageError("this version prints the operator's objects and applies none: say -o yaml or -o json", [
        "To install it: kubectl mirrord install -o yaml --license-secret NAME | kubectl apply --server-side -f -",
      ]);
    }
    return render({ ...options, output }, world);
  },
});
