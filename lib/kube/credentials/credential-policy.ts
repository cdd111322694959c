// Which credential plugins may run, as the user's kuberc says (kubectl pkg/kuberc, client-go plugin/pkg/client/auth/exec).

import { basename, join, normalize } from "node:path";
import { usageError, UserError } from "../../errors.ts";
import { parseDocuments } from "../../yaml.ts";
import { absolute, goFileError, homeFolder, readIfPresent, type Machine } from "../config/files.ts";
import { isJsonObject, textIn, type JsonObject } from "../../json.ts";
import { lookPath } from "./look-path.ts";

export interface PluginPolicy {
  type: "AllowAll" | "DenyAll" | "Allowlist";
  /** Commands by name or path. */
  allowed: string[];
}

const allowAll: PluginPolicy = { type: "AllowAll", allowed: [] };

/** @throws UserError "usage" for a policy that cannot be followed: it is a security setting, not to be guessed. */
export function readPluginPolicy(
  kuberc: string | undefined,
  machine: Machine,
  warn: (text: string) => void,
): PluginPolicy {
  const { KUBERC = "", KUBECTL_KUBERC = "" } = machine.env;
  if (KUBERC === "off") {
    if (kuberc) throw usageError("disabling kuberc via KUBERC=off and passing kuberc flag are mutually exclusive");
    return allowAll;
  }
  if (KUBECTL_KUBERC === "false") return allowAll;
  const explicit = kuberc || KUBERC;
  const path = explicit || join(homeFolder(machine), ".kube", "kuberc");
  try {
    const preference = readPreference(path, explicit !== "", machine);
    return preference === undefined ? allowAll : policyIn(preference);
  } catch (error) {
    if (explicit !== "" || !(error instanceof UnreadablePreference)) throw error;
    warn(`kuberc: no preferences loaded from ${path}: ${error.message}`);
    return allowAll;
  }
}

class UnreadablePreference extends UserError {}

function readPreference(path: string, mustExist: boolean, machine: Machine): JsonObject | undefined {
  const text = readText(path, machine);
  if (text === undefined && mustExist) throw usageError(`kuberc: open ${path}: no such file or directory`);
  if (text === undefined) return undefined;
  const documents = documentsIn(text);
  const preference = documents.find(isPreference);
  if (preference === undefined && documents.length > 0) {
    throw new UnreadablePreference("usage", `no valid preferences found in ${path}`);
  }
  return preference;
}

function readText(path: string, machine: Machine): string | undefined {
  try {
    return readIfPresent(machine, absolute(machine, path));
  } catch (error) {
    throw new UnreadablePreference("usage", goFileError(path, error));
  }
}

function documentsIn(text: string): unknown[] {
  try {
    return parseDocuments(text, { source: "yaml" });
  } catch (error) {
    throw new UnreadablePreference("usage", error instanceof Error ? error.message : String(error));
  }
}

function isPreference(document: unknown): document is JsonObject {
  if (!isJsonObject(document) || document["kind"] !== "Preference") return false;
  return /^kubectl\.config\.k8s\.io\/(v1beta1|v1alpha1)$/.test(textIn(document["apiVersion"]));
}

function policyIn(preference: JsonObject): PluginPolicy {
  // The version before has no such field.
  if (textIn(preference["apiVersion"]).endsWith("/v1alpha1")) return allowAll;
  const type: unknown = preference["credentialPluginPolicy"] ?? "";
  const list = preference["credentialPluginAllowlist"];
  switch (type) {
    case "Allowlist":
      return { type: "Allowlist", allowed: allowlist(list) };
    case "DenyAll":
      refuseList(type, list);
      return { type: "DenyAll", allowed: [] };
    case "":
    case "AllowAll":
      refuseList(type, list);
      return allowAll;
    default:
      throw usageError(`unknown plugin policy: ${JSON.stringify(type)}`);
  }
}

function refuseList(type: string, list: unknown): void {
  if (list === undefined || list === null) return;
  throw usageError(`misconfigured credential plugin allowlist: plugin policy is "${type}" but allowlist is non-nil`);
}

function allowlist(list: unknown): string[] {
  if (!Array.isArray(list))
    throw usageError('credential plugin policy set to "Allowlist", but allowlist is unspecified');
  if (list.length === 0) {
    throw usageError(
      'credential plugin policy set to "Allowlist", but allowlist is empty; use "DenyAll" policy instead',
    );
  }
  return list.map((entry: unknown, index) => {
    const command = isJsonObject(entry) ? textIn(entry["name"]) || textIn(entry["command"]) : "";
    if (command === "")
      throw usageError(`misconfigured credential plugin allowlist: empty allowlist entry #${index + 1}`);
    if (normalize(command) !== command)
      throw usageError(`non-normalized file path: "${command}" vs "${normalize(command)}"`);
    return command;
  });
}

/**
 * The file to run for a plugin's command; undefined when there is no such program.
 * @throws UserError "usage" when the policy forbids it
 */
export function permittedCommand(command: string, policy: PluginPolicy, env: Machine["env"]): string | undefined {
  if (policy.type === "DenyAll") throw forbidden(`plugin "${command}" not allowed: policy set to "DenyAll"`);
  const path = lookPath(command, env);
  if (policy.type === "AllowAll" || path === undefined) return path;
  const isListed = policy.allowed.some(
    (allowed) =>
      allowed === command ||
      allowed === path ||
      (basename(allowed) === basename(path) && lookPath(allowed, env) === path),
  );
  if (!isListed) throw forbidden(`plugin path "${path}" is not permitted by the credential plugin allowlist`);
  return path;
}

function forbidden(reason: string): UserError {
  return usageError(
    `Unable to connect to the server: getting credentials: ${reason}`,
    "The policy is credentialPluginPolicy in your kuberc (~/.kube/kuberc)",
  );
}
