import type { Directory } from "../../access/organizations/directory.ts";
import type { Belonging, Organization } from "../../access/organizations/organization.ts";
import { formatSubject } from "../../access/subject.ts";
import { formatTeamName } from "../../kubernetes/organization-name.ts";
import { shellCommand } from "../../text/shell-quote.ts";
import type { FieldDifference } from "./fields.ts";
import { differenceText } from "./fields.ts";
import { driftItem, type DriftItem } from "./item.ts";

/**
 * Organizations that are not as a folder declares them; `connection`: words that reach the same cluster. An organization that only
 * the cluster has is one that was made by hand. Pure.
 */
export function organizationDrift(declared: Directory, there: Directory, connection: readonly string[]): DriftItem[] {
  const names = [...new Set([...declared.organizations.keys(), ...there.organizations.keys()])];
  return names.flatMap((name) => {
    const [wanted, found] = [declared.organizations.get(name), there.organizations.get(name)];
    const places = placesIn(wanted, found);
    const differences = places.flatMap((place) => belongingDifferences(place));
    const command = (...words: string[]) => shellCommand(["kubectl", "mirrord", "grant", ...words, ...connection]);
    const commands =
      wanted === undefined ? [command("org", "delete", name)] : places.flatMap((place) => mend(place, name, command));
    if (differences.length === 0 && commands.length === 0) return [];
    const message =
      wanted === undefined
        ? "Nothing declares it"
        : found === undefined
          ? "It is not there"
          : differences.map(differenceText).join("; ");
    const subject = { kind: "Organization", name };
    const field = differences.length === 0 ? {} : { field: differences.map((each) => each.field).join(", ") };
    return [driftItem("drift-organization", { subject, message, ...field, differences, commands })];
  });
}

/** The organization itself, or one of its teams, on both sides; undefined where it is not there. */
interface Place {
  team?: string;
  wanted: Belonging | undefined;
  found: Belonging | undefined;
}

function placesIn(wanted: Organization | undefined, found: Organization | undefined): Place[] {
  const teams = [...new Set([...(wanted?.teams ?? []), ...(found?.teams ?? [])].map(({ name }) => name))].toSorted();
  const team = (organization: Organization | undefined, name: string) =>
    organization?.teams.find((each) => each.name === name);
  return [
    { wanted, found },
    ...teams.map((name) => ({ team: name, wanted: team(wanted, name), found: team(found, name) })),
  ];
}

/** Members as they are typed: groups with `group:`. */
function memberTexts(belonging: Belonging | undefined): string[] {
  const { members = [], groups = [] } = belonging ?? {};
  return [...groups.map((name) => formatSubject({ kind: "Group", name })), ...members.map(formatSubject)];
}

function memberDifference({ wanted, found }: Place): { lacks: string[]; has: string[] } {
  const [declared, there] = [new Set(memberTexts(wanted)), new Set(memberTexts(found))];
  return { lacks: [...declared.difference(there)], has: [...there.difference(declared)] };
}

function belongingDifferences(place: Place): FieldDifference[] {
  const { team, wanted, found } = place;
  const { lacks, has } = memberDifference(place);
  const path = team === undefined ? "spec" : `spec.teams[${team}]`;
  const isPresent = (wanted === undefined) === (found === undefined);
  const whole =
    isPresent || team === undefined
      ? []
      : [{ field: "spec.teams", lacks: wanted === undefined ? [] : [team], has: found === undefined ? [] : [team] }];
  return [...whole, ...(lacks.length + has.length === 0 ? [] : [{ field: `${path}.members`, lacks, has }])];
}

/** What makes the place what it is declared to be, given that the organization is declared. */
function mend(place: Place, organization: string, command: (...words: string[]) => string): string[] {
  const { team, wanted, found } = place;
  const [noun, name] = team === undefined ? ["org", organization] : ["team", formatTeamName({ organization, team })];
  if (wanted === undefined) return found === undefined ? [] : [command(noun, "delete", name)];
  const { lacks, has } = memberDifference(place);
  return [
    ...(found === undefined ? [command(noun, "create", name)] : []),
    ...(lacks.length === 0 ? [] : [command(noun, "add", name, ...lacks)]),
    ...(has.length === 0 ? [] : [command(noun, "remove", name, ...has)]),
  ];
}
