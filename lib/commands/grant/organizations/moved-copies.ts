import { grantId } from "../../../access/intent.ts";
import type { StoredGrant } from "../../../access/stored.ts";
import type { TeamPlace } from "../../../access/organizations/moving.ts";
import { usageError } from "../../../errors.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import { formatTeamName, parseTeamName } from "../../../kubernetes/organization-name.ts";
import { readGrants } from "../../../reading/grants.ts";
import { readTeamPlaces } from "../../../reading/organizations.ts";
import { shellCommand } from "../../../text/shell-quote.ts";

export interface MovedCopies {
  /** What a move that is under way, or was interrupted, has made of these grants already: it is revoked with them. */
  find(chosen: readonly StoredGrant[], all: readonly StoredGrant[]): Promise<StoredGrant[]>;
  /** What such a move has made of them since. Throws UserError "usage" where it has ended meanwhile, and they hold under another name. */
  findLater(): Promise<StoredGrant[]>;
}

/** Grants to teams that are moved while they are revoked. Nothing is read where no grant is to a team. */
export function movedCopies(cluster: Cluster): MovedCopies {
  // Of all attempts: the first may have taken away what the next does not find any more.
  let revoked: readonly StoredGrant[] = [];
  let teams: string[] = [];
  let known: ReadonlySet<string> | undefined;
  const places = async () => (await readTeamPlaces(cluster, teams)) ?? new Map<string, TeamPlace>();
  const copies = async (all: readonly StoredGrant[]) => {
    if (teams.length === 0) return [];
    const moving = new Map([...(await places())].map(([team, { movesTo }]) => [team, movesTo]));
    const ids = new Set(revoked.flatMap((grant) => copyId(grant, moving.get(team(grant))) ?? []));
    return all.filter(({ id }) => ids.has(id));
  };
  return {
    async find(chosen, all) {
      known ??= new Set(all.map(({ id }) => id));
      revoked = [...revoked, ...chosen];
      teams = [...new Set(revoked.map(team).filter((name) => name !== ""))];
      return await copies(all);
    },
    async findLater() {
      if (teams.length === 0) return [];
      const all = await readGrants(cluster);
      const there = await places();
      for (const grant of revoked.filter((each) => !there.has(team(each)))) {
        const copy = all.find((each) => known?.has(each.id) === false && isCopy(each, grant));
        if (copy !== undefined) throw hasMoved(team(grant), copy);
      }
      return await copies(all);
    },
  };
}

/** The team that it is to; empty: it is to something else. */
const team = ({ intent }: StoredGrant): string => (intent?.subject.kind === "Team" ? intent.subject.name : "");

function copyId({ intent }: StoredGrant, organization: string | undefined): string | undefined {
  if (intent === undefined || organization === undefined) return undefined;
  const name = formatTeamName({ ...parseTeamName(intent.subject.name), organization });
  return grantId({ ...intent, subject: { kind: "Team", name } });
}

const isCopy = (grant: StoredGrant, original: StoredGrant): boolean =>
  team(grant) !== "" && team(original) !== "" && grant.id === copyId(original, parseTeamName(team(grant)).organization);

const hasMoved = (from: string, { id, intent }: StoredGrant) =>
  usageError(
    `team ${from} is ${intent?.subject.name ?? ""} now, and what it was granted has gone along`,
    `Revoke it there: ${shellCommand(["kubectl", "mirrord", "grant", "revoke"], [id])}`,
  );
