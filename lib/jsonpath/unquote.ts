import { goUnquote } from "../text/go-unquote.ts";
import { JsonPathError } from "./nodes.ts";

/**
 * The text between two quotes, with Go's escapes. Source: UnquoteExtend in client-go util/jsonpath/parser.go.
 * @throws JsonPathError
 */
export function unquote(quoted: string): string {
  const text = goUnquote(quoted.slice(1, -1), quoted.charAt(0));
  if (text === undefined) throw new JsonPathError(`unquote string ${quoted} error invalid syntax`);
  return text;
}
