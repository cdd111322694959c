// Sources: kubectl pkg/cmd/auth/cani.go, and the operator contract, section 3.1 (proxy).
export const knownVerbs: readonly string[] =
  "get list watch create update patch delete deletecollection use bind impersonate * approve sign escalate attest proxy".split(
    " ",
  );

/** Constrained impersonation has verbs of its own: `impersonate:user-info`, `impersonate-on:user-info:get`. */
export const isKnownVerb = (verb: string): boolean => knownVerbs.includes(verb) || /^impersonate(-on)?:/.test(verb);

/** Of what has a path and no type. Source: kubectl pkg/cmd/create/create_clusterrole.go. */
export const knownPathVerbs: readonly string[] = ["get", "post", "put", "delete", "patch", "head", "options", "*"];

export const isKnownPathVerb = (verb: string): boolean => knownPathVerbs.includes(verb);
