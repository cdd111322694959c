import { listFlag, stringFlag, type Flags } from "../../cli/grammar/flags.ts";
import { usageError } from "../../errors.ts";
import { groupName, userName } from "../../kubernetes/subject-text.ts";
import type { AskedIdentity } from "../../preview/identity.ts";

/** Whom to ask about. They are named like kubectl's, and everything else is still read as the caller. */
export const identityFlags = {
  as: stringFlag("USER", "Whom to ask about: a user, or sa:NAMESPACE/NAME.", { parse: requireName }),
  asGroup: listFlag("GROUP", "A group of that user; may be repeated.", {
    parse: (text: string) => groupName("--as-group", text),
  }),
  asUid: stringFlag("UID", "The UID of that user."),
  asUserExtra: listFlag("KEY=VALUE", "Extra information of that user; may be repeated.", { parse: requirePair }),
  via: stringFlag(
    "METHOD",
    "How to ask about somebody else; without it, the first of sar, impersonate and local-sar that you may use.",
    { values: ["sar", "impersonate", "local-sar"] },
  ),
} satisfies Flags;

export const identityNeeds = (["asGroup", "asUid", "asUserExtra"] as const).map((option) => ({
  option,
  needs: ["as", "fromError"] as const,
  message: "--as-group, --as-uid and --as-user-extra need --as",
  hint: "Say whom to ask about: --as USER.",
}));

function requireName(text: string): string {
  if (text !== "") return userName("--as", text);
  throw usageError("--as needs a name");
}

function requirePair(text: string): string {
  if (text.indexOf("=") > 0) return text;
  throw usageError(`--as-user-extra ${JSON.stringify(text)} is not KEY=VALUE`);
}

interface IdentityOptions {
  as: string | undefined;
  asGroup: readonly string[];
  asUid: string | undefined;
  asUserExtra: readonly string[];
}

/** Undefined: the caller. */
export function identityAsked({ as, asGroup, asUid, asUserExtra }: IdentityOptions): AskedIdentity | undefined {
  if (as === undefined) return undefined;
  const extra = parseExtra(asUserExtra);
  return {
    name: as,
    groups: [...asGroup],
    groupsGiven: asGroup.length > 0,
    ...(asUid === undefined ? {} : { uid: asUid }),
    ...(extra === undefined ? {} : { extra }),
  };
}

function parseExtra(pairs: readonly string[]): Record<string, string[]> | undefined {
  const extra = new Map<string, string[]>();
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    const key = pair.slice(0, equals);
    extra.set(key, [...(extra.get(key) ?? []), pair.slice(equals + 1)]);
  }
  return extra.size === 0 ? undefined : Object.fromEntries(extra);
}
