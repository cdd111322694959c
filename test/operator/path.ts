import { badRequest, operatorGroup } from "./status.ts";

/** What a URL below the operator's group version names. */
export interface ApiPath {
  /** The legacy "special verb" form, `/proxy/` after the version: the API server authorizes it as verb proxy. */
  proxied: boolean;
  resource: string;
  namespace?: string;
  name?: string;
  subresource?: string;
}

export const versionPath = `/apis/${operatorGroup}/v1`;

/** Undefined for paths outside the group version, and for those with parts that no resource has. */
export function parseApiPath(pathname: string): ApiPath | undefined {
  if (!pathname.startsWith(`${versionPath}/`)) return undefined;
  const parts = pathname
    .slice(versionPath.length + 1)
    .split("/")
    .map(decoded);
  const proxied = parts[0] === "proxy";
  if (proxied) parts.shift();
  let namespace: string | undefined;
  if (parts[0] === "namespaces") [, namespace] = parts.splice(0, 2);
  const [resource, name, subresource, ...rest] = parts;
  if (resource === undefined || rest.length > 0) return undefined;
  if ([resource, name, subresource, namespace].includes("")) return undefined;
  return {
    proxied,
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest(`the path holds a broken escape: ${JSON.stringify(part)}`);
  }
}
