// What the benchmarks on a real API server share: timed commands, bare requests, and the lines that are printed.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { auditEvents, type AuditEvent } from "../control-plane/audit-log.ts";
import { apiRequest } from "../control-plane/request.ts";
import type { ControlPlane } from "../control-plane/start.ts";

const root = join(import.meta.dirname, "../..");

export interface Runner {
  name: string;
  /** `kubectl-mirrord PLUGIN`. */
  command: string[];
}

export const checkout = (plugin: string): Runner => ({
  name: "from the checkout",
  command: [process.execPath, join(root, "plugins", "kubectl-mirrord.ts"), plugin],
});

/** The product is the executable of `npm run build`; KUBECTL_MIRRORD_BUNDLED names another than that of this checkout. */
export function bundled(plugin: string): Runner | undefined {
  const file = process.env["KUBECTL_MIRRORD_BUNDLED"] ?? join(root, "build", `kubectl-mirrord-${plugin}`);
  if (!existsSync(file)) return undefined;
  return { name: `bundled (built ${statSync(file).mtime.toISOString().slice(0, 16)})`, command: [file] };
}

export interface Timed {
  milliseconds: number;
  stdout: string;
  stderr: string;
}

export interface Bench {
  plane: ControlPlane;
  /** Throws when the command fails. */
  timed(command: readonly string[], ...words: string[]): Timed;
  post(path: string, body: KubernetesObject): Promise<KubernetesObject>;
}

export function benchOn(plane: ControlPlane): Bench {
  const env = {
    PATH: process.env["PATH"],
    HOME: process.env["HOME"],
    KUBECONFIG: plane.kubeconfig,
    // For bare programs; what is measured reads its kubeconfig.
    NODE_EXTRA_CA_CERTS: plane.caFile,
  };
  return {
    plane,
    timed([file = "", ...rest], ...words) {
      const started = performance.now();
      const options = { env, encoding: "utf8", maxBuffer: 1 << 28 } as const;
      const { status, stdout, stderr } = spawnSync(file, [...rest, ...words], options);
      const milliseconds = performance.now() - started;
      if (status !== 0) throw new Error(`${[file, ...rest, ...words].join(" ")}: ${status}\n${stdout}${stderr}`);
      return { milliseconds, stdout, stderr };
    },
    async post(path, body) {
      const answer = await apiRequest(plane, { token: plane.admin.token, path, body });
      if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
      return answer.body as KubernetesObject;
    },
  };
}

export async function inParallel<Item>(items: readonly Item[], act: (item: Item) => Promise<unknown>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: 24 }, async () => {
      for (const item of queue) await act(item);
    }),
  );
}

/** What the commands under test asked of the API server since the given place of the audit log, dry runs included. */
export function requestsSince(plane: ControlPlane, offset: number): AuditEvent[] {
  const isOurs = ({ stage, userAgent = "" }: AuditEvent) =>
    stage === "ResponseComplete" && userAgent.startsWith("kubectl-mirrord/");
  return auditEvents(plane, offset).filter(isOurs);
}

/** Of these requests those that changed something. */
export const writesAmong = (events: readonly AuditEvent[]): AuditEvent[] =>
  events.filter(
    ({ verb, requestURI }) =>
      ["create", "update", "patch", "delete", "deletecollection"].includes(verb) &&
      !/dryRun=All|accessreviews|selfsubject/.test(requestURI),
  );

export const numbers = (count: number): number[] => [...Array(count).keys()];
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
export const line = (what: string, value: string, limit: string): void =>
  void process.stdout.write(`  ${what.padEnd(66)}${value.padStart(10)}   ${limit}\n`);
