import type { V1ClusterRole } from "@kubernetes/client-node";
import type { ApiObject } from "../../kubernetes/api-types.ts";
import { RBAC_GROUP } from "../../kubernetes/resources.ts";
import type { PolicyRule } from "../../rbac/types.ts";
import { byCodePoint } from "../../text/order.ts";
import type { CommandPermissions } from "./table.ts";

/** A verb on one type, or on the ones of these names. */
export interface Right {
  verb: string;
  group: string;
  resource: string;
  names: readonly string[];
}

/** Each right that the rules give, once; none of a wildcard is taken apart. */
export function rights(rules: readonly PolicyRule[]): Right[] {
  const all = rules.flatMap(({ verbs, apiGroups = [], resources = [], resourceNames = [] }) => {
    const names = resourceNames.toSorted(byCodePoint);
    return apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb): Right => ({ verb, group, resource, names }))),
    );
  });
  return [...new Map(all.map((right) => [JSON.stringify(right), right])).values()];
}

/** The rights in as few rules as say them: types of one group that have the same verbs stand together. */
function rulesFor(wanted: readonly Right[]): PolicyRule[] {
  const byType = Map.groupBy(wanted, ({ group, resource, names }) => JSON.stringify([group, names, resource]));
  const types = [...byType.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    return [{ ...first, verbs: [...new Set(same.map(({ verb }) => verb))].toSorted(byCodePoint) }];
  });
  const together = Map.groupBy(types, ({ group, names, verbs }) => JSON.stringify([group, names, verbs]));
  return [...together.entries()]
    .toSorted(([one], [other]) => byCodePoint(one, other))
    .flatMap(([, [first, ...more]]) => {
      if (first === undefined) return [];
      const { group, names, verbs } = first;
      const resources = [first, ...more].map(({ resource }) => resource).toSorted(byCodePoint);
      const rule = { apiGroups: [group], resources, verbs };
      return [names.length === 0 ? rule : { ...rule, resourceNames: [...names] }];
    });
}

/** What lets its holder run the command, wherever it is bound. */
export function clusterRole({ command, sends, holds }: CommandPermissions): ApiObject<V1ClusterRole> {
  return {
    apiVersion: `${RBAC_GROUP}/v1`,
    kind: "ClusterRole",
    metadata: { name: `kubectl-mirrord:${command.replaceAll(/[ -]+/g, "-")}` },
    rules: rulesFor(rights([...sends, ...holds])),
  };
}
