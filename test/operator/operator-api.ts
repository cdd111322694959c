import { copyTargetObject } from "./copy-targets.ts";
import { handleOldCredentials } from "./credentials.ts";
import { apiVersion, listReply } from "./lists.ts";
import type { Handler, Operator } from "./operator.ts";
import { sessionEntry } from "./sessions.ts";
import type { SessionEntry } from "./sessions.ts";
import { methodNotAllowed, notFound } from "./status.ts";

/** `mirrordoperators`: the one object named `operator`, and the older way to a certificate below it. */
export const handleOperators: Handler = (operator, call) => {
  const { method, path } = call;
  if (path.subresource === "certificate") return handleOldCredentials(operator, call);
  if (path.subresource !== undefined) throw notFound("mirrordoperators", path.subresource);
  if (method !== "GET" || path.proxied || path.namespace !== undefined) throw methodNotAllowed();
  if (path.name === undefined) {
    return listReply(operator, call, "MirrordOperator", [operatorObject(operator)]);
  }
  if (path.name !== "operator") throw notFound("mirrordoperators", path.name);
  return { code: 200, json: operatorObject(operator) };
};

// Source: mirrord crd.rs `MirrordOperatorSpec` and `MirrordOperatorStatus`.
function operatorObject(operator: Operator) {
  const { settings } = operator;
  return {
    apiVersion,
    kind: "MirrordOperator",
    metadata: { name: "operator" },
    spec: {
      operator_version: settings.version,
      default_namespace: "default",
      features: settings.features.includes("ProxyApi") && !settings.legacy ? ["ProxyApi"] : [],
      ...(settings.legacy ? {} : { supported_features: settings.features }),
      license: {
        name: "Acme Platform",
        organization: "Acme",
        expire_at: settings.licenseExpiresAt,
        fingerprint: "c3RhbmQtaW4tbGljZW5zZQ",
        ...(settings.legacy ? {} : { subscription_id: "3f0c2a1e-8a55-4c10-9a5b-1d2c3b4a5f60" }),
      },
      protocol_version: settings.legacy ? "1.4.0" : "1.29.0",
      copy_target_enabled: settings.legacy || settings.features.includes("CopyTarget"),
      ...(settings.legacy ? {} : { operator_namespace: operator.namespace }),
    },
    status: operatorStatus(operator),
  };
}

function operatorStatus(operator: Operator) {
  const { settings, sessions, copyTargets } = operator;
  const live = sessions.all();
  const entries = live.map((session) => sessionEntry(session, operator.now()));
  const copies = copyTargets.all();
  const previews = operator.previews?.entries() ?? [];
  const users = new Set(live.map(({ identity }) => identity.name)).size;
  return {
    sessions: settings.legacy ? entries.map(legacyEntry) : entries,
    statistics: {
      dau: users,
      mau: users,
      ...(operator.previews === undefined ? {} : { active_preview_sessions_count: previews.length }),
    },
    ...(previews.length === 0 ? {} : { preview_sessions: previews }),
    copy_targets: copies.map((copy) => {
      const object = copyTargetObject(copy, operator.now());
      return settings.legacy ? [copy.podName, object] : { pod_name: copy.podName, copy_target: object };
    }),
  };
}

/** Locked ports as tuples, and none of the later fields. */
function legacyEntry({ id, duration_secs, user, target, namespace, locked_ports, user_id }: SessionEntry) {
  return {
    id,
    duration_secs,
    user,
    target,
    namespace,
    locked_ports: locked_ports.map(({ port, kind, filter }) => [port, kind, filter]),
    user_id,
  };
}
