/** Whose session it is. Undefined parts are not known. */
export interface SessionOwner {
  /** The name of the account on the machine of the client, as the client says. */
  name?: string;
  /** The user that the API server authenticated. */
  kubernetesUser?: string;
  /** As the client says. */
  host?: string;
  /** True when the parts came one by one; otherwise they are a reading of one text, and a guess. */
  certain?: true;
}

/** A session, as far as it says whose it is: `user` is the text that the parts were read from. */
interface Owned {
  owner: SessionOwner;
  user: string;
}

/**
 * Splits `REAL NAME/KUBERNETES USER@HOST` at the first `/` and the last `@`. A real name may hold `/`, and a Kubernetes user
 * `/`, `:` and `@`, so this is a reading for display. Source: operator contract section 2.2.
 */
export function ownerFrom(user: string): SessionOwner {
  const at = user.lastIndexOf("@");
  const slash = user.indexOf("/");
  if (slash < 0 || at < slash) return user === "" ? {} : { name: user };
  const parts = { name: user.slice(0, slash), kubernetesUser: user.slice(slash + 1, at), host: user.slice(at + 1) };
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== ""));
}

/**
 * Whether the session is of this Kubernetes user: "yes" by parts that came one by one or by the usual reading of the text,
 * "maybe" by another reading of it. Both name and host are chosen by the client, so only a text that allows no reading
 * with this user is a "no": nobody hides by a host name with an `@`.
 */
export function isOwnedBy({ owner, user }: Owned, wanted: string): "yes" | "no" | "maybe" {
  if (owner.kubernetesUser === wanted) return "yes";
  if (owner.certain) return "no";
  return `/${user}`.includes(`/${wanted}@`) ? "maybe" : "no";
}

/** More readings than any real text has; a longer one was made to waste time. */
const MAX_READINGS = 16;

/**
 * Every Kubernetes user that the session may be of, the usual reading first. Undefined when there are too many, or none.
 */
export function possibleUsers({ owner, user }: Owned): string[] | undefined {
  if (owner.kubernetesUser === undefined) return undefined;
  if (owner.certain) return [owner.kubernetesUser];
  const starts = markPositions("/", user);
  const ends = markPositions("@", user);
  if (starts.length * ends.length > MAX_READINGS) return undefined;
  const readings = starts.flatMap((start) =>
    ends.filter((end) => end > start + 1).map((end) => user.slice(start + 1, end)),
  );
  return [...new Set([owner.kubernetesUser, ...readings])];
}

function markPositions(mark: string, text: string): number[] {
  return [...text.matchAll(mark === "/" ? /\//g : /@/g)].slice(0, MAX_READINGS + 1).map(({ index }) => index);
}
