import { isDeepStrictEqual } from "node:util";
import type { Intent } from "../../access/intent.ts";
import { annotations } from "../../access/names.ts";
import type { Provenance } from "../../access/objects.ts";
import { planDeletion } from "../../access/plan.ts";
import type { StoredGrant } from "../../access/stored.ts";
import { formatSubject, parseSubject } from "../../access/subject.ts";
import { command } from "../../cli/command.ts";
import { connectionFlags, dryRunFlag, namespacesFlag, outputFlag } from "../../cli/shared-flags.ts";
import type { World } from "../../cli/world.ts";
import { UserError } from "../../errors.ts";
import { apply, dryRun } from "../../kube/apply.ts";
import type { Cluster, Plan } from "../../kube/cluster.ts";
import { escapeLines } from "../../view/escape.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import { planGrant } from "./create.ts";
import { readGrants } from "./read.ts";
import { remainingAccess, remainingText, type Remaining } from "./remaining.ts";
import { describeChange, planLines, planNames } from "./show-plan.ts";
import { grantVerbs } from "./verbs.ts";

export const revoke = command({
  name: "grant revoke",
  summary: "Take grants back, and prove that the access is gone.",
  description: [
    "Deletes every object of the grant, then asks again what the subject can do, and names every other way that still gives the",
    "access: other bindings, and groups that the subject may be in.",
  ].join("\n"),
  usage: "SUBJECT|ID [--ns NAMESPACE …] [flags]",
  examples: [
    { command: "kubectl mirrord grant revoke jim", does: "Everything that was granted to jim" },
    {
      command: "kubectl mirrord grant revoke jim --ns dev",
      does: "In one namespace; a grant for more keeps the others",
    },
    {
      command: "kubectl mirrord grant revoke k3q7v2n6x4m5b2a7c6d5",
      does: "One grant, by the id that `grant list` shows",
    },
    { command: "kubectl mirrord grant revoke jim --dry-run=client", does: "See what would be deleted" },
  ],
  positionals: {
    subject: {
      type: "string",
      placeholder: "SUBJECT|ID",
      describe: "Whose grants, or the id of one",
      required: true,
      completes: "grant",
    },
  },
  flags: {
    namespace: { ...namespacesFlag, describe: "Only in this namespace; may be repeated." },
    dryRun: dryRunFlag,
    output: outputFlag(["table", "json", "yaml", "name"]),
    ...connectionFlags,
  },
  exitCodes: { 0: "revoked", 1: "revoked, but the subject still has the access by another way" },
  async run({ subject: wanted, namespace: namespaces, dryRun: mode, output, ...connection }, world) {
    const cluster = await world.connect(connection);
    const chosen = chooseGrants(await readGrants(cluster), wanted, namespaces);
    const plan = await planRevoke(cluster, chosen, namespaces, world);
    if (mode !== "client") await dryRun(plan, cluster);
    if (mode === "none") await apply(plan, cluster, world.signal);
    const gone = mode === "none" ? revokedIntents(chosen, namespaces) : [];
    const remaining = (await Promise.all(gone.map((intent) => remainingAccess(cluster, intent, world)))).flat();
    await show({ plan, remaining, mode, output }, world);
    return remaining.some(({ state }) => state === "remains") ? 1 : 0;
  },
});

/** By id, or by subject and namespace. Throws UserError "usage" when there is none. */
function chooseGrants(grants: readonly StoredGrant[], wanted: string, namespaces: readonly string[]): StoredGrant[] {
  const byId = grants.filter(({ id }) => id === wanted);
  if (byId.length > 0) return byId;
  const subject = parseSubject(wanted);
  const own = grants.filter(({ intent }) => isDeepStrictEqual(intent?.subject, subject));
  const chosen = own.filter(
    ({ intent }) => namespaces.length === 0 || namespaces.some((namespace) => holdsIn(intent, namespace)),
  );
  if (chosen.length > 0) return chosen;
  const where = namespaces.length === 0 ? "" : ` in namespace ${namespaces.join(", ")}`;
  throw new UserError(
    "usage",
    `no grant of ${formatSubject(subject, grantVerbs)} was found${where}`,
    "See what there is: kubectl mirrord grant list",
  );
}

function holdsIn(intent: Intent | undefined, namespace: string): boolean {
  return intent?.set.kind === "all" || (intent?.set.namespaces.includes(namespace) ?? false);
}

/** Deletes whole grants, and narrows those that hold elsewhere too: the narrower grant is made before the old one goes. */
async function planRevoke(
  cluster: Cluster,
  chosen: readonly StoredGrant[],
  namespaces: readonly string[],
  world: World,
): Promise<Plan> {
  const narrowed: Plan = [];
  for (const grant of chosen) {
    const rest = narrower(grant, namespaces);
    if (rest === undefined) continue;
    const provenance = provenanceOf(grant, world);
    const { plan } = await planGrant(cluster, rest, { allowSystem: true, dangerous: true, provenance });
    narrowed.push(...plan);
  }
  return [...narrowed, ...chosen.flatMap(({ objects }) => planDeletion(objects))];
}

function narrower({ intent, id }: StoredGrant, namespaces: readonly string[]): Intent | undefined {
  if (intent === undefined || namespaces.length === 0) return undefined;
  if (intent.set.kind === "all") {
    throw new UserError(
      "usage",
      `grant ${id} holds in all namespaces and cannot be taken back in one`,
      "Revoke it whole, and grant what should stay.",
    );
  }
  const rest = intent.set.namespaces.filter((namespace) => !namespaces.includes(namespace));
  return rest.length === 0 ? undefined : { ...intent, set: { kind: "namespaces", namespaces: rest } };
}

function provenanceOf({ binding }: StoredGrant, world: World): Provenance {
  const notes = binding?.metadata.annotations ?? {};
  const reason = notes[annotations.reason];
  return {
    grantedBy: notes[annotations.grantedBy] ?? "",
    grantedAt: notes[annotations.grantedAt] ?? world.now().toISOString(),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** The intents that were true before, cut down to the namespaces that were revoked. */
function revokedIntents(chosen: readonly StoredGrant[], namespaces: readonly string[]): Intent[] {
  return chosen.flatMap(({ intent }) => {
    if (intent === undefined) return [];
    if (intent.set.kind === "all" || namespaces.length === 0) return [intent];
    const gone = intent.set.namespaces.filter((namespace) => namespaces.includes(namespace));
    return [{ ...intent, set: { kind: "namespaces" as const, namespaces: gone } }];
  });
}

async function show(
  result: {
    plan: Plan;
    remaining: readonly Remaining[];
    mode: "none" | "client" | "server";
    output: "table" | "json" | "yaml" | "name";
  },
  world: World,
): Promise<void> {
  const { plan, remaining, mode, output } = result;
  if (output === "name") {
    world.print(escapeLines(planNames(plan).join("\n")));
  } else if (output === "table") {
    const texts = remaining.map(remainingText);
    world.print(escapeLines([...planLines(plan, mode), ...(texts.length === 0 ? [] : [""]), ...texts].join("\n")));
  } else {
    const changes = plan.map(describeChange);
    await printDocument(
      { apiVersion: API_VERSION, kind: "Revocation", dryRun: mode, changes, remaining },
      output,
      world,
    );
  }
}
