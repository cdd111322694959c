// Organizations and their teams: who belongs where. Source: design section 3.1.

import { UserError, usageError } from "../../errors.ts";
import { listIn, objectIn, textIn } from "../../json.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { otherMeaning } from "../../kubernetes/subject-look.ts";
import { isOrganizationName, quoted } from "../../kubernetes/organization-name.ts";
import { byCodePoint } from "../../text/order.ts";
import { escapeCell } from "../../text/escape.ts";
import { formatSubject, isShared, subjectKey, isSystemSubject, parseSubject, type RbacSubject } from "../subject.ts";

/** Who is meant by a team, or by an organization itself: members by name, and groups of the identity provider. */
export interface Belonging {
  description: string;
  /** Users and service accounts, each once, in the order of their names. */
  members: readonly RbacSubject[];
  /** As the API server sees them, each once. */
  groups: readonly string[];
}

export interface Team extends Belonging {
  name: string;
}

export interface Organization extends Belonging {
  name: string;
  /** By name. */
  teams: readonly Team[];
  /** What is written there and counts for nothing, as sentences: a schema that is missing or older lets anything in. */
  faults: readonly string[];
}

/**
 * A member as it is typed or stored: a user, a service account, or a group of the identity provider. Throws UserError "usage",
 * also for what Kubernetes gives a meaning of its own.
 */
export function parseMember(text: string): RbacSubject {
  const subject = parseSubject(text);
  if (isShared(subject)) {
    throw usageError(
      `${formatSubject(subject)} cannot be in a team or an organization`,
      "Name users, service accounts, and groups of your identity provider.",
    );
  }
  if (!isSystemSubject(subject)) return subject;
  throw usageError(
    `${quoted(subject.name)} is a ${subject.kind.toLowerCase()} of Kubernetes itself, and cannot be in a team`,
    "Name users, service accounts, and groups of your identity provider.",
  );
}

/**
 * What an object of the kind says, however it is formed. What nobody can be sure of (a name twice, a text that is no subject)
 * gives nobody anything, and is a fault. Never throws.
 */
export function readOrganization(object: KubernetesObject): Organization {
  const name = object.metadata.name ?? "";
  const faults: string[] = [];
  const fault = (text: string) => void faults.push(text);
  const spec = objectIn(object["spec"]);
  const own = readBelonging(spec, name, fault);
  const teams = readTeams(spec["teams"], name, fault);
  if (!isOrganizationName(name)) {
    return { ...nobody, name, teams: [], faults: [`${quoted(name)} cannot be the name of an organization`] };
  }
  return { name, ...own, teams, faults };
}

const nobody: Belonging = { description: "", members: [], groups: [] };

function readTeams(value: unknown, organization: string, fault: (text: string) => void): Team[] {
  const listed = listIn(value).map(objectIn);
  const count = Map.groupBy(listed, (team) => textIn(team["name"]));
  if (value !== undefined && !Array.isArray(value)) fault("its teams are no list");
  const teams = [...count].flatMap(([name, [team = {}, ...others]]): Team[] => {
    const label = `${organization}/${name}`;
    if (!isOrganizationName(name)) {
      fault(`${quoted(name)} cannot be the name of a team`);
      return [];
    }
    // Which of the two is meant, nobody knows.
    if (others.length > 0) {
      fault(`team ${label} is there ${others.length + 1} times`);
      return [{ name, ...nobody }];
    }
    return [{ name, ...readBelonging(team, label, fault) }];
  });
  return teams.toSorted((a, b) => byCodePoint(a.name, b.name));
}

function readBelonging(
  { description, members, groups }: Record<string, unknown>,
  label: string,
  fault: (text: string) => void,
): Belonging {
  const read = (value: unknown, field: string, parse: (text: string) => RbacSubject): Map<string, RbacSubject> => {
    if (value !== undefined && !Array.isArray(value)) fault(`the ${field} of ${quotedName(label)} are no list`);
    const found = listIn(value).flatMap((item): [string, RbacSubject][] => {
      try {
        const subject = parse(typeof item === "string" ? item : "");
        return [[subjectKey(subject), subject]];
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        fault(`${quotedName(label)} has ${quoted(textIn(item))} among its ${field}: ${error.message}`);
        return [];
      }
    });
    return new Map(found.toSorted(([a], [b]) => byCodePoint(a, b)));
  };
  return {
    description: textIn(description),
    members: [...read(members, "members", parseNamedMember).values()],
    groups: [...read(groups, "groups", parseGroup).values()].map((group) => group.name),
  };
}

const quotedName = (label: string) => escapeCell(label);

/**
 * An item of a list of members. What could be a group elsewhere (`oidc:jim`) is a user here: groups have a list of their own. Throws
 * UserError "usage".
 */
export function parseNamedMember(text: string): RbacSubject {
  const isUser = /^[^:/]+:/u.test(text) && otherMeaning(text)?.isPrefix === false;
  const member = parseMember(isUser ? `user:${text}` : text);
  if (member.kind !== "Group") return member;
  throw usageError("a group goes under groups");
}

function parseGroup(text: string): RbacSubject {
  if (text.startsWith("group:")) throw usageError("a group is written by its name alone, without group:");
  return parseMember(`group:${text}`);
}
