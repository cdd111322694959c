import { SESSION } from "../../audit/edges/edge.ts";
import { rights } from "../../audit/edges/rights.ts";
import { isControlPlane } from "../../audit/control-plane.ts";
import type { AuditFacts } from "../../audit/findings.ts";
import { EVERYTHING, isOwnAccount } from "../../audit/path-graph.ts";
import { heldRights, wayPlaces } from "../../audit/rights.ts";
import type { ParsedOptions } from "../../cli/grammar/flags.ts";
import type { World } from "../../cli/world.ts";
import type { findingsFlags } from "./findings-flags.ts";
import { runFindings } from "./run-findings.ts";

/** The summary, then the findings. */
export const runAudit = (options: ParsedOptions<typeof findingsFlags>, world: World): Promise<number> =>
  runFindings(options, world, { kind: "Audit", summary });

function summary(facts: AuditFacts) {
  const people = [...heldRights(facts.rbac, rights).holders.values()].filter(
    ({ subject }) => !isControlPlane(subject) && !isOwnAccount(subject, facts),
  );
  const count = (kind: string) => facts.rbac.filter((object) => object.kind === kind).length;
  const administrators = people.filter((holder) => holder.rights.has(EVERYTHING));
  const places = people
    .filter((holder) => !holder.rights.has(EVERYTHING))
    .map((holder) => wayPlaces(holder, SESSION).map(({ namespace }) => namespace));
  const access = {
    administrators: administrators.length,
    sessions: places.filter((held) => held.length > 0).length,
    sessionsEverywhere: places.filter((held) => held.includes("")).length,
    namespaces: new Set(places.flat().filter((namespace) => namespace !== "")).size,
    grants: facts.grants.length,
    bindings: count("ClusterRoleBinding") + count("RoleBinding"),
    roles: count("ClusterRole") + count("Role"),
  };
  return { lines: lines(access), value: { access } };
}

/** Subjects are users, groups and service accounts that bindings name. */
function lines({
  administrators,
  sessions,
  sessionsEverywhere,
  namespaces,
  grants,
  bindings,
  roles,
}: Record<string, number>): string[] {
  return [
    `Subjects that may start sessions   ${sessions} in ${namespaces} namespaces, ${sessionsEverywhere} of them everywhere`,
    `Administrators                     ${administrators} beside the control plane`,
    `Grants                             ${grants}`,
    `Looked at                          ${bindings} bindings, ${roles} roles`,
    "",
  ];
}
