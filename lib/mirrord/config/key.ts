import { UserError } from "../../errors.ts";
import { envText, type Environment } from "./env.ts";
import { renderTemplate } from "./template.ts";
import { inferred } from "./plain-scalar.ts";
import { parseConfigText } from "./text.ts";
import { isPlainScalar } from "../../yaml-dialects.ts";
import type { SessionKey } from "./session-config.ts";

/** The client makes eight hexadecimal digits; nobody can know them before. */
const EXAMPLE_KEY = "00000000";

interface KeyOptions {
  fileName: string;
  env: Environment;
  key?: string;
  branchVariables: Readonly<Record<string, string>>;
}

/**
 * The session key: `--key`, MIRRORD_KEY, then `key` of the file, which the client reads from the file as it is written and
 * renders by itself; a file that is not valid before rendering has none. Throws UserError "usage" for a template in `key` that
 * cannot be rendered. Source: operator contract section 6 (config/src/lib.rs `from_path`).
 */
export function resolveKey(text: string, { fileName, env, key, branchVariables }: KeyOptions): SessionKey {
  const given = key ?? envText(env, "MIRRORD_KEY");
  if (given !== undefined) return { text: given, isGenerated: false };
  const written = keyAsWritten(text, fileName);
  if (written === undefined) return { text: EXAMPLE_KEY, isGenerated: true };
  return { text: renderTemplate(written, { variables: branchVariables, env }), isGenerated: false };
}

function keyAsWritten(text: string, fileName: string): string | undefined {
  try {
    const { key } = parseConfigText(text, fileName).value;
    const written = isPlainScalar(key) ? (inferred(key) === null ? undefined : key.plain) : key;
    return typeof written === "string" ? written : undefined;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
