import { counted } from "../../text/counted.ts";
import { ADMIN_ROLE, COLLECTIONS, MANAGED_BY, MANAGED_BY_LABEL } from "../../access/names.ts";
import { COMPONENT_LABEL } from "../../install/component.ts";
import { objectName, referenceText } from "../../kubernetes/object.ts";
import type { Plan } from "../../kube/cluster.ts";
import type { Kept, Uninstallation } from "../../install/uninstall-plan.ts";
import type { UninstallFacts } from "../../install/uninstall-facts.ts";
import type { Session } from "../../mirrord/session/session.ts";
import { shellCommand } from "../../text/shell-quote.ts";
import type { Line } from "../../view/lines.ts";
import { wrapLine } from "../../view/text.ts";
import { countLines, describeChanges, planLines } from "../show-plan.ts";

export interface Uninstalled {
  facts: UninstallFacts;
  uninstallation: Uninstallation;
  /** That end. */
  sessions: readonly Session[];
  /** `done`: it was carried out; else what would be. */
  mode: "none" | "client" | "server";
  done: boolean;
}

/** Everything that is deleted, the namespace last. */
export function deletions({ plan, namespace }: Uninstallation): Plan {
  return namespace === undefined ? plan : [...plan, namespace];
}

/** Of the JSON and YAML forms. Schema: docs/schema/install-uninstall.json. */
export function uninstalledValue({ facts, uninstallation, sessions, mode, done }: Uninstalled): object {
  return {
    namespace: facts.installed.namespace,
    dryRun: mode,
    done,
    sessions: sessions.map(({ id, user, target, namespace }) => ({
      id,
      user,
      target,
      ...(namespace === undefined ? {} : { namespace }),
    })),
    changes: describeChanges(deletions(uninstallation)),
    kept: uninstallation.kept,
  };
}

export function uninstalledNames({ uninstallation }: Uninstalled): string[] {
  return deletions(uninstallation).map(objectName);
}

/** At most so many of one thing are named. */
const NAMED = 5;

const named = (texts: readonly string[]): string =>
  texts.length <= NAMED ? texts.join(", ") : `${texts.slice(0, NAMED).join(", ")} and ${texts.length - NAMED} more`;

/** @param width of the terminal; names are never broken */
export function uninstalledLines(uninstalled: Uninstalled, isWide: boolean, width = Infinity): Line[] {
  const { facts, uninstallation, sessions, mode, done } = uninstalled;
  const all = deletions(uninstallation);
  const isNothing = all.length + sessions.length + uninstallation.kept.length === 0;
  if (isNothing && facts.ending === undefined) return [];
  const block = (word: string, texts: readonly string[]) =>
    texts.flatMap((text) => wrapLine(`  ${word.padEnd(10)}   ${text}`, width, HANG));
  return [
    `mirrord operator in namespace ${facts.installed.namespace}${done ? ", uninstalled" : ""}`,
    "",
    ...block(done ? "ended" : "end", sessions.map(sessionText)),
    ...(isWide
      ? planLines(all, mode).map((line) => `  ${line}`)
      : countLines(all, () => (done ? "deleted" : "delete"))),
    ...block(done ? "kept" : "keep", keptTexts(uninstallation.kept)),
    ...removalLines(uninstallation.kept),
  ];
}

/** Below what stands beside the word. */
const HANG = 15;

const sessionText = ({ id, user, target, namespace }: Session): string =>
  `session ${id} of ${user} on ${target}${namespace === undefined ? "" : ` in ${namespace}`}`;

/** How to take out by hand what no flag takes out. Lines to paste are never broken. */
function removalLines(kept: readonly Kept[]): string[] {
  const stays = (why: Kept["why"]) => kept.some((one) => one.why === why);
  const paste = (...words: string[]) => `  ${shellCommand(["kubectl", "delete", ...words])}`;
  const { namespace, name } = COLLECTIONS;
  const guards = "validatingadmissionpolicybindings,validatingadmissionpolicies";
  return [
    ...(stays("guard")
      ? ["", "To remove what guards the cluster:", paste(guards, "-l", `${MANAGED_BY_LABEL}=${MANAGED_BY}`)]
      : []),
    ...(stays("access-model")
      ? [
          "",
          "To remove the access model, with all that it keeps:",
          paste("crd,clusterrolebindings,clusterroles", "-l", `${COMPONENT_LABEL}=access-model`),
          paste("clusterrolebinding", ADMIN_ROLE, "--ignore-not-found"),
          paste("configmap", name, "-n", namespace, "--ignore-not-found"),
        ]
      : []),
  ];
}

function keptTexts(kept: readonly Kept[]): string[] {
  const of = (why: Kept["why"]) => kept.filter((one) => one.why === why);
  const [definitions, objects, grants, guards] = [of("definition"), of("object"), of("grant"), of("guard")];
  const [model, roles, sync] = [of("access-model"), of("role"), of("sync")];
  return [
    ...(definitions.length === 0
      ? []
      : [`${counted(definitions.length, "definition")} (--crds deletes them, and all of their kinds)`]),
    ...(objects.length === 0 ? [] : [named(objects.map(referenceText))]),
    ...(grants.length === 0
      ? []
      : [
          `${counted(grants.length, "grant")}, which give nothing until it is installed again: ${named(grants.map(({ name }) => name))}`,
        ]),
    ...(guards.length === 0 ? [] : [`what guards the cluster: ${named(guards.map(referenceText))}`]),
    ...(model.length === 0 ? [] : [`the access model: ${named(model.map(referenceText))}`]),
    ...(roles.length === 0 ? [] : [`roles that grants bind: ${named(roles.map(({ name }) => name))}`]),
    ...(sync.length === 0 ? [] : [`what runs grant sync (--sync deletes it): ${named(sync.map(referenceText))}`]),
    ...of("namespace").map(({ name, holds = [] }) => `namespace ${name}, which holds ${named(holds)}`),
  ];
}
