import { stringFlag } from "../../cli/grammar/flags.ts";
import { parseDuration, parseTime } from "../../text/duration.ts";
import { parseTime as parseInstant, timestamp } from "../../text/instant.ts";
import { command } from "../../cli/grammar/command.ts";
import { connectionFlags, dryRunFlag, outputFlag, yesFlag } from "../../cli/grammar/shared-flags.ts";
import type { World } from "../../cli/world.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { Consent } from "../../access/consent.ts";
import { followsOthers, type Intent, type Lifetime } from "../../access/intent.ts";
import type { Provenance } from "../../access/objects.ts";
import { usageError } from "../../errors.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import { printText } from "../../view/text.ts";
import { chooseGrant } from "./choose.ts";
import { parseLifetime } from "../../access/expiry.ts";
import { isRevoked } from "../../access/stored.ts";
import { madeAnew, storedUids } from "../../access/namespace-uids.ts";
import { lenient, planGrant, type PlannedGrant } from "./plan-grant.ts";
import { findRefusal } from "./find-refusal.ts";
import { storedProvenance } from "../../access/plan.ts";
import { planSync } from "./plan-sync.ts";
import { settleEnd } from "./settle-end.ts";
import { connectBounded } from "../connection.ts";
import { readGrants } from "../../reading/grants.ts";
import { describeChanges, planBlock, printPlan } from "../show-plan.ts";
import { writePlan } from "../write-plan.ts";

export const extend = command({
  name: "grant extend",
  summary: "Set when a grant ends.",
  description:
    "Sets the end of a temporary grant, later or earlier than it is. Who granted it, when and why stay as they are.",
  usage: "SUBJECT|ID (--for DURATION | --until TIME) [flags]",
  examples: {
    "kubectl mirrord grant extend k3q7v2 --for 4h": "Four hours from now",
    "kubectl mirrord grant extend k3q7v2 --until 2026-12-31T18:00:00Z": "At that time",
  },
  positionals: {
    grant: {
      type: "string",
      placeholder: "SUBJECT|ID",
      describe: "The grant",
      required: true,
      completes: "temporary-grant",
    },
  },
  flags: {
    for: stringFlag("DURATION", "How long from now (30m, 8h, 7d).", { parse: parseDuration }),
    until: stringFlag("TIME", "Until when, as in RFC 3339.", { parse: parseTime }),
    dangerous: {
      type: "boolean",
      describe: "Allow subjects of Kubernetes itself, and roles that let their holder gain more rights.",
    },
    allowSystem: { type: "boolean", describe: "Allow namespaces of Kubernetes and of the operator." },
    yes: {
      ...yesFlag,
      describe: "Do not ask before it ends earlier; set it also where a namespace was deleted and made anew since.",
    },
    dryRun: dryRunFlag,
    output: outputFlag(["table", "wide", "json", "yaml"]),
    ...connectionFlags,
  },
  conflicts: [{ option: "for", excludes: ["until"] }],
  needs: [{ needs: ["for", "until"], message: "say when it ends", hint: "--for DURATION or --until TIME" }],
  exitCodes: { 0: "set, or nothing to do", 1: "declined" },
  waits: "Reading the grants",
  async run(options, world) {
    const {
      grant: wanted,
      for: milliseconds,
      until,
      output,
      dangerous,
      allowSystem,
      yes,
      dryRun,
      ...connection
    } = options;
    const lifetime = parseLifetime({ for: milliseconds, until }, world.now().getTime());
    const cluster = await connectBounded(connection, world);
    const consent = { dangerous, allowSystem, yes };
    const { planned, written } = await writePlan(
      async () => await planExtension(cluster, { wanted, lifetime, ...consent }, world),
      cluster,
      {
        world,
        dryRun,
        confirm: async (extension) => await isMeant(extension, yes, world),
        followUp: async ({ id, intent }) =>
          followsOthers(intent)
            ? await planSync(cluster, { acceptAnew: false, only: (grant) => grant.id === id }, world)
            : { plan: [] },
      },
    );
    for (const warning of planned.warnings) world.warn(warning);
    if (dryRun === "none" && !written && planned.later !== undefined) {
      world.print("Nothing was changed.");
      return 1;
    }
    if (dryRun === "none") await settleEnd(cluster, planned.intent, planned, world);
    const isLong = output === "wide" || (connection.v ?? 0) > 0;
    await show(planned, { dryRun, output, isLong }, world);
    return 0;
  },
});

interface Extension extends PlannedGrant {
  id: string;
  intent: Intent;
  provenance: Provenance;
  /** RFC3339: when it was to end, where that is later than it will. */
  later: string | undefined;
}

async function planExtension(
  cluster: Cluster,
  { wanted, lifetime, yes, ...typed }: Consent & { wanted: string; lifetime: Lifetime | undefined; yes: boolean },
  world: World,
): Promise<Extension> {
  const stored = chooseGrant(await readGrants(cluster), wanted);
  const { intent, id } = stored;
  if (intent?.temporary !== true) {
    throw usageError(
      `grant ${id} ${intent === undefined ? "cannot be read" : "is permanent"}`,
      "A permanent and a temporary grant are two: make the other one, then revoke this.",
    );
  }
  if (isRevoked(stored)) {
    throw usageError(
      `grant ${id} was revoked, and is not all gone yet`,
      "Finish that, then grant it again: kubectl mirrord grant sync",
    );
  }
  const provenance = storedProvenance(stored.binding, world.now().toISOString());
  const planned = await planGrant(
    cluster,
    intent,
    { flags: { ...lenient, mayShorten: true }, provenance, lifetime },
    world,
  );
  const refusal = await findRefusal(cluster, { intent, plan: planned.plan }, typed);
  if (refusal !== undefined) throw refusal;
  const [anew] = madeAnew(storedUids(stored.binding), planned.uids);
  if (anew !== undefined && !yes) {
    throw usageError(
      `namespace ${anew} was deleted and made anew since grant ${id} was made`,
      "Add --yes if the grant is meant for the new one, too.",
    );
  }
  const end = parseInstant(planned.expiresAt);
  const before = stored.expiresAt;
  const later = before !== undefined && end !== undefined && end < before ? timestamp(before) : undefined;
  return { ...planned, id, intent, provenance, later };
}

/** What ends earlier than it was to is asked about: somebody may rely on it. */
async function isMeant({ id, expiresAt = "", later }: Extension, yes: boolean, world: World): Promise<boolean> {
  if (later === undefined) return true;
  world.note(`This shortens grant ${id}: it ends at ${expiresAt}, not at ${later}.`);
  return yes || (await world.ask.confirm("Let it end earlier?", "--yes"));
}

async function show(
  { id, expiresAt, later, plan }: Extension,
  options: { dryRun: "none" | "client" | "server"; output: "table" | "wide" | "json" | "yaml"; isLong: boolean },
  world: World,
): Promise<void> {
  const { dryRun, output, isLong } = options;
  if (output === "json" || output === "yaml") {
    const changes = describeChanges(plan);
    const fields = { apiVersion: API_VERSION, kind: "GrantExtension", dryRun, id, expiresAt, changes };
    await printDocument(fields, output, world);
  } else if (dryRun === "none") {
    printText([`Grant ${id} ends at ${expiresAt ?? ""}.`, ...planBlock(plan, isLong)], world);
  } else {
    const than = later === undefined ? "" : `, not at ${later}`;
    printPlan(
      plan,
      { dryRun, output: "table", notes: ["", `Grant ${id} would end at ${expiresAt ?? ""}${than}.`] },
      world,
    );
  }
}
