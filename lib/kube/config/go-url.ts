/**
 * What Go's url.Parse refuses and Node.js takes: Node.js leaves tabs and line ends out, and calls another address than the one
 * that is written. Undefined when there is nothing of the kind; else in Go's words.
 * Source: net/url parse(), unescape()
 */
export function goUrlFault(url: string): string | undefined {
  // oxlint-disable-next-line no-control-regex
  if (/[\0-\x1f\x7f]/.test(url)) return "net/url: invalid control character in URL";
  const escape = /%(?![0-9A-Fa-f]{2}).{0,2}/s.exec(url.replace(/\?.*$/s, ""))?.[0];
  return escape === undefined ? undefined : `invalid URL escape "${escape}"`;
}
