import { isJsonObject } from "../../json.ts";
import { UserError } from "../../errors.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { refuseConflicts } from "./conflicts.ts";
import { shown } from "../../kubernetes/object-fields.ts";
import type { SessionConfig } from "./session-config.ts";

/**
 * The configuration as the client runs it after it has read the profile (MirrordProfile or MirrordClusterProfile): each
 * `spec.featureAdjustments[].change` is applied in order. Throws UserError "usage" for a change that is not known, as the client
 * refuses it, and for a conflict that the profile brings about.
 */
export function applyProfile(config: SessionConfig, profile: KubernetesObject, fileName: string): SessionConfig {
  const { spec } = profile;
  const adjustments: unknown = isJsonObject(spec) ? spec["featureAdjustments"] : undefined;
  const changes = (Array.isArray(adjustments) ? adjustments : []).map((one: unknown) =>
    isJsonObject(one) ? one["change"] : one,
  );
  const adjusted = changes.reduce((before: SessionConfig, change) => adjust(before, change, profile), config);
  refuseConflicts(adjusted, fileName);
  return adjusted;
}

function adjust(config: SessionConfig, change: unknown, { metadata }: KubernetesObject): SessionConfig {
  switch (change) {
    case "incoming-mirror":
      return { ...config, incoming: { ...config.incoming, mode: "mirror" } };
    case "incoming-steal":
      return { ...config, incoming: { ...config.incoming, mode: "steal" } };
    case "incoming-off":
      return { ...config, incoming: { ...config.incoming, mode: "off" } };
    case "dns-remote":
      return { ...config, dns: true };
    case "dns-off":
      return { ...config, dns: false };
    case "outgoing-remote":
      return { ...config, outgoing: { ...config.outgoing, tcp: true, udp: true } };
    case "outgoing-off":
      return { ...config, outgoing: { ...config.outgoing, tcp: false, udp: false } };
    default:
      throw new UserError(
        "usage",
        `the profile ${JSON.stringify(metadata.name ?? "")} asks for the change ${shown(change)}, which mirrord does not know`,
        "A newer client may know it.",
      );
  }
}
