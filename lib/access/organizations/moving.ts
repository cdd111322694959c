// A team that is being moved, or an organization with all that is in it. Two objects cannot be written at once, so the move is noted
// first, on the organization that is left: from then on nobody else changes what moves, and the same command finishes a move that was
// interrupted.

import { isDeepStrictEqual } from "node:util";
import { usageError, type UserError } from "../../errors.ts";
import { isSameJson, mergePatch, objectIn, textIn } from "../../json.ts";
import type { Change } from "../../kube/cluster.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { formatTeamName } from "../../kubernetes/organization-name.ts";
import { shellCommand } from "../../text/shell-quote.ts";
import { MOVING_ANNOTATION } from "../names.ts";
import { planFields, storedTeam, withoutTeam } from "./edit.ts";

/** In the note, the organization itself: no team has this name. */
const WHOLE = "";

/** Where a team of this organization is being moved to, or without a team all of it; undefined: it is not being moved. */
export function movingTo(object: KubernetesObject, team?: string): string | undefined {
  const noted = notedMoves(object)[team ?? WHOLE];
  const to = textIn(objectIn(noted)["to"] ?? noted);
  return to === "" || (team !== undefined && storedTeam(object, team) === undefined) ? undefined : to;
}

/**
 * Whether the move is past the point from which its own grants go: one that is gone now was not revoked by anybody. Also when all of it
 * has moved.
 */
export function isSettled(objects: readonly KubernetesObject[], { organization, team }: Place): boolean {
  const object = objects.find(({ metadata }) => metadata.name === organization);
  if (object === undefined || (team !== undefined && storedTeam(object, team) === undefined)) return true;
  return objectIn(notedMoves(object)[team ?? WHOLE])["settled"] === true;
}

export interface SharedPlace {
  /** What is being moved, itself or its organization, and the organization that it is moved to. */
  moving: { name: string; to: string } | undefined;
}

/** The same of a team, `acme/web`, or of an organization; undefined: there is none of this name. */
export function sharedPlace(objects: readonly KubernetesObject[], name: string): SharedPlace | undefined {
  const [organization, team] = name.split("/");
  const object = objects.find(({ metadata }) => metadata.name === organization);
  if (object === undefined) return undefined;
  if (team !== undefined && storedTeam(object, team) === undefined) return undefined;
  const own = movingTo(object, team);
  if (own !== undefined) return { moving: { name, to: own } };
  const to = movingTo(object);
  return { moving: to === undefined ? undefined : { name: organization ?? "", to } };
}

/** An organization with all that is in it, or one of its teams. */
export interface Place {
  organization: string;
  team?: string;
}

/** What is moved, and the organization that it is moved to. */
interface Move extends Place {
  to: string;
}

/** Throws UserError "usage" for an organization that is being moved as a whole, or that another is moved to. */
export function refuseRenamed(objects: readonly KubernetesObject[], organization: string): void {
  const move = movesAt(objects, organization).find(({ team }) => team === undefined);
  if (move !== undefined) throw isMoving(placeName(move), move.to);
}

/**
 * Throws UserError "usage" for a place that is being moved, or that is moved to: what a move has made there already would be lost
 * when it goes on, or come back. A team is moved with its organization too, and an organization is not left alone while one of its
 * teams comes or goes.
 */
export const refuseMoving = (objects: readonly KubernetesObject[], place: Place): void => refuse(objects, place);

/**
 * Throws UserError "usage" for a move that cannot begin, because of another where it leaves or where it goes. One that has begun was
 * alone then, and others wait for it.
 */
export function refuseBeginning(objects: readonly KubernetesObject[], place: Place, to: string): void {
  const own = { ...place, to };
  if (!movesAt(objects, to).some((move) => isDeepStrictEqual(move, own))) refuseOthers(objects, own);
}

function refuseOthers(objects: readonly KubernetesObject[], own: Move): void {
  const { to, ...place } = own;
  refuse(objects, place, own);
  refuse(objects, { ...place, organization: to }, own);
}

/** @param own the move that does not count */
function refuse(objects: readonly KubernetesObject[], { organization, team }: Place, own?: Move): void {
  const concerns = (move: Move) => team === undefined || move.team === undefined || move.team === team;
  const move = movesAt(objects, organization).find((each) => concerns(each) && !isDeepStrictEqual(each, own));
  if (move !== undefined) throw isMoving(placeName(move), move.to);
}

/** Those that leave the organization or come to it, with all of it or a team. */
function movesAt(objects: readonly KubernetesObject[], organization: string): Move[] {
  return objects
    .flatMap((object) =>
      Object.keys(notedMoves(object)).flatMap((name): Move[] => {
        const place = placeOf(object, name === WHOLE ? undefined : name);
        const to = movingTo(object, place.team);
        return to === undefined ? [] : [{ ...place, to }];
      }),
    )
    .filter((move) => move.organization === organization || move.to === organization);
}

const placeOf = ({ metadata }: KubernetesObject, team: string | undefined): Place => ({
  organization: metadata.name ?? "",
  ...(team === undefined ? {} : { team }),
});

const placeName = ({ organization, team }: Place): string =>
  team === undefined ? organization : formatTeamName({ organization, team });

/** What to say of a team, `acme/web`, or of an organization that is being moved. */
export function isMoving(name: string, to: string): UserError {
  const [organization = "", team] = name.split("/");
  const what = team === undefined ? "organization" : "team";
  const words = ["kubectl", "mirrord", "grant", team === undefined ? "org" : "team", "move", "--cascade"];
  return usageError(`${what} ${name} is being moved to ${to}`, [
    `If nobody is at it, finish it: ${shellCommand(words, [name, to])}`,
    `Or leave the ${what} where it is: ${shellCommand(words.slice(0, -1), [name, organization])}`,
  ]);
}

/**
 * The step that begins a move, of a team or without one of the organization itself. Throws UserError "usage" where another move is
 * under way, there or where it goes.
 */
export function planBeginning(
  objects: readonly KubernetesObject[],
  current: KubernetesObject,
  team: string | undefined,
  to: string,
): Change {
  refuseOthers(objects, { ...placeOf(current, team), to });
  return planMoving(current, team, to);
}

/** The step that ends a move which has copied nothing yet. Throws UserError "usage" where the copy is there. */
export function planStaying(
  objects: readonly KubernetesObject[],
  current: KubernetesObject,
  team: string | undefined,
): Change {
  const to = movingTo(current, team);
  const target = objects.find(({ metadata }) => metadata.name === to);
  const moved = (object: KubernetesObject) => (team === undefined ? object["spec"] : storedTeam(object, team));
  if (to !== undefined && target !== undefined && isSameJson(moved(target), moved(current))) {
    throw isMoving(placeName(placeOf(current, team)), to);
  }
  return planMoving(current, team, undefined);
}

/**
 * The step that notes where the team, or the organization, goes, or that it stays (undefined), if it is still the version that was
 * read.
 */
export function planMoving(current: KubernetesObject, team: string | undefined, to: string | undefined): Change {
  const change = planFields(current, {});
  if (movingTo(current, team) === to) return change;
  return withNote({ ...change, action: "update" }, current, { ...notedMoves(current), [team ?? WHOLE]: to });
}

/** The step that notes that what was granted is there under the new name: from then on the move takes away what it was made from. */
export function planSettled(current: KubernetesObject, team: string | undefined): Change {
  const change = planFields(current, {});
  const to = movingTo(current, team);
  if (to === undefined || isSettled([current], placeOf(current, team))) return change;
  const note = { ...notedMoves(current), [team ?? WHOLE]: { to, settled: true } };
  return withNote({ ...change, action: "update" }, current, note);
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

/** By team; of the organization itself under no name. What is no such note says nothing. */
function notedMoves({ metadata }: KubernetesObject): Record<string, unknown> {
  try {
    return objectIn(JSON.parse(metadata.annotations?.[MOVING_ANNOTATION] ?? "{}"));
  } catch {
    return {};
  }
}
