/** The name under which every server-side apply of ours is sent, as managedFields have it. */
export const FIELD_MANAGER = "kubectl-mirrord";
