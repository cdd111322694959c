import { clusterScoped } from "../../../access/allow.ts";
import { roleHolders } from "../../../access/role-holders.ts";
import { dangerousRules } from "../../../access/roles.ts";
import { formatSubject } from "../../../access/subject.ts";
import { command } from "../../../cli/grammar/command.ts";
import { connectionFlags, outputFlag } from "../../../cli/grammar/shared-flags.ts";
import { listIn, objectIn } from "../../../json.ts";
import { parseLabelSelector, selectorText } from "../../../kubernetes/label-selector.ts";
import type { KubernetesObject } from "../../../kubernetes/object.ts";
import { ruleText } from "../../../rbac/compact.ts";
import { roleRules } from "../../../rbac/decode.ts";
import { ruleWords } from "../../../rbac/rule-words.ts";
import { servedTypes } from "../../../reading/served-types.ts";
import { API_VERSION, printDocument } from "../../../view/output.ts";
import { printText } from "../../../view/text.ts";
import { connectBounded } from "../../connection.ts";
import { customName } from "./flags.ts";
import { readAnyRole } from "./read.ts";

export const describe = command({
  name: "grant role describe",
  summary: "Show what a role allows, and who holds it.",
  description: "Grants that are limited to workloads count as well. The role ci is user under another name.",
  usage: "NAME [flags]",
  examples: { "kubectl mirrord grant role describe dba": "One role" },
  positionals: { name: { ...customName, describe: "The role's short name, such as dba, user or view" } },
  flags: { output: outputFlag(["table", "json", "yaml"]), ...connectionFlags },
  async run({ name: typed, output, ...connection }, world) {
    const name = typed === "ci" ? "user" : typed;
    const cluster = await connectBounded(connection, world);
    const [{ role, objects, grants }, { types }] = await Promise.all([
      readAnyRole(cluster, name),
      servedTypes(cluster),
    ]);
    const rules = roleRules(role);
    const clusterRole = role.metadata.name ?? "";
    const value = {
      name,
      clusterRole,
      rules,
      aggregates: aggregates(role),
      onlyEverywhere: clusterScoped(rules, types),
      dangerous: dangerousRules(rules).map(ruleText),
      holders: roleHolders(clusterRole, objects, grants).map(({ subject, ...holder }) => ({
        subject: formatSubject(subject),
        ...holder,
      })),
    };
    if (output === "json" || output === "yaml")
      await printDocument({ apiVersion: API_VERSION, kind: "RoleDescription", ...value }, output, world);
    else printText(describeLines(value), world);
    return 0;
  },
});

/** The labels that a role takes its rules from. */
function aggregates(role: KubernetesObject): string[] {
  const selectors = listIn(objectIn(role["aggregationRule"])["clusterRoleSelectors"]);
  return selectors.map((selector) => selectorText(parseLabelSelector(selector)));
}

interface Described {
  name: string;
  clusterRole: string;
  rules: Parameters<typeof ruleWords>[0][];
  aggregates: string[];
  onlyEverywhere: string[];
  dangerous: string[];
  holders: { subject: string; grant?: string; binding: { kind: string; name: string; namespace?: string } }[];
}

function describeLines({ name, clusterRole, rules, aggregates: labels, ...more }: Described): string[] {
  const { onlyEverywhere, dangerous, holders } = more;
  const subjects = new Set(holders.map(({ subject }) => subject)).size;
  return [
    `Role ${name} (clusterrole ${clusterRole})`,
    ...block(
      "allows",
      rules.map((rule) => ruleWords(rule)),
    ),
    ...block("from clusterroles labelled", labels),
    ...block("holds only with -A", onlyEverywhere),
    ...block("lets its holder gain more rights", dangerous),
    ...block(
      `held by ${subjects}${holders.length > subjects ? `, in ${holders.length} ways` : ""}`,
      holders.map(({ subject, grant, binding }) => {
        const place = binding.namespace === undefined ? "everywhere" : `in ${binding.namespace}`;
        const by =
          grant === undefined ? `${binding.kind.toLowerCase()}/${binding.name}, made by hand` : `grant ${grant}`;
        return `${subject} ${place}: ${by}`;
      }),
    ),
    ...(holders.length === 0 ? ["", "Nobody holds it."] : []),
  ];
}

const block = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ["", `${title}:`, ...lines.map((line) => `  ${line}`)];
