import { usageError } from "../../errors.ts";

/** @throws UserError "usage", in Go's words, before anything is sent: a line end in a token would start a header of its own */
export function authorizationHeader(value: string | undefined): { Authorization?: string } {
  if (value === undefined) return {};
  if (/(?!\t)[^\P{Cc}\x80-\x9F]/u.test(value)) {
    throw usageError(
      'Unable to connect to the server: net/http: invalid header field value for "Authorization"',
      "The token holds a line end or another control character: see the user's entry in the kubeconfig.",
    );
  }
  // Go sends the bytes of UTF-8, which Node.js takes one by one as Latin-1.
  return { Authorization: Buffer.from(value, "utf8").toString("latin1") };
}
