/** The name under which every server-side apply of ours is sent, as managedFields have it. */
export const FIELD_MANAGER = "kubectl-mirrord";

/** The annotation in which kubectl keeps what it applied last: nobody here changes it, and it repeats the object. */
export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
