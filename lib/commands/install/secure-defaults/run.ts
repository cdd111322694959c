import { parseRbacSubject } from "../../../access/subject.ts";
import type { ConnectOptions, World } from "../../../cli/world.ts";
import { readOperatorAccount } from "../../../install/secure-defaults/read.ts";
import type { Paragraph } from "../../../view/text.ts";
import { connectBounded } from "../../connection.ts";
import { showWritten } from "../show-written.ts";
import { checkHardening, writeHardening, type HardeningFlags } from "./hardening.ts";
import { checkDefaults, writeSecureDefaults, type SecureDefaultsOptions } from "./write.ts";

export interface DefaultsFlags
  extends HardeningFlags, Pick<SecureDefaultsOptions, "dryRun" | "exempt" | "leave" | "yes"> {
  secureDefaults: SecureDefaultsOptions["enforcement"];
  admin: readonly string[];
  diff: boolean;
}

/** Whether anything stands against the secure defaults, before the operator is installed with them; throws where it does. */
export async function checkBefore(flags: DefaultsFlags & ConnectOptions, world: World): Promise<void> {
  const { namespace: _place, ...connection } = flags;
  await checkDefaults(await connectBounded(connection, world), readFlags(flags));
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
  const done = hardening.confirmed ? plan : defaults.plan;
  const shown = { plan, confirmed: defaults.confirmed, outcome: outcome[enforcement], done };
  return await showWritten(shown, { diff, dryRun: options.dryRun }, world);
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
