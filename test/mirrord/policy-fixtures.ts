import type { MirrordPolicy } from "../../lib/mirrord/policy.ts";
import { plainPlan, type Action, type SessionPlan } from "../../lib/mirrord/plan/session-plan.ts";
import { parseTarget } from "../../lib/mirrord/target.ts";

/** A valid MirrordPolicy in namespace `shop`; `namespace: undefined` makes it a MirrordClusterPolicy. */
export function policy(
  spec: Record<string, unknown>,
  { name = "p", namespace }: { name?: string; namespace?: string | undefined } = { namespace: "shop" },
): MirrordPolicy {
  const apiVersion = "policies.mirrord.metalbear.co/v1alpha";
  const rest = { spec: { block: [], ...spec } };
  return namespace === undefined
    ? { apiVersion, kind: "MirrordClusterPolicy", metadata: { name }, ...rest }
    : { apiVersion, kind: "MirrordPolicy", metadata: { name, namespace }, ...rest };
}

export function clusterPolicy(spec: Record<string, unknown>, name = "p"): MirrordPolicy {
  return policy(spec, { name, namespace: undefined });
}

/** A session in namespace `shop`. */
export function session(action: Action, target: string, more: Partial<SessionPlan> = {}): SessionPlan {
  return { ...plainPlan(action, parseTarget(target), "shop"), ...more };
}

/** Policies that limit much at once, with a trap: `deployment/` is no spelling that a policy path ever has. */
export const shopPolicies: MirrordPolicy[] = [
  clusterPolicy({ targetPath: "*", block: ["steal-without-filter"] }, "need-filter"),
  policy({ targetPath: "deploy/checkout*", block: ["steal"] }, { name: "no-steal-checkout", namespace: "shop" }),
  policy(
    {
      selector: {
        matchLabels: { tier: "payments" },
        matchExpressions: [{ key: "env", operator: "In", values: ["staging"] }],
      },
      block: ["steal", "mirror", "copy-target-scale-down"],
      appliesToCopyTargets: true,
      env: { exclude: ["*_PASSWORD", "AWS_*"] },
      fs: { readOnly: [String.raw`.+\.json`], local: ["^/etc/secrets/.*"], notFound: ["^/var/run/secrets/.*"] },
      network: {
        incoming: { httpFilter: { headerFilter: "^baggage: .+" } },
        outgoing: {
          allow: [
            { ipBlock: { cidr: "10.0.0.0/16", except: ["10.0.5.0/24"] }, ports: [{ protocol: "TCP", port: 443 }] },
            { hostname: String.raw`^acme\.example$`, ports: [] },
          ],
          block: [{ ipBlock: { cidr: "0.0.0.0/0" }, ports: [{ protocol: "TCP", port: 22 }] }],
        },
      },
      requireProfile: true,
      profileAllowlist: ["safe-mirror", "shop/safe"],
    },
    { name: "payments-hard", namespace: "shop" },
  ),
  policy(
    { targetPath: "deployment/checkout", block: ["steal"] },
    { name: "trap-deployment-spelling", namespace: "shop" },
  ),
];
