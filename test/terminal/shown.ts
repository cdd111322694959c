// What program.ts is given, and how its screens are told apart.

/** What the process is given, as JSON in a file. */
export interface Shown {
  /** The cluster, as a folder of manifests. */
  folder: string;
  /** Entries of the operator's sessions. */
  sessions: object[];
  screens: { name: string; words: string[] }[];
}

/** Between two screens. */
export const mark = (name: string): string => `=== ${name} ===`;
