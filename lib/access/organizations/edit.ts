// What has to change in an Organization; all of it that is not meant stays as it was written, whoever wrote it.

import { usageError } from "../../errors.ts";
import { isJsonObject, listIn, mergePatch, objectIn, textIn, type JsonObject } from "../../json.ts";
import type { Change } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { formatApiVersion } from "../../kubernetes/resources.ts";
import { formatSubject, type RbacSubject } from "../subject.ts";
import { MANAGED_BY, MANAGED_BY_LABEL } from "../names.ts";
import { organizationLimits, organizationType } from "./definition.ts";
import { parseMember, parseNamedMember } from "./organization.ts";

/**
 * Before the bindings that follow from it. Also where it is deleted: what somebody else has changed meanwhile is found out before
 * anything that it was granted is taken.
 */
const STAGE = -1;

/** A new organization. */
export function planOrganization(name: string, spec: JsonObject): Change {
  const object: KubernetesObject = {
    apiVersion: formatApiVersion(organizationType),
    kind: organizationType.kind,
    metadata: { name, labels: { [MANAGED_BY_LABEL]: MANAGED_BY } },
    spec,
  };
  return { action: "create", type: organizationType, object, stage: STAGE, isNew: true };
}

/** The step after which these fields of its spec are so, if it is still the version that was read. */
export function planFields(current: KubernetesObject, fields: JsonObject): Change {
  const { apiVersion, kind } = current;
  const { name = "", resourceVersion } = current.metadata;
  const object = { apiVersion, kind, metadata: { name } };
  const merged = mergePatch(current, { spec: fields });
  if (JSON.stringify(merged["spec"]) === JSON.stringify(current["spec"])) {
    return { action: "unchanged", type: organizationType, object, current, stage: STAGE };
  }
  const metadata = resourceVersion === undefined ? {} : { resourceVersion };
  return {
    action: "update",
    type: organizationType,
    object,
    current,
    merged,
    patch: { metadata, spec: fields },
    stage: STAGE,
  };
}

export function planOrganizationDeletion(current: KubernetesObject): Change {
  return { action: "delete", type: organizationType, object: current, current, stage: STAGE, isExact: true };
}

/** Whom to put in and to take out. */
export interface MemberChange {
  added?: readonly RbacSubject[];
  removed?: readonly RbacSubject[];
}

/** The fields of an organization's spec with other members, of itself or of one of its teams. */
export function withMembers(object: KubernetesObject, team: string | undefined, change: MemberChange): JsonObject {
  const spec = objectIn(object["spec"]);
  const label = `${object.metadata.name ?? ""}${team === undefined ? "" : `/${team}`}`;
  const most = team === undefined ? organizationLimits.members : organizationLimits.teamMembers;
  if (team === undefined) return belonging(spec, change, { label, most });
  return withTeam(object, team, (found) => ({ ...found, ...belonging(found, change, { label, most }) }));
}

/** With another form of that team; one that is not there is added. */
export function withTeam(
  object: KubernetesObject,
  name: string,
  edit: (team: JsonObject) => JsonObject,
): { teams: unknown[] } {
  const teams = listIn(objectIn(object["spec"])["teams"]);
  if (!teams.some((team) => isNamed(team, name))) return checkedTeams([...teams, edit({ name })], object);
  return { teams: teams.map((team) => (isNamed(team, name) ? edit(objectIn(team)) : team)) };
}

export function withoutTeam(object: KubernetesObject, name: string): { teams: unknown[] } {
  return { teams: listIn(objectIn(object["spec"])["teams"]).filter((team) => !isNamed(team, name)) };
}

/** The team as it is written. */
export function storedTeam(object: KubernetesObject, name: string): JsonObject | undefined {
  return listIn(objectIn(object["spec"])["teams"])
    .filter(isJsonObject)
    .find((team) => isNamed(team, name));
}

const isNamed = (team: unknown, name: string) => textIn(objectIn(team)["name"]) === name;

function checkedTeams(teams: unknown[], { metadata: { name = "" } }: KubernetesObject): { teams: unknown[] } {
  if (teams.length <= organizationLimits.teams) return { teams };
  throw usageError(`organization ${name} has ${organizationLimits.teams} teams already, and no more are possible`);
}

function belonging(
  stored: JsonObject,
  { added = [], removed = [] }: MemberChange,
  { label, most }: { label: string; most: number },
): JsonObject {
  const isGroup = ({ kind }: RbacSubject) => kind === "Group";
  const list = (field: "members" | "groups", isKind: (subject: RbacSubject) => boolean, limit: number): JsonObject => {
    const gone = new Set(removed.filter(isKind).map(formatSubject));
    const before = listIn(stored[field]);
    const kept = before.filter((item) => !gone.has(canonical(item, field) ?? ""));
    const known = new Set(kept.map((item) => canonical(item, field)));
    const more = added.filter((subject) => isKind(subject) && !known.has(formatSubject(subject)));
    if (more.length === 0 && kept.length === before.length) return {};
    const whole = [...kept, ...more.map((subject) => (isGroup(subject) ? subject.name : formatSubject(subject)))];
    if (whole.length <= limit || more.length === 0) return { [field]: whole };
    throw usageError(
      `${label} would have ${whole.length} ${field}, and ${limit} are possible`,
      field === "members" ? "Put a group of your identity provider in their place." : [],
    );
  };
  return {
    ...list("members", (subject) => !isGroup(subject), most),
    ...list("groups", isGroup, organizationLimits.groups),
  };
}

/** `group:oidc:web`, `jim`: one spelling for an item of a list; undefined for what names nobody. */
function canonical(item: unknown, field: "members" | "groups"): string | undefined {
  if (typeof item !== "string") return undefined;
  try {
    return formatSubject(field === "groups" ? parseMember(`group:${item}`) : parseNamedMember(item));
  } catch {
    return undefined;
  }
}
