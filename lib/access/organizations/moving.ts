// A team that is being moved. Two objects cannot be written at once, so the move is noted first, on the organization that the team
// leaves: from then on nobody else changes that team, and the same command finishes a move that was interrupted.

import { usageError, type UserError } from "../../errors.ts";
import { mergePatch, objectIn, textIn } from "../../json.ts";
import type { Change } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { parseTeamName } from "../../kubernetes/organization-name.ts";
import { shellCommand } from "../../text/shell-quote.ts";
import { MOVING_ANNOTATION } from "../names.ts";
import { planFields, storedTeam, withoutTeam } from "./edit.ts";

/** The organization that a team of this one is being moved to; undefined: it is not being moved. */
export function movingTo(object: KubernetesObject, team: string): string | undefined {
  const to = textIn(notedMoves(object)[team]);
  return to === "" || storedTeam(object, team) === undefined ? undefined : to;
}

export interface TeamPlace {
  /** The organization that it is being moved to. */
  movesTo: string | undefined;
}

/** The same of a team, `acme/web`; undefined: there is no such team. */
export function teamPlace(objects: readonly KubernetesObject[], name: string): TeamPlace | undefined {
  const { organization, team } = parseTeamName(name);
  const object = objects.find(({ metadata }) => metadata.name === organization);
  if (object === undefined || storedTeam(object, team) === undefined) return undefined;
  return { movesTo: movingTo(object, team) };
}

/** Throws UserError "usage" for a team that is being moved, and for an organization with one. */
export function refuseMoving(object: KubernetesObject, team?: string): void {
  for (const name of team === undefined ? Object.keys(notedMoves(object)) : [team]) {
    const to = movingTo(object, name);
    if (to !== undefined) throw isMoving(`${object.metadata.name ?? ""}/${name}`, to);
  }
}

/** What to say of a team, `acme/web`, that is being moved. */
export function isMoving(team: string, to: string): UserError {
  const [organization = ""] = team.split("/");
  const words = ["kubectl", "mirrord", "grant", "team", "move", "--cascade"];
  return usageError(`team ${team} is being moved to ${to}`, [
    `If nobody is at it, finish it: ${shellCommand(words, [team, to])}`,
    `Or leave the team where it is: ${shellCommand(words.slice(0, -1), [team, organization])}`,
  ]);
}

/** The step that notes where the team goes, or that it stays (undefined), if it is still the version that was read. */
export function planMoving(current: KubernetesObject, team: string, to: string | undefined): Change {
  const change = planFields(current, {});
  if (movingTo(current, team) === to) return change;
  return withNote({ ...change, action: "update" }, current, { ...notedMoves(current), [team]: to });
}

/** The last step of a move: the team is gone, and so is the note. */
export function planMoved(current: KubernetesObject, team: string): Change {
  const change = planFields(current, withoutTeam(current, team));
  const noted = current.metadata.annotations?.[MOVING_ANNOTATION] !== undefined;
  const moved = noted ? withNote(change, current, { ...notedMoves(current), [team]: undefined }) : change;
  // As long as the team is there, the same command finds what it was to move.
  return { ...moved, stage: Infinity };
}

function withNote(change: Change, current: KubernetesObject, moves: Record<string, unknown>): Change {
  const { resourceVersion } = current.metadata;
  const text = JSON.stringify(moves);
  const annotations = { [MOVING_ANNOTATION]: text === "{}" ? null : text };
  const metadata = { ...(resourceVersion === undefined ? {} : { resourceVersion }), annotations };
  const patch = { ...change.patch, metadata };
  return { ...change, patch, merged: mergePatch(current, patch) };
}

/** By team. What is no such note says nothing. */
function notedMoves({ metadata }: KubernetesObject): Record<string, unknown> {
  try {
    return objectIn(JSON.parse(metadata.annotations?.[MOVING_ANNOTATION] ?? "{}"));
  } catch {
    return {};
  }
}
