import { targetIn, workloadKinds, type Target, type WorkloadKind } from "./target.ts";

const kindsByWord = new Map<string, WorkloadKind>([
  ["deploy", "deployment"],
  ...workloadKinds.map((kind) => [kind, kind] as const),
]);

/**
 * The targets that a resource name of `targets` can stand for: none for a name that no client uses, two for
 * `pod.web.container.x`, which is also a pod of that name. Source: operator contract section 3.3.
 */
export function connectionTargets(name: string): Target[] {
  if (name === "targetless") return [{ kind: "targetless" }];
  if (name === "label") return [{ kind: "label", labels: {} }];
  const dot = name.indexOf(".");
  const kind = kindsByWord.get(name.slice(0, Math.max(dot, 0)));
  if (kind === undefined) return [];
  const rest = name.slice(dot + 1);
  const [, workload, container] = /^(.+)\.container\.([^.]+)$/.exec(rest) ?? [];
  const paths = [rest, ...(workload === undefined ? [] : [`${workload}/container/${container}`])];
  return paths.flatMap((path) => targetIn(`${kind}/${path}`) ?? []);
}
