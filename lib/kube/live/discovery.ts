import { isNotFound } from "../../kubernetes/api-error.ts";
import type { ResourceType } from "../../kubernetes/object.ts";
import { listIn, objectIn, textIn } from "../../json.ts";
import type { Transport } from "../http/transport.ts";

/** APIResourceList without subresources; undefined when the group version is not served. */
export async function discover(
  transport: Transport,
  group: string,
  version: string,
): Promise<ResourceType[] | undefined> {
  const root = group === "" ? "/api" : `/apis/${encodeURIComponent(group)}`;
  let answer: unknown;
  try {
    answer = await transport.json({ method: "GET", path: `${root}/${encodeURIComponent(version)}` });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
  return listIn(objectIn(answer)["resources"])
    .map(objectIn)
    .filter(({ name }) => !textIn(name).includes("/"))
    .map(({ name, kind, namespaced }) => ({
      group,
      version,
      resource: textIn(name),
      kind: textIn(kind),
      namespaced: namespaced === true,
    }));
}
