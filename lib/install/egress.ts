// What leaves the cluster because of an installation, read from the objects themselves: so it is true of what runs, too.

import type { V1Container, V1EnvVar } from "@kubernetes/client-node";
import { listIn, objectIn, textIn } from "../json.ts";
import { fieldsIn } from "../kubernetes/api-types.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { podSpec } from "../mirrord/workload.ts";

export interface Egress {
  what: string;
  /** An address, or who is there. */
  to: string;
  /** `maybe`: it depends on the licence. */
  leaves: "yes" | "no" | "maybe";
  /** The value that turns it off, or points it elsewhere. */
  change: string;
  note?: string;
}

const VENDOR = "the vendor";
/** A variable that is filled in when the pod starts. */
const REFERRED = "an address from a Secret or ConfigMap";

/**
 * One line for each thing that could leave. Nothing of the workloads is among it, and nothing is sent by these commands.
 * @param objects of an installation: its Deployments and ConfigMaps count
 */
export function egress(objects: readonly KubernetesObject[]): Egress[] {
  const containers = objects
    .filter(({ kind }) => kind === "Deployment")
    .flatMap((deployment) => listIn(podSpec(deployment).containers).map((one) => fieldsIn<V1Container>(one)));
  const variables = new Map(
    containers.flatMap(({ env }) =>
      listIn(env)
        .map((one) => fieldsIn<V1EnvVar>(one))
        .map(({ name, value, valueFrom }) => [
          textIn(name),
          textIn(value) || (valueFrom === undefined ? "" : REFERRED),
        ]),
    ),
  );
  const value = (name: string) => variables.get(name) ?? "";
  return [
    licence(value),
    telemetry(value),
    cloud(value),
    address("logs", value("OTLP_LOGS_URL"), "operator.otelLogExportUrl"),
    address("traces", value("OTLP_TRACES_URL"), "operator.otelTraceExportUrl"),
    address("Jira", value("OPERATOR_JIRA_WEBHOOK_URL"), "operator.jiraWebhookUrl"),
    secretManager(value),
    ...otherClusters(objects),
    ...images(containers, objects),
  ];
}

type Value = (name: string) => string;

function licence(value: Value): Egress {
  const server = value("OPERATOR_LICENSE_SERVER");
  const [what, change] = ["licence", "license.licenseServer"];
  if (server !== "") return { what, to: server, leaves: "yes", change };
  const isFile = value("OPERATOR_LICENSE_PATH") !== "" || value("OPERATOR_LICENSE_GSM_REF") !== "";
  // A licence of the Team plan is checked there; a file can be of a plan that is not.
  const note = "The vendor checks licences of the Team plan; a file can be of another plan.";
  return { what, to: VENDOR, leaves: isFile ? "maybe" : "yes", change, ...(isFile ? { note } : {}) };
}

function telemetry(value: Value): Egress {
  const isOn = value("OPERATOR_TELEMETRY_ENABLED") !== "false";
  const note = "With a licence of the Team plan, no session starts any more an hour after analytics stop.";
  return { what: "analytics", to: VENDOR, leaves: isOn ? "yes" : "no", change: "operator.disableTelemetries", note };
}

function cloud(value: Value): Egress {
  const isOn = value("OPERATOR_CLOUD_API_KEY") !== "" || value("OPERATOR_CLOUD_API_KEY_GSM_REF") !== "";
  return { what: "cloud", to: VENDOR, leaves: isOn ? "yes" : "no", change: "cloud.apiKey" };
}

function address(what: string, to: string, change: string): Egress {
  return { what, to: to || "nobody", leaves: to === "" ? "no" : "yes", change };
}

function secretManager(value: Value): Egress {
  const references = ["OPERATOR_LICENSE_KEY_GSM_REF", "OPERATOR_LICENSE_GSM_REF", "OPERATOR_CLOUD_API_KEY_GSM_REF"];
  const isOn = references.some((name) => value(name) !== "");
  return address("secrets", isOn ? "Google Secret Manager" : "", "license.keyRef");
}

function otherClusters(objects: readonly KubernetesObject[]): Egress[] {
  const servers = settings(objects, "clusters-config.yaml").matchAll(/^ +server: "?([^"\n]+)"?$/gm);
  return [...servers].map(([, to = ""]) => ({
    what: "sessions",
    to,
    leaves: "yes",
    change: "operator.multiCluster.clusters",
  }));
}

/** Pulled by the nodes. Source of the default: mirrord's configuration, agent.image. */
const AGENT_IMAGE = "ghcr.io/metalbear-co/mirrord";

function images(containers: readonly { image?: unknown }[], objects: readonly KubernetesObject[]): Egress[] {
  const text = settings(objects, "agent-config.yaml");
  const agent = /^image:(?:[ \t\r]*\n[ \t]+registry:)?[ \t]*"?([^"\s]+)"?/m.exec(text)?.[1] ?? AGENT_IMAGE;
  const operators = containers.map(({ image }) => textIn(image)).filter((image) => image !== "");
  return [
    ...operators.map((image) => ({ image, change: "operator.image" })),
    { image: agent, change: "agent.image" },
  ].map(({ image, change }) => ({
    what: "image",
    to: repository(image),
    leaves: "yes",
    change,
  }));
}

/** Without a tag and a digest: `registry/name:tag@sha256:…`. */
function repository(image: string): string {
  const [name = ""] = image.split("@", 1);
  const tag = name.indexOf(":", name.lastIndexOf("/") + 1);
  return tag === -1 ? name : name.slice(0, tag);
}

function settings(objects: readonly KubernetesObject[], file: string): string {
  const texts = objects.filter(({ kind }) => kind === "ConfigMap").map(({ data }) => textIn(objectIn(data)[file]));
  return texts.find((text) => text !== "") ?? "";
}
