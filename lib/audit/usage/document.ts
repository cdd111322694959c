// Usage as a document: what one machine has counted, for another one to add.

import { usageError } from "../../errors.ts";
import { isJsonObject, objectIn, textIn, type JsonObject } from "../../json.ts";
import { isTime } from "../../text/instant.ts";
import { byCodePoint } from "../../text/order.ts";
import type { BindingKind, RbacRef } from "../../rbac/types.ts";
import { inShardOrder, shardsIn } from "./shards.ts";
import { DAY_MILLISECONDS } from "./span.ts";
import { addUsage, bindingTexts, noUsage, totalsKey, type Period, type UsageTotals } from "./totals.ts";

export const PARTIAL_KIND = "UsagePartial";

const tables = {
  sessions: ["user", "namespace", "target"],
  requests: ["user", "namespace", "target", "verb", "resource"],
  impersonations: ["impersonator", "user"],
  bindings: ["binding", "user"],
} as const;

const counts = {
  log: ["bytes", "operator", "apiServer", "unreadable"],
  sessions: ["started", "ended", "milliseconds", "longest", "stolen", "unfiltered", "mirrored", "copies", "scaleDowns"],
  requests: ["allowed", "refused"],
  impersonations: ["requests"],
  bindings: ["requests"],
} as const;

type Table = keyof typeof tables;
const tableNames = ["sessions", "requests", "impersonations", "bindings"] as const satisfies readonly Table[];

/** The fields of the document beside its apiVersion and kind. The same usage is the same document. */
export function usageDocument({ log, days, shards, unknownParts, ...totals }: UsageTotals): JsonObject {
  const lists = tableNames.map((name) => {
    const entries: Period[] = [...totals[name].values()];
    const order = (sums: object) => JSON.stringify(Object.values(sums));
    return [name, entries.toSorted((a, b) => byCodePoint(order(a), order(b))).map(withPeriod)];
  });
  const inOrder = (set: ReadonlySet<number>) => [...set].toSorted((a, b) => a - b);
  return {
    log: withPeriod(log),
    days: { operator: inOrder(days.operator), apiServer: inOrder(days.apiServer) },
    shards: inShardOrder(shards.values()).map(({ input, index, count }) => ({ input, index, count })),
    ...(unknownParts > 0 ? { unknownParts } : {}),
    ...Object.fromEntries(lists),
  };
}

/** Times as whole milliseconds since 1970, last. */
function withPeriod({ first, last, ...sums }: Period): JsonObject {
  return { ...sums, ...(first === undefined ? {} : { first }), ...(last === undefined ? {} : { last }) };
}

/**
 * The usage in such a document.
 * @param name of where it came from, for messages
 * @throws UserError "usage" for what is none, or is not whole
 */
export function usageIn(document: unknown, name: string): UsageTotals {
  const { kind, apiVersion, log, days, shards, unknownParts, ...lists } = objectIn(document);
  if (kind !== PARTIAL_KIND || apiVersion !== "kubectl-mirrord.io/v1alpha1")
    throw usageError(
      `${name} is not the partial usage of a log`,
      "Such a document is what kubectl mirrord audit usage --log FILE -o partial prints.",
    );
  const totals = noUsage();
  const part = { ...noUsage(), log: { ...totals.log, ...numbers(log, counts.log, `${name}: log`) } };
  for (const source of ["operator", "apiServer"] as const)
    part.days[source] = daysIn(objectIn(days)[source], `${name}: days.${source}`);
  // An older version does not say which shard it has counted.
  if (shards === undefined) part.unknownParts = 1;
  else part.shards = shardsIn(shards, `${name}: shards`);
  if (unknownParts !== undefined) Object.assign(part, numbers({ unknownParts }, ["unknownParts"], name));
  for (const table of tableNames) {
    const list = lists[table];
    if (!Array.isArray(list)) throw damaged(`${name}: ${table} is not a list`);
    const sums: Map<string, unknown> = part[table];
    for (const [at, item] of list.entries()) {
      const where = `${name}: ${table}[${at}]`;
      const names = Object.fromEntries(tables[table].map((field) => [field, nameIn(item, field, where)]));
      const key = totalsKey(
        Object.values(names).flatMap((each) => (typeof each === "string" ? each : bindingTexts(each))),
      );
      if (sums.has(key)) throw damaged(`${where} is there twice`);
      sums.set(key, { ...names, ...numbers(item, counts[table], where) });
    }
  }
  addUsage(totals, part);
  return totals;
}

/** What was counted by an older version says nothing of days. */
function daysIn(list: unknown, where: string): Set<number> {
  if (list === undefined) return new Set();
  if (!Array.isArray(list)) throw damaged(`${where} is not a list`);
  return new Set(
    list.map((day: unknown, at) => {
      if (typeof day === "number" && Number.isSafeInteger(day) && day >= 0 && isTime(day * DAY_MILLISECONDS))
        return day;
      throw damaged(`${where}[${at}] is not a day`);
    }),
  );
}

function nameIn(item: unknown, field: string, where: string): string | RbacRef<BindingKind> {
  const value = objectIn(item)[field];
  if (field !== "binding") {
    if (typeof value !== "string") throw damaged(`${where}.${field} is not a text`);
    return value;
  }
  const { kind, name, namespace } = objectIn(value);
  if ((kind !== "RoleBinding" && kind !== "ClusterRoleBinding") || typeof name !== "string")
    throw damaged(`${where}.binding names no binding`);
  return { kind, name, ...(namespace === undefined ? {} : { namespace: textIn(namespace) }) };
}

function numbers(item: unknown, fields: readonly string[], where: string): Record<string, number> {
  if (!isJsonObject(item)) throw damaged(`${where} is not an object`);
  const times = ["first", "last"].filter((field) => item[field] !== undefined);
  return Object.fromEntries(
    [...fields, ...times].map((field) => {
      const value = item[field];
      if (typeof value !== "number" || !Number.isSafeInteger(value) || (value < 0 && !times.includes(field)))
        throw damaged(`${where}.${field} is not a whole number`);
      if (times.includes(field) && !isTime(value)) throw damaged(`${where}.${field} is not a time`);
      return [field, value];
    }),
  );
}

const damaged = (what: string) =>
  usageError(what, "Make the document again; it was not written by this command as it is.");
