import { subjectIdentity } from "../../../access/subject.ts";
import { command } from "../../../cli/grammar/command.ts";
import {
  connectionFlags,
  namespaceFlag,
  noHeadersFlag,
  outputFlag,
  quietFlag,
} from "../../../cli/grammar/shared-flags.ts";
import { notExempt, obstacles, operatorQuestions, type Obstacle } from "../../../install/secure-defaults/obstacles.ts";
import type { OperatorAccount } from "../../../install/secure-defaults/objects.ts";
import type { Offender } from "../../../install/secure-defaults/offenders.ts";
import { readDefaultsFacts, readEnforcement, readOperatorAccount } from "../../../install/secure-defaults/read.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import { listWords } from "../../../text/list-words.ts";
import { printOutput } from "../../../view/output.ts";
import { connectBounded } from "../../connection.ts";
import { offenderColumns } from "../../offender-columns.ts";

export const report = command({
  name: "install secure-defaults report",
  summary: "List what only administrators could make under the secure defaults, and who owns it.",
  description: [
    "Workloads, pods and volumes with privileged options, as they are today; not what Kubernetes' own controllers made of others, nor what is in kube-system.",
    "Owners are owner references and field managers, which name programs and not people. Nothing of this stops when the policies are enforced: it cannot be made anew or changed.",
  ].join(" "),
  usage: "[flags]",
  examples: {
    "kubectl mirrord install secure-defaults report": "Before enforcing",
    "kubectl mirrord install secure-defaults report -o csv": "For a spreadsheet",
  },
  flags: {
    namespace: { ...namespaceFlag, describe: "The operator's namespace." },
    output: outputFlag(["table", "wide", "json", "yaml", "csv"]),
    noHeaders: noHeadersFlag,
    quiet: quietFlag,
    ...connectionFlags,
  },
  exitCodes: { 0: "nothing would be refused", 1: "something would be", 3: "something could not be read" },
  async run({ namespace, output: format, noHeaders, ...connection }, world) {
    const cluster = await connectBounded(connection, world);
    const operator = await readOperatorAccount(cluster, namespace);
    const [facts, enforcement, lacking] = await Promise.all([
      readDefaultsFacts(cluster),
      readEnforcement(cluster),
      readLacking(cluster, operator),
    ]);
    const found = obstacles(facts, { administrators: false, exempt: [], leave: [] });
    const rows = facts.offenders;
    await printOutput<Offender>(
      {
        kind: "SecureDefaultsReport",
        value: {
          enforcement,
          complete: facts.unreadable.length === 0,
          unreadable: facts.unreadable,
          operator: { namespace: operator.namespace, serviceAccount: operator.name, notExempt: lacking },
          obstacles: found,
          items: rows,
        },
        rows,
        columns: {
          NAMESPACE: offenderColumns.NAMESPACE,
          OBJECT: offenderColumns.OBJECT,
          OPTIONS: offenderColumns.OPTIONS,
          OWNER: ({ owner }) => owner ?? "-",
          MANAGERS: ({ managers }) => managers.join(","),
          WHERE: offenderColumns.WHERE,
        },
        bounded: true,
        empty: "Nothing here needs an administrator or an exemption.",
      },
      { format, noHeaders },
      world,
    );
    world.note(notes(enforcement, lacking, found));
    if (facts.unreadable.length > 0) {
      world.warn(`you may not list ${listWords(facts.unreadable)}: more could be refused`);
      return 3;
    }
    return rows.length === 0 && found.length === 0 ? 0 : 1;
  },
});

/** What the operator is not exempt from. */
async function readLacking(cluster: Cluster, operator: OperatorAccount): Promise<string[]> {
  const user = subjectIdentity({ kind: "ServiceAccount", namespace: operator.namespace, name: operator.name });
  const answers = await cluster.review(operatorQuestions(operator), user);
  return notExempt(answers.map(({ answer }) => answer));
}

function notes(
  enforcement: "off" | "audit" | "enforce",
  lacking: readonly string[],
  found: readonly Obstacle[],
): string[] {
  const state = { off: "off", audit: "audited, nothing is refused", enforce: "enforced" }[enforcement];
  const operator =
    lacking.length === 0 || enforcement === "off"
      ? []
      : [
          `The operator is not exempt from ${lacking.includes("*") ? "anything, because it holds a wildcard" : listWords(lacking)}.`,
        ];
  return [
    `Secure defaults: ${state}.`,
    ...operator,
    ...(enforcement === "enforce" || found.length === 0 ? [] : ["Before they are enforced:"]),
    ...(enforcement === "enforce" ? [] : found.flatMap(({ text, hint }) => [`  ${text}`, `    ${hint}`])),
  ];
}
