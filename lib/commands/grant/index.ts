import { command } from "../../cli/command.ts";
import { allNamespacesFlag, connectionFlags, dryRunFlag, namespacesFlag, outputFlag } from "../../cli/shared-flags.ts";
import { createGrant } from "./create.ts";
import { intentOf } from "./intent.ts";
import { list } from "./list.ts";
import { revoke } from "./revoke.ts";

export const grant = command({
  name: "grant",
  summary: "Let somebody use mirrord: subject, role and where.",
  description: [
    "Writes ordinary RBAC objects: one ClusterRoleBinding that carries the intent, and bindings in each namespace. The same grant",
    "again changes nothing. The reads that a session needs of its target are included, because the operator's roles lack them.",
  ].join("\n"),
  usage: "SUBJECT (--ns NAMESPACE … | -A) [flags]",
  examples: [
    { command: "kubectl mirrord grant jim --ns dev", does: "Let jim use mirrord in namespace dev" },
    {
      command: "kubectl mirrord grant group:oidc:backend --ns dev --ns qa",
      does: "Let a group of the identity provider, in two namespaces",
    },
    {
      command: "kubectl mirrord grant sa:ci/runner --ns dev --role minimal",
      does: "Let a service account, with the fewest rights",
    },
    {
      command: "kubectl mirrord grant jim --ns dev --target deploy/cart",
      does: "Let jim connect to one workload only",
    },
    { command: "kubectl mirrord grant jim --ns dev --dry-run=client -o yaml", does: "See what would be written" },
    {
      command: "kubectl mirrord grant jim --ns dev --manifests ./cluster",
      does: "Write it into a folder of manifests",
    },
  ],
  positionals: {
    subject: {
      type: "string",
      placeholder: "SUBJECT",
      describe: "USER, user:NAME, group:NAME or sa:NAMESPACE/NAME",
      required: true,
    },
  },
  flags: {
    namespace: namespacesFlag,
    allNamespaces: { ...allNamespacesFlag, describe: "In all namespaces, those of the future included." },
    role: {
      type: "string",
      default: "user",
      placeholder: "ROLE",
      describe:
        "user (the operator's own), minimal (a plain session only), view (sessions and workloads, no connection), ci (today the same as user) or clusterrole/NAME.",
    },
    target: {
      type: "list",
      placeholder: "KIND/NAME",
      describe: "Allow the connection to this workload only; may be repeated.",
      completes: "target",
    },
    reason: { type: "string", placeholder: "TEXT", describe: "Why; kept with the grant." },
    noReads: { type: "boolean", describe: "Leave out the native reads that a session needs." },
    allowSystem: { type: "boolean", describe: "Allow namespaces of Kubernetes and of the operator." },
    dangerous: {
      type: "boolean",
      describe: "Allow subjects of Kubernetes itself, and roles that let their holder gain more rights.",
    },
    dryRun: dryRunFlag,
    diff: { type: "boolean", describe: "Show what would change, and write nothing; exit code 1 when something would." },
    output: outputFlag(["table", "json", "yaml", "name"]),
    ...connectionFlags,
  },
  verbs: [list, revoke],
  exitCodes: { 0: "granted, or nothing to do", 1: "with --diff: something would change" },
  run({ namespace, ...options }, world) {
    return createGrant(intentOf({ ...options, namespace }), options, options, world);
  },
});
