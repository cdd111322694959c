import type { Finding } from "../../findings/finding.ts";
import type { KubernetesObject, ObjectReference } from "../../kubernetes/object.ts";
import { accessChanges, accessText, type AccessChange } from "./access-change.ts";
import { differenceText, fieldDifferences, type FieldDifference } from "./fields.ts";
import { driftRules, type DriftRule } from "./rules.ts";

/** One object that is not as it is declared. */
export interface DriftItem extends Finding<DriftRule> {
  /** The id of the grant that it belongs to. */
  grant?: string;
  differences: FieldDifference[];
  who: AccessChange[];
  /** Lines to paste, one after the other. */
  commands: string[];
}

interface Sides {
  /** What there should be, and what there is; one of them is given. */
  declared: KubernetesObject | undefined;
  bound: KubernetesObject | undefined;
}

function objectReference({ kind, metadata }: KubernetesObject): ObjectReference {
  const { name, generateName = "", namespace } = metadata;
  return { kind, name: name ?? `${generateName}…`, ...(namespace === undefined ? {} : { namespace }) };
}

/** An object that differs; undefined for one that differs in nothing that decides. `why` is said where it is there and should not be. */
export function objectItem(
  { declared, bound }: Sides,
  { why, ...more }: { grant?: string; commands: string[]; why: string },
): DriftItem | undefined {
  const object = bound ?? declared;
  if (object === undefined) return undefined;
  const differences = declared === undefined || bound === undefined ? [] : fieldDifferences(declared, bound);
  const who = accessChanges(declared, bound);
  if (declared !== undefined && bound !== undefined && differences.length === 0) return undefined;
  const rule = declared === undefined ? "drift-extra" : bound === undefined ? "drift-missing" : "drift-changed";
  const what =
    rule === "drift-extra"
      ? why
      : rule === "drift-missing"
        ? "It is not there"
        : differences.map(differenceText).join("; ");
  const access = accessText(who);
  return driftItem(rule, {
    subject: objectReference(object),
    message: access === "" ? what : `${what}: ${access}`,
    ...(differences.length === 0 ? {} : { field: differences.map(({ field }) => field).join(", ") }),
    differences,
    who,
    ...more,
  });
}

/** With the severity and the fix of its rule. What only takes access away is less grave. */
export function driftItem(
  rule: DriftRule,
  { differences = [], who = [], ...found }: Pick<DriftItem, "subject" | "message" | "commands"> & Partial<DriftItem>,
): DriftItem {
  const { severity, fix } = driftRules[rule];
  const onlyLoses = who.length > 0 && who.every(({ change }) => change === "loses");
  const mend = found.commands.length === 0 ? fix : `Run: ${found.commands.join("; then ")}`;
  return { rule, severity: onlyLoses ? "warning" : severity, fix: mend, ...found, differences, who };
}
