import { OWN_PREFIX } from "../../access/names.ts";
import { ownRoleName } from "../../access/roles.ts";
import { objectIn, textIn } from "../../json.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { listWords } from "../../text/list-words.ts";
import { subjectTexts } from "./fields.ts";

/** What somebody has by a binding and was not declared to have (`gains`), or was and has not (`loses`). */
export interface AccessChange {
  /** As subjects are written: `jim`, `group:oidc:web`. */
  subject: string;
  change: "gains" | "loses";
  /** `clusterrole/mirrord-operator-user`. */
  role: string;
  /** Left out: everywhere. */
  namespace?: string;
}

/** Who gains and who loses what by one binding; of what is no binding, nobody. A binding to a role without rules gives nothing. */
export function accessChanges(
  declared: KubernetesObject | undefined,
  bound: KubernetesObject | undefined,
): AccessChange[] {
  const [before, after] = [holdings(declared), holdings(bound)];
  const only = (one: Map<string, AccessChange>, other: Map<string, AccessChange>, change: AccessChange["change"]) =>
    [...one].flatMap(([key, holding]) => (other.has(key) ? [] : [{ ...holding, change }]));
  return [...only(after, before, "gains"), ...only(before, after, "loses")];
}

function holdings(binding: KubernetesObject | undefined): Map<string, AccessChange> {
  if (binding?.kind.endsWith("Binding") !== true) return new Map();
  const { kind, name } = objectIn(binding["roleRef"]);
  if (name === ownRoleName("none")) return new Map();
  const role = `${textIn(kind).toLowerCase()}/${textIn(name)}`;
  const { namespace } = binding.metadata;
  const place = namespace === undefined ? {} : { namespace };
  return new Map(
    subjectTexts(binding).map((subject) => [
      JSON.stringify([subject, role]),
      { subject, change: "gains" as const, role, ...place },
    ]),
  );
}

const SHOWN = 3;

/** `mallory gains clusterrole/mirrord-operator-user in dev; jim loses it`: a clause for each role and change. */
export function accessText(changes: readonly AccessChange[]): string {
  const alike = Map.groupBy(changes, ({ change, role, namespace }) => JSON.stringify([change, role, namespace]));
  return [...alike.values()]
    .flatMap(([first, ...rest]) => {
      if (first === undefined) return [];
      const names = [first, ...rest].map(({ subject }) => subject);
      const more = names.length > SHOWN ? [`${names.length - SHOWN} more`] : [];
      const who = listWords([...names.slice(0, SHOWN), ...more]);
      const several = names.length > 1;
      const verb = first.change === "gains" ? `gain${several ? "" : "s"}` : `lose${several ? "" : "s"}`;
      const where = first.namespace === undefined ? "everywhere" : `in ${first.namespace}`;
      return [`${who} ${verb} ${shortRole(first.role)} ${where}`];
    })
    .join("; ");
}

/** The role of a limited grant has the name of the grant, which the object says already. */
const shortRole = (role: string): string => (role.startsWith(`role/${OWN_PREFIX}grant:`) ? "its role" : role);
