import { isDeepStrictEqual } from "node:util";
import { annotations } from "../../access/names.ts";
import { grantStatus, type GrantStatus, type StoredGrant } from "../../access/stored.ts";
import { formatSubject, parseSubject } from "../../access/subject.ts";
import { command } from "../../cli/command.ts";
import { age } from "../../cli/duration.ts";
import { connectionFlags, namespaceFlag, noHeadersFlag, outputFlag } from "../../cli/shared-flags.ts";
import { printOutput } from "../../view/output.ts";
import { readGrants } from "./read.ts";
import { grantVerbs } from "./verbs.ts";

/** One grant as it is shown. */
export interface GrantRow {
  id: string;
  name: string;
  subject: string;
  role: string;
  namespaces: string[];
  targets: string[];
  status: GrantStatus;
  grantedBy: string | undefined;
  grantedAt: string | undefined;
  reason: string | undefined;
}

export const list = command({
  name: "grant list",
  summary: "List the grants of the cluster.",
  usage: "[SUBJECT] [flags]",
  examples: [
    { command: "kubectl mirrord grant list", does: "All grants" },
    { command: "kubectl mirrord grant list jim -n dev -o wide", does: "Those of jim that hold in namespace dev" },
  ],
  positionals: { subject: { type: "string", placeholder: "SUBJECT", describe: "Only the grants of this subject" } },
  flags: {
    namespace: { ...namespaceFlag, describe: "Only grants that hold in this namespace." },
    output: outputFlag(["table", "wide", "json", "yaml", "name", "csv"]),
    noHeaders: noHeadersFlag,
    ...connectionFlags,
  },
  async run({ subject, namespace, output, noHeaders, ...connection }, world) {
    const wanted = subject === undefined ? undefined : parseSubject(subject);
    const cluster = await world.connect(connection);
    const rows = (await readGrants(cluster))
      .filter(({ intent }) => wanted === undefined || isDeepStrictEqual(intent?.subject, wanted))
      .map(grantRow)
      .filter((row) => namespace === undefined || row.namespaces.includes(namespace) || row.namespaces.includes("*"));
    const now = world.now();
    await printOutput(
      {
        kind: "GrantList",
        value: { items: rows },
        rows,
        columns: {
          ID: ({ id }) => id,
          SUBJECT: (row) => row.subject,
          ROLE: ({ role }) => role,
          NAMESPACES: ({ namespaces }) => (namespaces[0] === "*" ? "<all>" : namespaces.join(",")),
          TARGETS: ({ targets }) => (targets.length === 0 ? "<all>" : targets.join(",")),
          STATUS: ({ status }) => status,
          AGE: ({ grantedAt }) => age(grantedAt, now),
          "GRANTED BY": { wide: ({ grantedBy }) => grantedBy },
          REASON: { wide: ({ reason }) => reason },
          NAME: { wide: ({ name }) => name },
        },
        name: ({ name }) => `clusterrolebinding.rbac.authorization.k8s.io/${name}`,
        empty: "No grants found.",
      },
      { format: output, noHeaders },
      world,
    );
    return 0;
  },
});

export function grantRow(grant: StoredGrant): GrantRow {
  const { id, intent, binding, objects } = grant;
  const notes = binding?.metadata.annotations ?? {};
  const shown = {
    id,
    name: binding?.metadata.name ?? objects[0]?.object.metadata.name ?? "",
    grantedBy: notes[annotations.grantedBy],
    grantedAt: notes[annotations.grantedAt],
    reason: notes[annotations.reason],
  };
  if (intent === undefined) {
    const namespaces = [...new Set(objects.flatMap(({ object }) => object.metadata.namespace ?? []))].toSorted();
    return { ...shown, subject: "<unknown>", role: "<unknown>", namespaces, targets: [], status: "unreadable" };
  }
  return {
    ...shown,
    subject: formatSubject(intent.subject, grantVerbs),
    role: intent.role,
    namespaces: intent.set.kind === "all" ? ["*"] : intent.set.namespaces,
    targets: intent.targets,
    status: grantStatus(grant),
  };
}
