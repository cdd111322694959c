/**
 * The words that may follow `grant`, in use or kept for later: a bare subject must not be one of them or close to one,
 * so that a slip of the finger never makes a user. Source: design section 2.
 */
export const grantVerbs = [
  "list",
  "describe",
  "explain",
  "extend",
  "revoke",
  "sync",
  "matrix",
  "org",
  "team",
  "collection",
  "role",
  "whoami",
] as const;
