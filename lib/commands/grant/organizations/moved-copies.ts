import { grantId } from "../../../access/intent.ts";
import { organizationPart } from "../../../access/organizations/directory.ts";
import type { StoredGrant } from "../../../access/stored.ts";
import type { SharedPlace } from "../../../access/organizations/moving.ts";
import { isShared, type GrantSubject } from "../../../access/subject.ts";
import { usageError } from "../../../errors.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import { formatTeamName, parseTeamName } from "../../../kubernetes/organization-name.ts";
import { readGrants } from "../../../reading/grants.ts";
import { readSharedPlaces } from "../../../reading/organizations.ts";
import { shellCommand } from "../../../text/shell-quote.ts";

export interface MovedCopies {
  /** What a move that is under way, or was interrupted, has made of these grants already: it is revoked with them. */
  find(chosen: readonly StoredGrant[], all: readonly StoredGrant[]): Promise<StoredGrant[]>;
  /** What such a move has made of them since. Throws UserError "usage" where it has ended meanwhile, and they hold under another name. */
  findLater(): Promise<StoredGrant[]>;
}

/** Grants to teams and organizations that are moved while they are revoked. Nothing is read where no grant is to one. */
export function movedCopies(cluster: Cluster): MovedCopies {
  // Of all attempts: the first may have taken away what the next does not find any more.
  let revoked: readonly StoredGrant[] = [];
  let names: string[] = [];
  let known: ReadonlySet<string> | undefined;
  // Of all looks: the move may have ended by the next, and its note is gone.
  const copied = new Set<string>();
  const places = async () => (await readSharedPlaces(cluster, names)) ?? new Map<string, SharedPlace>();
  const copies = (all: readonly StoredGrant[], there: ReadonlyMap<string, SharedPlace>) => {
    const moving = new Map([...there].map(([name, { moving: move }]) => [name, move?.to]));
    for (const id of revoked.flatMap((grant) => copyId(grant, moving.get(shared(grant))) ?? [])) copied.add(id);
    return all.filter(({ id }) => copied.has(id));
  };
  return {
    async find(chosen, all) {
      known ??= new Set(all.map(({ id }) => id));
      revoked = [...revoked, ...chosen];
      names = [...new Set(revoked.map(shared).filter((name) => name !== ""))];
      return names.length === 0 ? [] : copies(all, await places());
    },
    async findLater() {
      if (names.length === 0) return [];
      const all = await readGrants(cluster);
      // Once: a move that ends between two looks would be seen by neither.
      const there = await places();
      for (const grant of revoked.filter((each) => !there.has(shared(each)))) {
        const copy = all.find((each) => known?.has(each.id) === false && isCopy(each, grant));
        if (copy !== undefined) throw hasMoved(grant, copy);
      }
      return copies(all, there);
    },
  };
}

/** The team or the organization that it is to; empty: it is to somebody else. */
const shared = ({ intent }: StoredGrant): string =>
  intent !== undefined && isShared(intent.subject) ? intent.subject.name : "";

/** The id that it has under another organization. */
function copyId({ intent }: StoredGrant, organization: string | undefined): string | undefined {
  if (intent === undefined || organization === undefined) return undefined;
  const { kind, name } = intent.subject;
  const moved = kind === "Team" ? formatTeamName({ ...parseTeamName(name), organization }) : organization;
  return grantId({ ...intent, subject: { kind, name: moved } as GrantSubject });
}

const isCopy = (grant: StoredGrant, original: StoredGrant): boolean =>
  shared(grant) !== "" && shared(original) !== "" && grant.id === copyId(original, organizationPart(shared(grant)));

const hasMoved = (from: StoredGrant, copy: StoredGrant) =>
  usageError(
    `${from.intent?.subject.kind === "Team" ? "team" : "organization"} ${shared(from)} is ${shared(copy)} now, and what it was granted has gone along`,
    `Revoke it there: ${shellCommand(["kubectl", "mirrord", "grant", "revoke"], [copy.id])}`,
  );
