import { usageError } from "../../errors.ts";
import { lookPath } from "../../kube/credentials/look-path.ts";

/** The vendor's client: MIRRORD_BIN, or `mirrord` on PATH. Throws UserError "usage" that says how to get it. */
export function findMirrord(env: NodeJS.ProcessEnv): string {
  const named = env["MIRRORD_BIN"] ?? "";
  const file = lookPath(named === "" ? "mirrord" : named, env);
  if (file !== undefined) return file;
  if (named !== "") {
    throw usageError(`MIRRORD_BIN is ${JSON.stringify(named)}, which is no program`, "Set it to the path of mirrord.");
  }
  throw usageError("mirrord is not installed: there is no such program on PATH", [
    "Install it: brew install metalbear-co/mirrord/mirrord",
    "or download it from https://github.com/metalbear-co/mirrord/releases and set MIRRORD_BIN to its path.",
  ]);
}
