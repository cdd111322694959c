import { allowedRules } from "../../../access/allow.ts";
import { customRoleName, parseRoleName, type RoleContent } from "../../../access/custom-role.ts";
import { planNewRole } from "../../../access/role-plan.ts";
import { command } from "../../../cli/grammar/command.ts";
import { listFlag } from "../../../cli/grammar/flags.ts";
import { unaskedYesFlag } from "../../../cli/grammar/shared-flags.ts";
import { usageError } from "../../../errors.ts";
import type { Cluster } from "../../../kube/cluster.ts";
import { servedTypes } from "../../../reading/served-types.ts";
import { ruleWords } from "../../../rbac/rule-words.ts";
import { connectBounded } from "../../connection.ts";
import { writePlan } from "../../write-plan.ts";
import { changeFlags } from "../change-flags.ts";
import { showChange } from "../show-change.ts";
import { dangerousFlag, newName } from "./flags.ts";
import { readWholeRbac } from "./read.ts";
import { warnOfSync } from "./sync-warning.ts";

export const create = command({
  name: "grant role create",
  summary: "Make a role.",
  description: [
    "What --allow says is compared with what the cluster serves: types and verbs that are not there are refused. The same role",
    "again changes nothing, and one of that name that allows something else is left as it is.",
  ].join(" "),
  usage: "NAME --allow VERBS:TYPES … [flags]",
  examples: {
    "kubectl mirrord grant role create dba --allow get,list:secrets,pods/log": "Several types, and a subresource",
    "kubectl mirrord grant role create restart --allow patch:deployments.apps/web": "One object by its name",
    "kubectl mirrord grant role create health --allow get:/healthz,/livez": "Paths that are no objects",
    "kubectl mirrord grant role create ops --aggregate example.com/ops=true":
      "What all ClusterRoles with a label allow",
  },
  positionals: { name: newName },
  flags: {
    allow: listFlag("VERBS:TYPES", "VERB,…:TYPE[.GROUP][/SUBRESOURCE][/NAME],… or VERB,…:/PATH; may be repeated."),
    aggregate: listFlag(
      "KEY=VALUE,…",
      "In place of --allow: what all ClusterRoles with these labels allow, also later ones; may be repeated.",
    ),
    dangerous: dangerousFlag,
    ...changeFlags,
    yes: unaskedYesFlag,
  },
  conflicts: [{ option: "allow", excludes: ["aggregate"] }],
  async run({ name: typed, allow, aggregate, dangerous, dryRun, output, yes: _yes, ...connection }, world) {
    const name = parseRoleName(typed);
    if (allow.length + aggregate.length === 0)
      throw usageError("a role needs something that it allows", "Say what: --allow get,list:pods (may be repeated).");
    const cluster = await connectBounded(connection, world);
    const content = await readContent(cluster, allow, aggregate);
    const plan = async () => ({
      plan: planNewRole(name, content, { objects: await readWholeRbac(cluster), dangerous }),
    });
    const made = await plan();
    const { planned } = await writePlan(plan, cluster, { world, dryRun });
    warnOfSync(made.plan, planned.plan, customRoleName(name), world);
    await showChange(
      "RoleChange",
      {
        ...planned,
        sentences: [`Made role ${name}: ${contentWords(content)}.`, "Nobody holds it until it is granted."],
      },
      { dryRun, output },
      world,
    );
    return 0;
  },
});

async function readContent(
  cluster: Cluster,
  allow: readonly string[],
  aggregate: readonly string[],
): Promise<RoleContent> {
  if (aggregate.length > 0) return { aggregates: aggregate.map(parseLabels) };
  return { rules: allowedRules(allow, await servedTypes(cluster)) };
}

function parseLabels(text: string): Record<string, string> {
  const pairs = text.split(",").map((pair) => pair.split("=").map((word) => word.trim()));
  if (pairs.every(([key = "", value, ...more]) => key !== "" && value !== undefined && more.length === 0))
    return Object.fromEntries(pairs.map(([key = "", value = ""]) => [key, value]));
  throw usageError(`${JSON.stringify(text)} does not say labels`, "Write KEY=VALUE, and commas between several.");
}

function contentWords(content: RoleContent): string {
  if ("rules" in content) return content.rules.map(ruleWords).join("; ");
  const labels = content.aggregates.map((each) =>
    Object.entries(each)
      .map(([key, value]) => `${key}=${value}`)
      .join(","),
  );
  return `what ClusterRoles labelled ${labels.join(" or ")} allow`;
}
