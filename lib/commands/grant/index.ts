import { command, lazy } from "../../cli/grammar/command.ts";
import {
  allNamespacesFlag,
  connectionFlags,
  dryRunFlag,
  namespacesFlag,
  outputFlag,
  quietWith,
  yesFlag,
} from "../../cli/grammar/shared-flags.ts";
import { parseDuration, parseTime } from "../../text/duration.ts";
import { usageError } from "../../errors.ts";
import { privilegedAttributes } from "../../access/privileged-options.ts";
import { groupName } from "../../kubernetes/subject-text.ts";

export const grant = command({
  name: "grant",
  summary: "Let somebody use mirrord: subject, role and where.",
  description: [
    "Writes ordinary RBAC objects: one ClusterRoleBinding that carries the intent, and bindings in each namespace. The same grant",
    "again changes nothing. The reads that a session needs of its target are included, because the operator's roles lack them.",
  ].join(" "),
  usage: "SUBJECT (--ns NAMESPACE … | --collection PATH … | -l SELECTOR | -A) [flags]",
  examples: {
    "kubectl mirrord grant jim --ns dev": "Let jim use mirrord in namespace dev",
    "kubectl mirrord grant group:oidc:backend --ns dev --ns qa":
      "Let a group of the identity provider use it, in two namespaces",
    "kubectl mirrord grant sa:ci/runner --ns dev --role minimal":
      "Let a service account use it, with the fewest rights",
    "kubectl mirrord grant jim --ns dev --target deploy/cart": "Let jim connect to one workload only",
    "kubectl mirrord grant jim --ns dev --for 8h --reason INC-42": "For eight hours; it ends by itself",
    "kubectl mirrord grant jim --ns dev --dry-run=client -o yaml": "See what would be written",
    "kubectl mirrord grant jim --ns dev --manifests ./cluster": "Write it into a folder of manifests",
  },
  positionals: {
    subject: {
      type: "string",
      placeholder: "SUBJECT",
      describe: "USER, user:NAME, group:NAME, sa:NAMESPACE/NAME, team:ORG/TEAM or org:ORG",
      completes: "subject",
    },
  },
  flags: {
    namespace: namespacesFlag,
    allNamespaces: { ...allNamespacesFlag, describe: "In all namespaces, those of the future included." },
    selector: {
      type: "list",
      short: "l",
      placeholder: "SELECTOR",
      describe: "In the namespaces with these labels, whichever they are at the time (see sync); may be repeated.",
    },
    collection: {
      type: "list",
      placeholder: "COLLECTION",
      describe: "In the namespaces of this collection and of those below it; may be repeated.",
      completes: "collection",
    },
    role: {
      type: "string",
      default: "user",
      placeholder: "ROLE",
      completes: "role",
      describe:
        "user (the operator's own), minimal (a plain session only), view (sessions and workloads, no connection), ci (today the same as user), one that grant role made, or clusterrole/NAME.",
    },
    privileged: {
      type: "string",
      placeholder: "OPTION,…",
      describe: `Exempt pods from the secure defaults: ${privilegedAttributes.join(", ")}.`,
    },
    target: {
      type: "list",
      placeholder: "TARGET",
      describe: "Allow the connection to this workload only; may be repeated.",
      completes: "target",
    },
    allowCopy: {
      type: "boolean",
      describe: "With --target: allow copies too, of every target that the subject may get.",
    },
    for: {
      type: "string",
      placeholder: "DURATION",
      describe: "The access ends by itself after this time (30m, 8h, 7d).",
      parse: parseDuration,
    },
    until: {
      type: "string",
      placeholder: "TIME",
      describe: "The access ends by itself at this time, as in RFC 3339 (2026-12-31T18:00:00Z).",
      parse: parseTime,
    },
    groups: {
      type: "string",
      placeholder: "GROUP,…",
      describe: "With --for or --until: all groups that the subject is in; nobody can look them up.",
      parse: parseGroups,
    },
    reason: { type: "string", placeholder: "TEXT", describe: "Why; kept with the grant.", parse: parseReason },
    noReads: {
      type: "boolean",
      describe: "Leave out the rights to get targets and to list pods, which a session needs.",
    },
    allowSystem: { type: "boolean", describe: "Allow namespaces of Kubernetes and of the operator." },
    dangerous: {
      type: "boolean",
      describe: "Allow subjects of Kubernetes itself, and roles that let their holder gain more rights.",
    },
    force: { type: "boolean", describe: "Grant targets and namespaces that do not exist, with a warning." },
    acceptLabelRisk: {
      type: "boolean",
      describe: "Allow a selector by labels that others than administrators may change.",
    },
    acceptWeakExpiry: {
      type: "boolean",
      describe: "Allow an end that the subject could undo, because it may change jobs or rolebindings there.",
    },
    yes: yesFlag,
    dryRun: dryRunFlag,
    quiet: quietWith("--diff"),
    diff: { type: "boolean", describe: "Show what would change, and write nothing; exit code 1 when something would." },
    output: outputFlag(["table", "wide", "json", "yaml", "name"]),
    ...connectionFlags,
  },
  conflicts: [
    { option: "allNamespaces", excludes: ["namespace", "selector", "collection"] },
    {
      option: "allNamespaces",
      excludes: ["target"],
      message: () => "--target limits a grant in namespaces that are named",
      hint: "Use --ns NAMESPACE in place of -A.",
    },
    { option: "for", excludes: ["until"] },
    {
      option: "privileged",
      excludes: ["role", "target"],
      hint: "An exemption is a grant of its own: it gives no access to mirrord.",
    },
  ],
  needs: [
    {
      option: "quiet",
      needs: ["diff"],
      message: "-q is for a question",
      hint: "With --diff: whether something would change.",
    },
    {
      option: "groups",
      needs: ["for", "until"],
      message: "--groups is for a grant that ends: whether the subject could undo that depends on them",
      hint: "Add --for DURATION or --until TIME, or leave it out.",
    },
    {
      option: "allowCopy",
      needs: ["target"],
      message: "--allow-copy adds to --target, and there is none",
      hint: "Without it copies are allowed already.",
    },
  ],
  verbs: [
    lazy("grant list", "List the grants of the cluster.", async () => (await import("./list.ts")).list, ["ls", "get"]),
    lazy(
      "grant describe",
      "Show one grant with its objects and what is wrong with them.",
      async () => (await import("./describe.ts")).describe,
    ),
    lazy(
      "grant explain",
      "Show the way from a subject to a target: binding, role, rule.",
      async () => (await import("./explain.ts")).explain,
    ),
    lazy("grant extend", "Set when a grant ends.", async () => (await import("./extend.ts")).extend),
    lazy(
      "grant revoke",
      "Take grants back, and prove that the access is gone.",
      async () => (await import("./revoke.ts")).revoke,
      ["rm", "delete"],
    ),
    lazy("grant sync", "Make the cluster what its grants say.", async () => (await import("./sync.ts")).sync),
    lazy("grant matrix", "Show who has which role where.", async () => (await import("./matrix.ts")).matrix),
    lazy(
      "grant org",
      "Say which organizations there are, and who belongs to them.",
      async () => (await import("./org/index.ts")).org,
      ["organization", "orgs"],
    ),
    lazy(
      "grant team",
      "Say which teams there are, and who belongs to them.",
      async () => (await import("./team/index.ts")).team,
      ["teams"],
    ),
    lazy(
      "grant collection",
      "Put namespaces into collections that grants can name.",
      async () => (await import("./collection/index.ts")).collection,
    ),
    lazy("grant admin", "Say who the administrators are.", async () => (await import("./admin/index.ts")).admin),
    lazy("grant role", "Define roles of your own.", async () => (await import("./role/index.ts")).role),
    lazy(
      "grant whoami",
      "Show who you are and what was granted to you.",
      async () => (await import("./whoami.ts")).whoami,
    ),
  ],
  exitCodes: { 0: "granted, or nothing to do", 1: "with --diff: something would change; or declined" },
  waits: "Reading what the grant needs",
  async run({ subject, for: milliseconds, until, ...options }, world) {
    // Loaded here, so that help and completion do not wait for what they never use.
    const { parseLifetime } = await import("../../access/expiry.ts");
    const lifetime = parseLifetime({ for: milliseconds, until }, world.now().getTime());
    if (options.role === "ci") {
      world.note("The operator's CI role has the same rules as its user role, so ci is an alias of user today.");
    }
    if (subject === undefined) {
      const { guidedGrant } = await import("./guided.ts");
      return await guidedGrant({ ...options, lifetime }, world);
    }
    const [{ createGrant }, { typedIntent }] = await Promise.all([import("./create.ts"), import("./typed-intent.ts")]);
    const { namespace: _places, ...connection } = options;
    const intent = await typedIntent({ ...options, subject }, connection, world);
    return await createGrant(intent, { ...options, lifetime }, connection, world);
  },
});

function parseGroups(text: string): string[] {
  return text
    .split(",")
    .map((group) => groupName("--groups", group.trim()))
    .filter((group) => group !== "");
}

/** All annotations of an object together may have 256 KiB, and a reason is a sentence or a ticket. */
const LONGEST_REASON = 1000;

function parseReason(text: string): string {
  if (text.length <= LONGEST_REASON) return text;
  throw usageError(
    `a reason of ${text.length} characters is too long`,
    `At most ${LONGEST_REASON}: name a ticket, for example.`,
  );
}
