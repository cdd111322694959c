import { isDeepStrictEqual } from "node:util";
import type { World } from "../cli/world.ts";
import { UserError, usageError } from "../errors.ts";
import { readDocuments } from "../kube/manifests/documents.ts";
import { ApiError } from "../kubernetes/api-error.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { toYaml } from "../yaml.ts";

export interface EditOptions<Saved> {
  /** `policy`: in what is said to whoever edits. */
  noun: string;
  /** Writes what was edited. What it throws of kind "usage", and a 400 or 422, opens the editor again with the reason. */
  save: (after: KubernetesObject) => Promise<Saved>;
}

/** Opens the editor until what is saved can be written; undefined: nothing was to be changed. What somebody wrote is never lost. */
export async function editObject<Saved>(
  before: KubernetesObject,
  { noun, save }: EditOptions<Saved>,
  world: World,
): Promise<Saved | undefined> {
  const file = `${(before.metadata.name ?? noun).replaceAll(":", "-")}.yaml`;
  let text = toYaml(before);
  let refusal: UserError | undefined;
  for (;;) {
    const given = `${header(noun, refusal)}${text}`;
    const edited = withoutComments(await world.edit(given, file).catch(keepText));
    const isSame = edited === text || isDeepStrictEqual(tryParse(edited, noun), before);
    if (isSame || edited.trim() === "") {
      if (refusal !== undefined) return await keepText(refusal);
      world.note(`Edit cancelled: ${isSame ? "nothing was changed" : "the saved file was empty"}.`);
      return undefined;
    }
    text = edited;
    try {
      return await save(sameObject(edited, before, noun));
    } catch (error) {
      if (!canMend(error)) return await keepText(error);
      refusal = error;
    }
  }

  async function keepText(error: unknown): Promise<never> {
    if (!(error instanceof UserError) || text === toYaml(before)) throw error;
    const kept = `Your text is kept in ${await world.keep(text, file)}`;
    throw new UserError(error.kind, error.lines, [...error.hints, kept], { cause: error });
  }
}

/** The text itself is wrong, and can be written otherwise. */
function canMend(error: unknown): error is UserError {
  if (error instanceof ApiError) return error.status === 422 || error.status === 400;
  return error instanceof UserError && error.kind === "usage";
}

function header(noun: string, refusal: UserError | undefined): string {
  const lines = [
    `Edit the ${noun} below. Lines that begin with '#' are left out, and an empty file changes nothing.`,
    ...(refusal === undefined ? [] : ["", "It was not written:", ...refusal.lines.map((line) => `  ${line}`)]),
  ];
  // What a server says may have lines of its own; none of them is text of the object.
  const commented = lines.flatMap((line) => line.split(/\r\n?|\n/)).map((line) => `# ${line}`.trimEnd());
  return `${commented.join("\n")}\n`;
}

const withoutComments = (text: string) =>
  text
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .join("\n");

const documents = (text: string, noun: string) =>
  readDocuments(text, `the edited ${noun}`).flatMap(({ objects }) => objects);

function tryParse(text: string, noun: string): KubernetesObject | undefined {
  try {
    const [object, ...more] = documents(text, noun);
    return more.length === 0 ? object : undefined;
  } catch {
    return undefined;
  }
}

function sameObject(text: string, before: KubernetesObject, noun: string): KubernetesObject {
  const [after, ...more] = documents(text, noun);
  if (after === undefined || more.length > 0) throw usageError(`it must be one ${noun}`);
  const identity = ({ apiVersion, kind, metadata: { name, namespace } }: KubernetesObject) => [
    apiVersion,
    kind,
    name,
    namespace,
  ];
  if (!isDeepStrictEqual(identity(after), identity(before)))
    throw usageError("apiVersion, kind, name and namespace cannot be changed by editing");
  return after;
}
