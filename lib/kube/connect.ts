import { computing } from "../computing.ts";
import type { Cluster, ConnectContext } from "./cluster.ts";
import type { ConnectionFlags } from "./config/connection-config.ts";
import type { CustomKinds } from "./manifests/manifests-cluster.ts";

interface ManifestFlags {
  manifests?: readonly string[] | undefined;
  /** Globs of files and folders of `manifests` that are left out. */
  exclude?: readonly string[] | undefined;
}

/**
 * The cluster that the flags name: a folder of manifests, or a live one as kubectl would find it. What the other one
 * needs is not loaded.
 */
export async function connect(
  { manifests = [], exclude, ...flags }: ConnectionFlags & ManifestFlags,
  { trace, ...context }: ConnectContext,
  custom: () => Promise<CustomKinds>,
): Promise<Cluster> {
  if (manifests.length > 0) {
    const { manifestsCluster } = await import("./manifests/manifests-cluster.ts");
    const kinds = await custom();
    return await computing(context.signal, () =>
      manifestsCluster({
        paths: manifests,
        exclude,
        ...(flags.namespace === undefined ? {} : { namespace: flags.namespace }),
        ...(flags.as === undefined ? {} : { user: { name: flags.as, groups: [...(flags.asGroup ?? [])] } }),
        warn: (text) => context.warn(text),
        custom: kinds,
      }),
    );
  }
  const { connectCluster } = await import("./live/live-cluster.ts");
  return await connectCluster(flags, trace === undefined ? context : { ...context, log: trace });
}
