import type { V1ConfigMap } from "@kubernetes/client-node";
import { isJsonObject, listIn, objectIn, textIn } from "../../json.ts";
import type { ApiObject } from "../../kubernetes/api-types.ts";
import { toGoYaml } from "../../go-yaml.ts";
import { goQuote } from "../../text/go-quote.ts";
import { withoutEnd } from "../../text/without-end.ts";
import type { Chart } from "../chart.ts";
import { databases } from "../features.ts";
import { scalarText, type Values } from "../values.ts";

/** Settings that the operator reads from files. The texts are what the operator's chart writes, to the letter. */
export function configMap({ values, namespace, labels, features }: Chart): ApiObject<V1ConfigMap> {
  const branchSettings = databases.map((name) => {
    const settings = values.object(`operator.${name}BranchConfig`);
    const isUsed = features.has(`${name}Branching`) && Object.keys(settings).length > 0;
    return [`${name}-branch-config.yaml`, isUsed ? yaml(settings) : ""] as const;
  });
  const clusters = values.object("operator.multiCluster.clusters");
  const hasClusters = features.has("multiCluster") && Object.keys(clusters).length > 0;
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "mirrord-configmap", namespace, labels },
    data: {
      "agent-config.yaml": agentSettings(values),
      ...Object.fromEntries(branchSettings),
      "preview-config.yaml": yaml(objectIn(objectIn(values.all["operator"])["preview"])),
      ...(features.has("multiCluster") ? { "multicluster-config.yaml": multiClusterSettings(values) } : {}),
      ...(hasClusters ? { "clusters-config.yaml": clusterSettings(clusters) } : {}),
    },
  };
}

/** The text stands where line feeds at its end do not count. */
const yaml = (value: unknown) => withoutEnd(toGoYaml(value), "\n");

/** The class of agents' pods: the one of agent.extraConfig stands above that of the values. */
export function agentPriorityClass(values: Values): string {
  return ownPriorityClass(values) || values.text("agent.priorityClass.name") || defaultClass(values);
}

const defaultClass = (values: Values) => (values.flag("agent.priorityClass.create") ? "mirrord-agent-pod" : "");

/** The class that agent.extraConfig names; then none is created. */
export const ownPriorityClass = (values: Values): string =>
  textIn(values.object("agent.extraConfig")["priority_class_name"]);

function agentSettings(values: Values): string {
  const priorityClass = agentPriorityClass(values);
  const secrets = listIn(values.get("operator.imagePullSecrets"));
  const extra = values.object("agent.extraConfig");
  return [
    ...agentImage(values.get("agent.image")),
    // The value agent.injectHeaders is read by no template.
    ...("inject_headers" in extra ? [] : ["inject_headers: true"]),
    // The one of agent.extraConfig is written below.
    ...(priorityClass === "" || ownPriorityClass(values) !== "" ? [] : [`priority_class: ${goQuote(priorityClass)}`]),
    ...(secrets.length === 0 ? [] : ["image_pull_secrets:", yaml(secrets)]),
    ...(Object.keys(extra).length === 0 ? [] : [yaml(extra)]),
  ].join("\n");
}

function agentImage(image: unknown): string[] {
  if (typeof image === "string") return image === "" ? [] : [`image: ${goQuote(image)}`];
  if (!isJsonObject(image)) return [];
  const part = (name: string) => (image[name] ? [`  ${name}: ${goQuote(scalarText(image[name]) ?? "")}`] : []);
  return Object.keys(image).length === 0 ? [] : ["image:", ...part("registry"), ...part("tag")];
}

/** In place of 0 and of nothing. */
const REMOTE_SESSION_SECONDS = 300;
const SESSION_TTL_SECONDS = 60;

function multiClusterSettings(values: Values): string {
  const at = (name: string) => `operator.multiCluster.${name}`;
  return [
    `clusterName: ${goQuote(values.text(at("clusterName")) || "primary")}`,
    `defaultCluster: ${goQuote(values.text(at("defaultCluster")))}`,
    `managementOnly: ${values.flag(at("managementOnly"))}`,
    `remoteSessionTimeoutSecs: ${values.number(at("remoteSessionTimeoutSecs")) || REMOTE_SESSION_SECONDS}`,
    `sessionTtlSecs: ${values.number(at("sessionTtlSecs")) || SESSION_TTL_SECONDS}`,
  ].join("\n");
}

/** What is written of each cluster, in this order; what is secret of it is in a Secret. */
const clusterFields = ["server", "namespace", "caData", "isDefault", "authType", "region", "tenantId", "clientId"];

/** A number is a text there. */
const fieldText = (value: unknown): string =>
  typeof value === "boolean" ? String(value) : goQuote(scalarText(value) ?? "");

function clusterSettings(clusters: Readonly<Record<string, unknown>>): string {
  const lines = Object.keys(clusters)
    .toSorted()
    .flatMap((name) => {
      const cluster = objectIn(clusters[name]);
      const set = clusterFields.filter((field) => Boolean(cluster[field]));
      return [`  - name: ${goQuote(name)}`, ...set.map((field) => `    ${field}: ${fieldText(cluster[field])}`)];
    });
  return ["clusters:", ...lines].join("\n");
}
