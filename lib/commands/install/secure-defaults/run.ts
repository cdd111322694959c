import { parseRbacSubject } from "../../../access/subject.ts";
import type { ConnectOptions, World } from "../../../cli/world.ts";
import { readOperatorAccount } from "../../../install/secure-defaults/read.ts";
import { printText, type Paragraph } from "../../../view/text.ts";
import { connectBounded } from "../../connection.ts";
import { printDiff } from "../../plan-diff.ts";
import { planCounts, printPlan } from "../../show-plan.ts";
import { writes } from "../../write-plan.ts";
import { applyInstallation, type ApplyOptions } from "../apply.ts";
import { checkHardening, writeHardening, type HardeningFlags } from "./hardening.ts";
import { checkDefaults, writeSecureDefaults, type SecureDefaultsOptions } from "./write.ts";

export interface DefaultsFlags
  extends HardeningFlags, Pick<SecureDefaultsOptions, "dryRun" | "exempt" | "leave" | "yes"> {
  secureDefaults: SecureDefaultsOptions["enforcement"];
  admin: readonly string[];
  diff: boolean;
}

/** The operator first, when nothing stands against the secure defaults; then these. Resolves to the exit code. */
export async function installWithDefaults(flags: DefaultsFlags & ApplyOptions, world: World): Promise<number> {
  const { namespace: _place, ...connection } = flags;
  await checkDefaults(await connectBounded(connection, world), readFlags(flags));
  const code = await applyInstallation(flags, world);
  if (code !== 0 && !flags.diff) return code;
  return Math.max(code, await setDefaults(flags, world));
}

/** The secure defaults alone: the operator stays as it is. Resolves to the exit code. */
export async function setDefaults(flags: DefaultsFlags & ConnectOptions, world: World): Promise<number> {
  const { namespace, ...connection } = flags;
  const cluster = await connectBounded(connection, world);
  const operator = await readOperatorAccount(cluster, namespace);
  const { diff, secureDefaults: enforcement } = flags;
  const options = { ...readFlags(flags), operator };
  if (enforcement !== "off") checkHardening(flags, operator);
  const defaults = await writeSecureDefaults(cluster, options, world);
  const hardening =
    defaults.confirmed && enforcement !== "off"
      ? await writeHardening(cluster, flags, options, world)
      : { plan: [], confirmed: defaults.confirmed };
  const plan = [...defaults.plan, ...hardening.plan];
  if (diff) return await printDiff(plan, world);
  if (options.dryRun !== "none") {
    printPlan(plan, { dryRun: options.dryRun, output: "table" }, world);
    return 0;
  }
  if (!defaults.confirmed) {
    world.note("Nothing was written.");
    return 1;
  }
  const changed = writes(hardening.confirmed ? plan : defaults.plan);
  const done = changed.length === 0 ? ["Nothing was changed."] : planCounts(changed);
  printText([...outcome[enforcement], "", ...done], world);
  return 0;
}

const outcome: Readonly<Record<SecureDefaultsOptions["enforcement"], Paragraph[]>> = {
  off: [
    "Secure defaults: off. Exemptions that were granted stay, and so do administrators. See:",
    { paste: "kubectl mirrord grant list" },
  ],
  audit: [
    "Secure defaults: audit. Nothing is refused; what would be gives a warning, and is in the audit log of the API server.",
    "To see what that is today:",
    { paste: "kubectl mirrord install secure-defaults report" },
  ],
  enforce: [
    "Secure defaults: enforced, within a second or two. Whoever is no administrator needs an exemption for privileged options in pods:",
    { paste: "kubectl mirrord grant SUBJECT --privileged OPTION,… --ns NAMESPACE --for 8h" },
  ],
};

function readFlags({ secureDefaults, admin, exempt, leave, dryRun, diff, yes }: DefaultsFlags): SecureDefaultsOptions {
  return {
    enforcement: secureDefaults,
    administrators: admin.map(parseRbacSubject),
    exempt,
    leave,
    dryRun: diff && dryRun === "none" ? "server" : dryRun,
    yes,
  };
}
