import { usageError } from "../../errors.ts";
import { shownPath } from "../../kube/config/files.ts";
import { readManifests, type ReadOptions } from "../../kube/manifests/folder.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { parseApiVersion } from "../../kubernetes/resources.ts";
import { policyTypes } from "../../mirrord/policy/schema/crds.ts";
import type { MirrordPolicy } from "../../mirrord/policy.ts";
import { POLICIES_GROUP } from "../../mirrord/resources.ts";

/** A policy out of a file, as it stands there. */
export interface FilePolicy {
  policy: MirrordPolicy;
  /** As the user named it; `-` for standard input. */
  file: string;
  /** Where its document begins, comments aside; from 1. */
  line: number;
}

/**
 * The policies in files and folders. What is no manifest, a key that is there twice and a kind that nobody knows in the group of the
 * policies are errors: each would make a policy that does less than it says. So is a place without any policy: a check of nothing
 * would pass.
 */
export function readPolicyFiles(paths: readonly string[], options: ReadOptions): FilePolicy[] {
  const policies: FilePolicy[] = [];
  let others = 0;
  for (const { path, documents } of readManifests(paths, options)) {
    const file = shownPath(path ?? "-");
    for (const { objects, line } of documents) {
      for (const object of objects) {
        // Objects of other kinds are nobody's business here.
        if (isPolicy(object, `${file}, line ${line}`)) policies.push({ policy: object, file, line });
        else others += 1;
      }
    }
  }
  if (policies.length > 0) return policies;
  const besides = others === 0 ? "" : `, only ${others} other ${others === 1 ? "object" : "objects"}`;
  throw usageError(`there is no policy in ${paths.map(shownPath).join(", ")}${besides}`);
}

function isPolicy({ apiVersion, kind }: KubernetesObject, where: string): boolean {
  if (policyTypes.some((type) => type.kind === kind)) return true;
  if (parseApiVersion(apiVersion).group !== POLICIES_GROUP) return false;
  const known = policyTypes.map((type) => type.kind).join(" or ");
  throw usageError(`${where}: kind is ${JSON.stringify(kind)}, and a policy is a ${known}`);
}
