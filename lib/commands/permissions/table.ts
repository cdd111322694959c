// What each command needs: rights for the requests that it sends, as an API server's audit log recorded them (requests.ts), and
// rights that its user only has to hold, such as those in a role that it writes.
import { ADMIN_ROLE, operatorRoles } from "../../access/names.ts";
import { ACCESS_GROUP } from "../../access/privileged-options.ts";
import { ownRole, ownRoleNames } from "../../access/roles.ts";
import { modelObjects } from "../../install/access-model/objects.ts";
import { renderInstallation } from "../../install/render.ts";
import { syncObjects } from "../../install/sync/objects.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { RBAC_GROUP } from "../../kubernetes/resources.ts";
import { roleRules } from "../../rbac/decode.ts";
import type { PolicyRule } from "../../rbac/types.ts";
import { byCodePoint } from "../../text/order.ts";
import { requests } from "./requests.ts";

export interface CommandPermissions {
  /** `grant list`, `install --sync`. */
  command: string;
  /** Rights for what it sends, each a verb on types of one group. */
  sends: PolicyRule[];
  /** Rights that the API server or an admission policy wants its user to hold for that. */
  holds: readonly PolicyRule[];
  /** A sentence about rights that depend on flags or values. */
  note: string | undefined;
}

const rule = (apiGroup: string, resource: string, verb: string, resourceNames: readonly string[] = []): PolicyRule => ({
  apiGroups: [apiGroup],
  resources: [resource],
  verbs: [verb],
  ...(resourceNames.length === 0 ? {} : { resourceNames: [...resourceNames] }),
});

/** What is in the roles that somebody writes: RBAC lets nobody write or bind what he neither holds nor may bind. */
const within = (objects: readonly KubernetesObject[]) =>
  objects.filter(({ kind }) => kind === "ClusterRole" || kind === "Role").flatMap(roleRules);

/** The policies of the access model ask for it, of everybody who writes grants or what they rest on. */
const administrator = rule(ACCESS_GROUP, "grants", "manage");
const bindable = rule(RBAC_GROUP, "clusterroles", "bind", [...Object.values(operatorRoles), ...ownRoleNames]);
const grants = [administrator, bindable];
const ownRoles = ownRoleNames.flatMap((name) => ownRole(name)?.rules ?? []);
const administrators = [administrator, rule(RBAC_GROUP, "clusterroles", "bind", [ADMIN_ROLE])];

const operator = within(renderInstallation({ license: { keyRef: "licence" } }).objects);
/** Its account lists the roles that it may bind: whoever makes another one writes it anew. */
const sync = within(syncObjects({ image: "", bindable: [] }));
const impersonated = ["users", "groups", "serviceaccounts"].map((resource) => rule("", resource, "impersonate"));

const held: Readonly<Record<string, readonly PolicyRule[]>> = {
  ...Object.fromEntries(
    [
      "extend",
      "revoke",
      "sync",
      "org add",
      "org create",
      "org delete",
      "org move",
      "org remove",
      "team add",
      "team create",
      "team delete",
      "team move",
      "team remove",
    ]
      .map((verb) => `grant ${verb}`)
      .map((command) => [command, grants]),
  ),
  ...Object.fromEntries(
    ["collection create", "collection delete"]
      .concat("role edit", "collection unassign")
      .map((verb) => [`grant ${verb}`, [administrator]]),
  ),
  grant: [...grants, ...ownRoles],
  "grant collection assign": grants,
  "grant collection move": grants,
  "grant role create": [administrator, ...sync],
  "grant role delete": [...grants, ...sync],
  "grant admin add": administrators,
  "grant admin remove": administrators,
  "can-i --via impersonate": impersonated,
  install: [administrator, ...operator],
  "install upgrade": [administrator, ...operator],
  "install uninstall": [administrator],
  "install verify": ["users", "serviceaccounts"].map((resource) => rule("", resource, "impersonate")),
  "install --access-model": [administrator, ...within(modelObjects({ readers: [] }))],
  "install --secure-defaults": grants,
  "install secure-defaults report": [administrator],
  "install --sync": [administrator, bindable, ...sync],
};

const written =
  "Whoever runs it also has to hold the rights that the role is to have and, where grant sync is installed, bind on that role.";
const notes: Readonly<Record<string, string>> = {
  grant:
    "With --target, whoever runs it also has to hold the rights of mirrord-operator-user; with a role of your own, bind on that role.",
  "grant role create": written,
  "grant role edit": written,
  "grant role delete": "With --cascade, whoever runs it also has to hold bind on the role.",
  "can-i --via impersonate": "Only this way of asking needs the right to impersonate.",
  install: "Where values give the operator more rights, whoever runs it has to hold those as well.",
};

/** By command, in the order of their names. */
export const permissionsTable: readonly CommandPermissions[] = Object.entries(requests)
  .map(([command, sent]) => ({
    command,
    sends: sent.flatMap(sentRules),
    holds: held[command] ?? [],
    note: notes[command],
  }))
  .toSorted((one, other) => byCodePoint(one.command, other.command));

/** `list jobs.batch pods/log`: a verb and what it is on, with the group behind the first dot. */
function sentRules(line: string): PolicyRule[] {
  const [verb = "", ...types] = line.split(" ");
  return types.map((type) => {
    const dot = type.indexOf(".");
    return dot === -1 ? rule("", type, verb) : rule(type.slice(dot + 1), type.slice(0, dot), verb);
  });
}
