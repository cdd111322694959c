/**
 * The texts of `Warning: 299 - "text"` headers, of which Node joins several with commas.
 * Source: RFC 7234 section 5.5, apimachinery pkg/util/net/http.go ParseWarningHeaders; other codes are not for the user.
 */
export function parseWarnings(header: string): string[] {
  const texts: string[] = [];
  const warning = /\s*(\d{3})\s+(\S+)\s+"((?:[^"\\]|\\.)*)"(?:\s+"[^"]*")?\s*(?:,|$)/y;
  for (let match = warning.exec(header); match !== null; match = warning.exec(header)) {
    const [, code, , text = ""] = match;
    if (code === "299") texts.push(text.replaceAll(/\\(.)/g, "$1"));
  }
  return texts;
}
