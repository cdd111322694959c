import { usageError } from "../../errors.ts";
import { readNamed } from "../../kube/config/files.ts";

/** The text of a file that a flag names. @throws UserError "usage" where it cannot be read */
export function readText(path: string): string {
  try {
    return readNamed(path).toString("utf8");
  } catch (cause) {
    if (!(cause instanceof Error) || !("code" in cause)) throw cause;
    throw usageError(
      `cannot read ${JSON.stringify(path)}: ${cause.code === "ENOENT" ? "there is no such file" : String(cause.code)}`,
      undefined,
      { cause },
    );
  }
}
