import { exemptedAttributes } from "../../access/intent.ts";
import { otherAccess, type OtherAccess } from "../../access/other-access.ts";
import type { GrantOutline } from "../../access/outline.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { readAllRbac, readRbac } from "../../reading/rbac-objects.ts";
import { parseTime } from "../../text/instant.ts";
import { listWords } from "../../text/list-words.ts";

/** What is true of a subject besides a grant. */
export interface Besides {
  /** The access goes on after the end of the grant, wherever it holds. */
  goesOn: boolean;
  lines: string[];
}

interface Granted {
  namespaces: readonly string[];
  expiresAt: string | undefined;
  /** `, but …`: what policies block there. */
  blocked: () => Promise<string>;
}

/**
 * Says what other grants and bindings give where this is less: beside a grant that only looks, and past the end of one that ends.
 * Where not everything may be read it says so: the sentence of the grant itself is true all the same.
 */
export async function readBesides(
  cluster: Cluster,
  grant: GrantOutline,
  { namespaces, expiresAt, blocked }: Granted,
): Promise<Besides> {
  const { intent, subjectText: subject, targets } = grant;
  const isEverywhere = intent.set.kind === "all";
  const isForSessions = intent.plain !== true && exemptedAttributes(intent.role) === undefined;
  if (!isForSessions || (intent.role !== "view" && expiresAt === undefined)) return { goesOn: false, lines: [] };
  const { objects, unreadable } = isEverywhere ? await readAllRbac(cluster) : await readRbac(cluster, namespaces);
  const all = otherAccess(grant, objects, namespaces, parseTime(expiresAt));
  const others = all.filter(({ groups }) => groups.length === 0);
  const perhaps = all.filter(({ groups }) => groups.length > 0);
  const places = isEverywhere ? 1 : namespaces.length * Math.max(targets.length, 1);
  const isWhole = unreadable.length === 0 || others.length === places;
  const notListed = `is not known: you may not list ${listWords(unreadable)}`;
  const isOne = new Set(perhaps.flatMap(({ groups }) => groups)).size === 1;
  const unknown = `whether ${subject} is in ${isOne ? "it" : "one of them"} is not known`;
  if (intent.role === "view") {
    const can = `can mirror and steal any target`;
    return {
      goesOn: false,
      lines: [
        ...(others.length === 0 ? [] : [`Besides, ${subject} ${can} ${placed(others)}${await blocked()}.`]),
        ...(perhaps.length === 0
          ? []
          : [`Besides, ${groupWords(perhaps, "and")} ${can} ${where(perhaps)}; ${unknown}.`]),
        ...(isWhole ? [] : [`What else lets ${subject} mirror and steal there ${notListed}.`]),
      ],
    };
  }
  const goesOn = "he access goes on after the end of this grant";
  return {
    goesOn: others.length === places,
    lines: [
      ...(others.length === 0 ? [] : [`T${goesOn} ${placed(others)}.`]),
      ...(perhaps.length === 0
        ? []
        : [`If ${subject} is in ${groupWords(perhaps, "or")}, which is not known, t${goesOn} ${where(perhaps)}.`]),
      ...(isWhole ? [] : [`Whether t${goesOn} ${notListed}.`]),
    ],
  };
}

/** More than these are counted. */
const SHOWN = 3;

/** `in dev and qa, by grant ID`. */
function placed(others: readonly OtherAccess[]): string {
  const by = [...new Set(others.flatMap((other) => other.by))];
  return by.length === 0 ? where(others) : `${where(others)}, by ${shortList(by)}`;
}

function where(others: readonly OtherAccess[]): string {
  const names = [...new Set(others.map(({ namespace }) => namespace))];
  if (names.includes("")) return "in all namespaces";
  return `in ${names.length > SHOWN ? `${names.length} namespaces` : listWords(names)}`;
}

/** `group oidc:backend`, `group a or group b`. */
function groupWords(others: readonly OtherAccess[], word: "and" | "or"): string {
  const names = [...new Set(others.flatMap(({ groups }) => groups))].map((name) => `group ${name}`);
  return shortList(names, word);
}

function shortList(names: readonly string[], word: "and" | "or" = "and"): string {
  const more = names.length > SHOWN ? [`${names.length - SHOWN} more`] : [];
  return listWords([...names.slice(0, SHOWN), ...more], word);
}
