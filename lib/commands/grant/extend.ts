import { stringFlag } from "../../cli/grammar/flags.ts";
import { parseDuration, parseTime } from "../../text/duration.ts";
import { command } from "../../cli/grammar/command.ts";
import { connectionFlags, outputFlag, yesFlag } from "../../cli/grammar/shared-flags.ts";
import { usageError } from "../../errors.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import { printText } from "../../view/text.ts";
import { chooseTemporary } from "./choose.ts";
import { parseLifetime } from "../../access/expiry.ts";
import { isRevoked } from "../../access/stored.ts";
import { madeAnew, storedUids } from "../../access/namespace-uids.ts";
import { lenient, planGrant } from "./plan-grant.ts";
import { findRefusal } from "./find-refusal.ts";
import { storedProvenance } from "../../access/plan.ts";
import { settleEnd } from "./settle-end.ts";
import { connectBounded } from "../connection.ts";
import { readGrants } from "../../reading/grants.ts";
import { describeChange, planBlock } from "../show-plan.ts";
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
    yes: { ...yesFlag, describe: "Also where a namespace was deleted and made anew since." },
    output: outputFlag(["table", "wide", "json", "yaml"]),
    ...connectionFlags,
  },
  conflicts: [{ option: "for", excludes: ["until"] }],
  needs: [{ needs: ["for", "until"], message: "say when it ends", hint: "--for DURATION or --until TIME" }],
  exitCodes: { 0: "set, or nothing to do" },
  waits: "Reading the grants",
  async run({ grant: wanted, for: milliseconds, until, output, dangerous, allowSystem, yes, ...connection }, world) {
    const lifetime = parseLifetime({ for: milliseconds, until }, world.now().getTime());
    const cluster = await connectBounded(connection, world);
    const plan = async () => {
      const stored = chooseTemporary(await readGrants(cluster), wanted);
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
      const flags = { ...lenient, mayShorten: true };
      const planned = await planGrant(cluster, intent, { flags, provenance, lifetime }, world);
      const refusal = await findRefusal(cluster, { intent, plan: planned.plan }, { dangerous, allowSystem });
      if (refusal !== undefined) throw refusal;
      const [anew] = madeAnew(storedUids(stored.binding), planned.uids);
      if (anew !== undefined && !yes) {
        throw usageError(
          `namespace ${anew} was deleted and made anew since grant ${id} was made`,
          "Add --yes if the grant is meant for the new one, too.",
        );
      }
      return { ...planned, id, intent, provenance };
    };
    const { planned } = await writePlan(plan, cluster, { world, dryRun: "none" });
    for (const warning of planned.warnings) world.warn(warning);
    const { id, intent, expiresAt } = planned;
    await settleEnd(cluster, intent, planned, world);
    if (output === "table" || output === "wide") {
      const isLong = output === "wide" || (connection.v ?? 0) > 0;
      printText([`Grant ${id} ends at ${expiresAt ?? ""}.`, ...planBlock(planned.plan, isLong)], world);
    } else {
      const changes = planned.plan.map(describeChange);
      await printDocument({ apiVersion: API_VERSION, kind: "GrantExtension", id, expiresAt, changes }, output, world);
    }
    return 0;
  },
});
