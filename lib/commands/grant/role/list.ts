import { builtInClusterRoles, customRoleName, customRoles } from "../../../access/custom-role.ts";
import { holderNames, roleHolders } from "../../../access/role-holders.ts";
import { ownRole } from "../../../access/roles.ts";
import type { StoredGrant } from "../../../access/stored.ts";
import { command } from "../../../cli/grammar/command.ts";
import { connectionFlags, noHeadersFlag, outputFlag } from "../../../cli/grammar/shared-flags.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { nativeResources } from "../../../kubernetes/resources.ts";
import { roleRules } from "../../../rbac/decode.ts";
import { ruleWords } from "../../../rbac/rule-words.ts";
import { readShownGrants } from "../../../reading/grants.ts";
import { readAllRbac } from "../../../reading/rbac-objects.ts";
import { unlessForbidden } from "../../../reading/read.ts";
import type { Columns } from "../../../view/columns.ts";
import { printOutput } from "../../../view/output.ts";
import { connectBounded } from "../../connection.ts";

interface RoleRow {
  /** What `--role` takes. */
  name: string;
  kind: "built-in" | "custom";
  clusterRole: string;
  /** In words. */
  rules: string[];
  /** Each once; undefined: the caller may not list bindings. */
  holders: string[] | undefined;
}

export const list = command({
  name: "grant role list",
  summary: "List the roles that grants can name.",
  description:
    "With who holds each: by grants, and by bindings that were made by hand. Other ClusterRoles are granted as clusterrole/NAME.",
  usage: "[flags]",
  examples: {
    "kubectl mirrord grant role list": "All of them",
    "kubectl mirrord grant role list -o wide": "With who holds each, and what it allows",
  },
  flags: {
    output: outputFlag(["table", "wide", "json", "yaml", "name", "csv"]),
    noHeaders: noHeadersFlag,
    ...connectionFlags,
  },
  async run({ output, noHeaders, ...connection }, world) {
    const cluster = await connectBounded(connection, world);
    const [{ objects, unreadable }, grants] = await Promise.all([
      readAllRbac(cluster),
      unlessForbidden(() => readShownGrants(cluster)),
    ]);
    if (unreadable.length > 0)
      world.warn(
        `you may not list ${unreadable.join(", ")}: who holds the roles is not known, and roles may be missing`,
      );
    const known = unreadable.length === 0 && !grants.failed ? grants.value.grants : undefined;
    const rows = roleRows(objects, known);
    await printOutput(
      {
        kind: "RoleList",
        value: {
          items: rows.map(({ holders, ...row }) => ({ ...row, ...(holders === undefined ? {} : { holders }) })),
        },
        rows,
        columns,
        name: ({ name }) => `role/${name}`,
        empty: "No roles found.",
      },
      { format: output, noHeaders },
      world,
    );
    return 0;
  },
});

/** The built-in roles, then those that administrators made. `grants`: undefined where they are not known. */
export function roleRows(objects: readonly KubernetesObject[], grants: readonly StoredGrant[] | undefined): RoleRow[] {
  const clusterRoles = new Map(
    objects
      .filter(({ kind }) => kind === nativeResources.clusterRoles.kind)
      .map((role) => [role.metadata.name ?? "", role]),
  );
  const custom = [...customRoles(objects).keys()].toSorted();
  const named: Omit<RoleRow, "rules" | "holders">[] = [
    ...Object.entries(builtInClusterRoles).map(
      ([name, clusterRole]) => ({ name, kind: "built-in", clusterRole }) as const,
    ),
    ...custom.map((name) => ({ name, kind: "custom", clusterRole: customRoleName(name) }) as const),
  ];
  return named.map((row) => {
    const role = clusterRoles.get(row.clusterRole) ?? ownRole(row.clusterRole);
    return {
      ...row,
      rules: role === undefined ? [] : roleRules({ ...role }).map(ruleWords),
      holders: grants === undefined ? undefined : holderNames(roleHolders(row.clusterRole, objects, grants)),
    };
  });
}

const columns: Columns<RoleRow> = {
  ROLE: ({ name }) => name,
  KIND: ({ kind }) => kind,
  HOLDERS: ({ holders }) => (holders === undefined ? "<unknown>" : String(holders.length)),
  CLUSTERROLE: ({ clusterRole }) => clusterRole,
  "HELD BY": { wide: ({ holders = [] }) => holders.join(",") },
  ALLOWS: { wide: ({ rules }) => rules.join("; ") },
};
