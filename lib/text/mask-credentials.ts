const MASK = "***";

/** Where a word that nobody foresaw may hold a credential, and what is shown instead of all that follows. */
const places: readonly (readonly [where: RegExp, shown: string])[] = [
  [/-----BEGIN [^-]*-----[^]*?(?:-----END [^-]*-----|$)/g, MASK],
  // V8 and Node.js quote what they were given.
  [/^(?:Unexpected |")[^]*(?= is not valid JSON)/, MASK],
  [/\bReceived (?!undefined|null|an instance of |function )[^]*/g, `Received ${MASK}`],
  [/(:\/\/)[^\s/@]*@/g, `$1${MASK}@`],
  [/\b(Bearer|Basic) +[^\s"',;]{8,}/gi, `$1 ${MASK}`],
  [
    /((?:token|password|passwd|secret|authorization|cookie|key|key-?data)["']? *[:=] *)(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|(?!(?:Bearer|Basic) )[^\s,;)}\]]+)/gi,
    `$1${MASK}`,
  ],
  [/\beyJ[\w-]{8,}(?:\.[\w-]*)*/g, MASK],
];

/** The message of an error that is not ours, without what it may quote of a token, a password or a key. */
export function maskCredentials(message: string): string {
  return places.reduce((text, [where, shown]) => text.replace(where, shown), message);
}
