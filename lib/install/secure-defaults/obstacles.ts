import { ACCESS_GROUP, CANARY, privilegedOptions } from "../../access/privileged-options.ts";
import { attributeUse } from "../../access/session-access.ts";
import type { AccessAttributes, Answer } from "../../kubernetes/access.ts";
import { shellQuote } from "../../text/shell-quote.ts";
import type { AddOn } from "./add-ons.ts";
import type { OperatorAccount } from "./objects.ts";
import type { Offender } from "./offenders.ts";

/** Whether somebody is an administrator to the policies: either will do. */
export const administratorQuestions: readonly AccessAttributes[] = [
  { verb: "manage", apiGroup: ACCESS_GROUP, resource: "grants" },
  { verb: "*", apiGroup: "*", resource: "*" },
];

/** Whether the operator is exempt where its agents are: every option, and not the name that no exemption gives. */
export function operatorQuestions({ namespace }: OperatorAccount): AccessAttributes[] {
  return [...privilegedOptions.map(({ name }) => name), CANARY].map((name) => attributeUse(name, namespace));
}

/** The options that the operator is not exempt from; `*` where a wildcard makes its exemption void. */
export function notExempt(answers: readonly Answer[]): string[] {
  if (answers.at(-1) === "yes") return ["*"];
  return privilegedOptions.flatMap(({ name }, at) => (answers[at] === "yes" ? [] : [name]));
}

/** Whether an add-on is exempt wherever it makes pods. */
export function addOnQuestions({ namespaces, attributes }: AddOn): AccessAttributes[] {
  const places = namespaces.map((namespace) => (namespace === "*" ? "" : namespace));
  return places.flatMap((namespace) => [...attributes, CANARY].map((name) => attributeUse(name, namespace)));
}

/** `administrator` are the answers to administratorQuestions about its account. */
export function addOnStands(
  { namespaces, attributes }: AddOn,
  administrator: readonly Answer[],
  exempt: readonly Answer[],
): boolean {
  if (administrator.includes("yes")) return true;
  const each = attributes.length + 1;
  return namespaces.every((_namespace, place) => {
    const answers = exempt.slice(place * each, (place + 1) * each);
    return answers.at(-1) !== "yes" && answers.slice(0, -1).every((answer) => answer === "yes");
  });
}

/** What has to be said before the policies are enforced. */
export interface EnforcementFacts {
  /** The answers to administratorQuestions about the caller. */
  caller: readonly Answer[];
  /** Add-ons that are in the cluster, and neither exempt nor administrators. */
  addOns: readonly AddOn[];
  offenders: readonly Offender[];
}

export interface Confirmed {
  /** Administrators were named. */
  administrators: boolean;
  /** Names of add-ons that become exempt. */
  exempt: readonly string[];
  /** Add-ons and namespaces that may break. */
  leave: readonly string[];
}

/** Why the policies are not enforced, and the flag that says what is meant. */
export interface Obstacle {
  text: string;
  hint: string;
}

export function obstacles({ caller, addOns, offenders }: EnforcementFacts, confirmed: Confirmed): Obstacle[] {
  const named = new Set([...confirmed.exempt, ...confirmed.leave]);
  const known = new Set(addOns.flatMap(({ namespaces }) => namespaces));
  const others = Map.groupBy(
    offenders.filter(({ byAddOn, namespace = "" }) => byAddOn && !known.has(namespace) && !named.has(namespace)),
    ({ namespace = "" }) => namespace,
  );
  return [
    ...(caller.includes("yes") || confirmed.administrators
      ? []
      : [
          {
            text: "nothing here makes you an administrator to the policies: your rights come from an authorizer that knows neither the verb manage nor *, and you would be refused yourself",
            hint: "Name who the administrators are, a user or a group: --admin SUBJECT",
          },
        ]),
    ...addOns
      .filter(({ name }) => !named.has(name))
      .map(({ name, account }) => ({
        text: `${name} would stop: service account ${account.namespace}/${account.name} makes privileged pods or local volumes, and is not exempt`,
        hint: `Exempt it: --exempt ${name}. Or let it stop: --leave ${name}`,
      })),
    ...[...others].map(([namespace, found]) => ({
      text: `what a controller made in ${namespace} could not be made again: ${found
        .slice(0, 3)
        .map(({ kind, name, owner = "" }) => `${kind.toLowerCase()}/${name} of ${owner}`)
        .join(", ")}${found.length > 3 ? ` and ${found.length - 3} more` : ""}`,
      hint: `Exempt the controller's account (kubectl mirrord grant sa:NAMESPACE/NAME --privileged OPTION,…), and say that you did: --leave ${shellQuote(namespace)}`,
    })),
  ];
}
