import { isNotFound } from "../../kubernetes/api-error.ts";
import type { ResourceType } from "../../kubernetes/object.ts";
import { listIn, objectIn, textIn, textsIn } from "../../json.ts";
import type { Transport } from "../http/transport.ts";

/** APIResourceList, each type with its subresources, of one version or the preferred one; undefined when it is not served. */
export async function discover(
  transport: Transport,
  group: string,
  version?: string,
): Promise<ResourceType[] | undefined> {
  const root = group === "" ? "/api" : `/apis/${encodeURIComponent(group)}`;
  let answer: unknown;
  let served = version ?? "";
  try {
    served ||= await preferredVersion(transport, group, root);
    answer = await transport.json({ method: "GET", path: `${root}/${encodeURIComponent(served)}` });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
  const listed = listIn(objectIn(answer)["resources"]).map(objectIn);
  const parts = listed.map(({ name }) => textIn(name).split("/"));
  return listed
    .filter(({ name }) => !textIn(name).includes("/"))
    .map(({ name, kind, namespaced, shortNames }) => {
      const resource = textIn(name);
      const subresources = parts.flatMap(([type, part]) => (type === resource && part !== undefined ? [part] : []));
      return {
        group,
        version: served,
        resource,
        kind: textIn(kind),
        namespaced: namespaced === true,
        ...(shortNames === undefined ? {} : { shortNames: textsIn(shortNames) }),
        ...(subresources.length === 0 ? {} : { subresources }),
      };
    });
}

/** Source: APIGroup.preferredVersion; the core group has one version. */
async function preferredVersion(transport: Transport, group: string, root: string): Promise<string> {
  if (group === "") return "v1";
  const answer = objectIn(await transport.json({ method: "GET", path: root }));
  return textIn(objectIn(answer["preferredVersion"])["version"]);
}

/** APIGroupList, with the core group, which has a list of its own. */
export async function groups(transport: Transport): Promise<{ group: string; version: string }[]> {
  const answer = objectIn(await transport.json({ method: "GET", path: "/apis" }));
  const others = listIn(answer["groups"])
    .map(objectIn)
    .map(({ name, preferredVersion: preferred }) => ({
      group: textIn(name),
      version: textIn(objectIn(preferred)["version"]),
    }));
  return [{ group: "", version: "v1" }, ...others];
}
