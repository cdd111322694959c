/** The text of a URL, which may be none, as it may be shown: user and password stand before the last `@`. */
export function withoutPassword(url: string): string {
  return url.replace(/^([a-z0-9+.-]*:\/\/)?[^]*@/i, "$1xxxxx@");
}
