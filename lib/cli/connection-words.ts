import type { ConnectOptions } from "./world.ts";

/** The flags that said which cluster: a command to paste must reach the same one. kubectl knows all of them. */
export function connectionWords({
  kubeconfig,
  context,
  cluster,
  user,
  server,
  tlsServerName,
  certificateAuthority,
  insecureSkipTlsVerify,
}: ConnectOptions): string[] {
  const flag = (name: string, value: string | undefined) => (value === undefined ? [] : [name, value]);
  return [
    ...flag("--kubeconfig", kubeconfig),
    ...flag("--context", context),
    ...flag("--cluster", cluster),
    ...flag("--user", user),
    ...flag("--server", server),
    ...flag("--tls-server-name", tlsServerName),
    ...flag("--certificate-authority", certificateAuthority),
    ...(insecureSkipTlsVerify === true ? ["--insecure-skip-tls-verify"] : []),
  ];
}
