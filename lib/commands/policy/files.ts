import { existsSync } from "node:fs";
import { usageError } from "../../errors.ts";
import { isJsonObject } from "../../json.ts";
import { readManifests } from "../../kube/manifests/folder.ts";
import { policyTypes } from "../../mirrord/policy/schema/crds.ts";
import type { MirrordPolicy } from "../../mirrord/policy.ts";
import { POLICIES_GROUP } from "../../mirrord/resources.ts";
import { parseDocuments, refuseRepeatedKeys } from "../../yaml.ts";

/** A policy out of a file, as it stands there. */
export interface FilePolicy {
  policy: MirrordPolicy;
  /** As the user named it; `-` for standard input. */
  file: string;
  /** Where its document begins, comments aside; from 1. */
  line: number;
}

interface Found {
  policies: FilePolicy[];
  /** Objects of other kinds, which are nobody's business here. */
  others: number;
}

const STDIN = "standard input";

/**
 * The policies in files and folders. A document that is no object, a key that is there twice and a kind that nobody knows in the
 * group of the policies are errors: each would make a policy that does less than it says. So is a place without any policy: a check
 * of nothing would pass.
 */
export function readPolicyFiles(paths: readonly string[]): FilePolicy[] {
  const files = readText(paths);
  const found: Found = { policies: [], others: 0 };
  for (const { path, text, documents } of files) {
    const file = path ?? STDIN;
    // The parser that reads whole folders of manifests lets the last one win; kubectl refuses them as well.
    refuseRepeatedKeys(text, file);
    let line = 1;
    for (const document of documents) {
      const lines = document.text.split("\n");
      const start =
        line +
        Math.max(
          0,
          lines.findIndex((one) => /^\s*[^\s#]/.test(one)),
        );
      for (const value of parseDocuments(document.text, { source: file }))
        addPolicies(value, { file, line: start }, found);
      line += lines.length;
    }
  }
  if (found.policies.length > 0) return found.policies;
  const others = found.others === 0 ? "" : `, only ${found.others} other ${found.others === 1 ? "object" : "objects"}`;
  throw usageError(`there is no policy in ${paths.map((path) => (path === "-" ? STDIN : path)).join(", ")}${others}`);
}

function readText(paths: readonly string[]): ReturnType<typeof readManifests> {
  const absent = paths.find((path) => path !== "-" && !existsSync(path));
  if (absent !== undefined) throw usageError(`the path ${JSON.stringify(absent)} does not exist`);
  try {
    return readManifests(paths);
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause)) throw cause;
    throw usageError(`cannot read ${paths.join(", ")}: ${cause.message}`, undefined, { cause });
  }
}

function addPolicies(value: unknown, at: { file: string; line: number }, found: Found): void {
  const where = `${at.file}, line ${at.line}`;
  if (!isJsonObject(value)) {
    throw usageError(`${where}: ${Array.isArray(value) ? "a list" : "a value"} is not a Kubernetes object`);
  }
  const { kind, items, apiVersion } = value;
  if (typeof kind === "string" && kind.endsWith("List") && Array.isArray(items)) {
    for (const item of items) addPolicies(item, at, found);
    return;
  }
  const inGroup = typeof apiVersion === "string" && apiVersion.split("/")[0] === POLICIES_GROUP;
  const isPolicy = policyTypes.some((type) => type.kind === kind);
  if (!inGroup && !isPolicy) {
    if (typeof kind !== "string" || typeof apiVersion !== "string") {
      throw usageError(`${where}: not a Kubernetes object: apiVersion or kind is missing`);
    }
    found.others += 1;
    return;
  }
  if (!isPolicy) {
    const known = policyTypes.map((type) => type.kind).join(" or ");
    throw usageError(`${where}: kind is ${JSON.stringify(kind)}, and a policy is a ${known}`);
  }
  const policy = { ...value, metadata: isJsonObject(value["metadata"]) ? value["metadata"] : {} };
  found.policies.push({ policy: policy as unknown as MirrordPolicy, ...at });
}
