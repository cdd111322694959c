/**
 * What has to be in the words of a command that lacks a right: the words of RBAC for what is held, the type's name for what is
 * read or sent. People know the operator's own object by what it says.
 */
export function naming({ verb, resource }: { verb: string; resource: string }): RegExp {
  if (verb === "manage") return /administrator/;
  if (verb === "bind" || verb === "escalate") return /RBAC permissions not currently held|bind/;
  if (verb === "impersonate") return /impersonate/;
  if (resource === "mirrordoperators") return /mirrordoperator|the operator's (status|version)|not currently held/i;
  if (resource === "mirrordclustersessions") return /session records|mirrordclustersessions/;
  // A policy and what puts it into force are one thing to people.
  if (resource.startsWith("validatingadmissionpolic")) return /validatingadmissionpolic|not currently held/i;
  return new RegExp(`${resource.replace(/s$/, "")}|not currently held`, "i");
}

/** The lines that somebody with one right less sees and somebody with all of them does not: what is said anyway is no excuse. */
export function newLines(less: string, whole: string): string {
  const known = new Set(whole.split("\n"));
  return less
    .split("\n")
    .filter((line) => !known.has(line))
    .join("\n");
}
