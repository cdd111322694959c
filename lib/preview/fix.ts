import { referenceText, type KubernetesObject } from "../kubernetes/object.ts";
import { mirrordResources } from "../mirrord/resources.ts";
import type { Check } from "./check.ts";
import { roleCommands, kubectlLine, type FixOptions, optionsFor } from "./fix-commands.ts";
import { flips, grantFixes } from "./fix-grant.ts";
import { patchCommand, policyFix, type PolicyChange, type PolicyFix } from "./fix-policy.ts";
import { roleObjects } from "./fix-role.ts";
import type { Preview } from "./preview.ts";

/** A change that would turn the answer into yes. Several are alternatives. */
export interface Fix {
  /** `policy`: a change of policies; with `grant` or `role`, policies may have to change as well. */
  kind: "grant" | "role" | "policy";
  /** To paste one after the other, for an administrator; none where no command can do it. Those of policies are with them. */
  commands: string[];
  /** What has to be changed besides by hand: a policy in a folder of manifests. */
  byHand?: string[];
  /** What the change opens, in a few words. */
  opens: string;
  /** What the user could do then, as the end of "to let jim …"; and the same without names. */
  lets: { named: string; brief: string };
  /** True when the answer after the change was worked out; false when what it depends on could not be read. */
  proven: boolean;
  /** What a `role` change adds. */
  objects?: KubernetesObject[];
  /** The policies that have to change. */
  policies?: PolicyChange[];
}

/**
 * The smallest changes that would make the session work, smallest first; none when neither access nor a policy is what
 * is missing. Where the RBAC objects can be read, each grant is tried on them and only those that flip every failing
 * step are kept; where no grant helps, the role change that allows exactly the failing requests.
 */
export function smallestFixes(preview: Preview, given: FixOptions): Fix[] {
  const { checks, obstacles, policies, identity } = preview;
  const options = optionsFor(preview, given);
  // Whom a grant would be for must be known.
  if (identity.nameless === true || obstacles.some(({ answer }) => answer === "no")) return [];
  const failing = checks.filter(({ required, answer }) => required && answer !== "yes");
  const access = failing.length === 0 ? [] : accessFixes(preview, failing, options);
  const unread = policies?.unreadable ?? [];
  // A policy that could be read and refuses the session refuses it whatever the others say.
  if (policies !== undefined && policies.answer !== "yes" && (unread.length === 0 || policies.answer === "no")) {
    const change = policyFix(policies);
    if (change.left.length > 0 || change.changes.length === 0) return access;
    return access.length === 0 && failing.length === 0
      ? [withPolicies(undefined, change, options)]
      : access.map((fix) => withPolicies(fix, change, options));
  }
  if (failing.length === 0 && unread.length > 0 && identity.self) return [policyReader(identity.user.name, options)];
  return access;
}

function accessFixes(preview: Preview, failing: readonly Check[], options: FixOptions): Fix[] {
  const { session, identity } = preview;
  const grants = session === undefined ? [] : grantFixes(preview, session, options);
  if (grants.length > 0) return grants;
  const objects = roleObjects(
    identity.user.name,
    failing.map(({ attributes }) => attributes),
  );
  const proven = flips(preview, objects, failing) === true;
  const opens = `exactly the ${failing.length === 1 ? "request that is" : "requests that are"} refused`;
  const lets = { named: "do exactly what is refused", brief: "do exactly what is refused" };
  return [{ kind: "role", commands: roleCommands(objects, options), opens, lets, proven, objects }];
}

function withPolicies(fix: Fix | undefined, { changes, proven }: PolicyFix, options: FixOptions): Fix {
  const texts = changes.map((change) => `${change.change} in ${referenceText(change)}`);
  const what = `${texts.join(", ")}, for everybody`;
  const isByHand = options.manifests.length > 0 || fix?.commands.length === 0;
  const policies = isByHand
    ? changes
    : changes.map((change) => ({ ...change, command: kubectlLine(patchCommand(change), options) }));
  const access: Fix = fix ?? { kind: "policy", commands: [], opens: "", lets: { named: "", brief: "" }, proven: true };
  return {
    ...access,
    ...(isByHand ? { byHand: texts } : {}),
    opens: fix === undefined ? what : `${fix.opens}; and ${what}`,
    proven: access.proven && proven,
    policies,
  };
}

/** Only then can it be known whether a policy refuses the session: the answer may still be no. */
function policyReader(userName: string, options: FixOptions): Fix {
  const kinds = [mirrordResources.policies, mirrordResources.clusterPolicies];
  const objects = roleObjects(
    userName,
    kinds.map(({ group, resource }) => ({ verb: "list", apiGroup: group, resource })),
  );
  const lets = { named: "read the policies", brief: "read the policies" };
  const commands = roleCommands(objects, options);
  return { kind: "role", commands, opens: "reading the policies", lets, proven: false, objects };
}
