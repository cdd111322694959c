import { directory, type Directory } from "../../access/organizations/directory.ts";
import { organizationType } from "../../access/organizations/definition.ts";
import { encodeIntent } from "../../access/intent.ts";
import { grantWords } from "../../access/grant-words.ts";
import { annotations } from "../../access/names.ts";
import { isRevoked, type StoredGrant } from "../../access/stored.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { readAllRbac } from "../../reading/rbac-objects.ts";
import { readList } from "../../reading/read.ts";
import { timestamp } from "../../text/instant.ts";
import { readGrantsAmong } from "../read-grants.ts";

/** What a folder of manifests declares. */
export interface Declarations {
  rbac: readonly KubernetesObject[];
  /** Those that can be read and were not revoked; undefined: it has none, and those of the cluster count. */
  grants: readonly StoredGrant[] | undefined;
  /** The same of organizations. */
  organizations: Directory | undefined;
}

export async function readDeclarations(folder: Cluster): Promise<Declarations> {
  const [rbac, organizations] = await Promise.all([readAllRbac(folder), readList(folder, organizationType)]);
  const { grants } = await readGrantsAmong(folder, rbac.objects);
  const declared = grants.filter((grant) => grant.intent !== undefined && !isRevoked(grant));
  const known = organizations.failed ? [] : organizations.value;
  return {
    rbac: rbac.objects,
    grants: declared.length === 0 ? undefined : declared,
    organizations: known.length === 0 ? undefined : directory(known),
  };
}

export interface MatchedGrants {
  /** Those that are declared, each with the objects that the cluster has of it. */
  declared: StoredGrant[];
  /** Those that only the cluster has. */
  undeclared: StoredGrant[];
  /** By id, the words behind `kubectl mirrord` that make the cluster's grant the declared one, where sync does not. */
  mend: Map<string, string[]>;
}

/** The grants of the folder and those of the cluster, by their ids. */
export function matchGrants(declared: readonly StoredGrant[], stored: readonly StoredGrant[]): MatchedGrants {
  const byId = new Map(stored.map((grant) => [grant.id, grant]));
  const ids = new Set(declared.map(({ id }) => id));
  const undeclared = stored.filter(({ id }) => !ids.has(id));
  const mend = declared.flatMap((grant): [string, string[]][] => {
    const words = mendingWords(grant, byId.get(grant.id));
    return words === undefined ? [] : [[grant.id, words]];
  });
  return {
    declared: declared.map((grant) => withObjects(grant, byId.get(grant.id))),
    undeclared,
    mend: new Map([...mend, ...undeclared.map(({ id }): [string, string[]] => [id, ["grant", "revoke", id]])]),
  };
}

/** What the folder says about the objects that are there. Whether it is being taken back is for the folder to say, too. */
function withObjects(declared: StoredGrant, stored: StoredGrant | undefined): StoredGrant {
  if (stored === undefined) return { ...declared, objects: [] };
  const binding = stored.binding ?? declared.binding;
  if (binding === undefined) return { ...declared, objects: stored.objects };
  const {
    [annotations.revokedAt]: _revoked,
    [annotations.expiresAt]: _end,
    ...notes
  } = binding.metadata.annotations ?? {};
  const { deletionTimestamp: _leaving, ...metadata } = binding.metadata;
  const end = declared.binding?.metadata.annotations?.[annotations.expiresAt];
  const kept = { ...notes, ...(end === undefined ? {} : { [annotations.expiresAt]: end }) };
  return {
    ...declared,
    objects: stored.objects,
    binding: { ...binding, metadata: { ...metadata, annotations: kept } },
  };
}

function mendingWords(declared: StoredGrant, stored: StoredGrant | undefined): string[] | undefined {
  const { id, intent, expiresAt } = declared;
  if (intent === undefined) return undefined;
  const isSame = stored?.intent !== undefined && encodeIntent(stored.intent) === encodeIntent(intent);
  if (!isSame || isRevoked(stored)) {
    const { dangerous = false, allowSystem = false } = intent;
    const lifetime = expiresAt === undefined ? undefined : { until: expiresAt };
    return ["grant", ...grantWords(intent, { accepted: { dangerous, allowSystem }, lifetime })];
  }
  if (stored.expiresAt === expiresAt || expiresAt === undefined) return undefined;
  return ["grant", "extend", id, "--until", timestamp(expiresAt)];
}
