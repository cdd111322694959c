/** Whether an admission policy keeps everybody but administrators from something. */
export interface Guard {
  /** False as well where that is not known: then everybody may be able to. */
  guards: boolean;
  /** Plural names of what may not be read, so that it is not known; else empty. */
  unreadable: readonly string[];
}

/** The guard of policies that may not be read. */
export const unknownGuard = (unreadable: readonly string[]): Guard => ({ guards: false, unreadable });

/** `you may not read validatingadmissionpolicies: whether a policy keeps … is not known`; none where it is known. */
export function guardDoubts(unreadable: readonly string[], what: string): string[] {
  return unreadable.length === 0
    ? []
    : [`you may not read ${unreadable.join(", ")}: whether a policy keeps ${what} for administrators is not known`];
}
