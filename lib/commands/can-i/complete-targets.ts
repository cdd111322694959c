import type { Completer } from "../../cli/completion/complete.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { ResourceType } from "../../kubernetes/object.ts";
import { actions, type Action } from "../../mirrord/plan/session-plan.ts";
import { workloadKinds, workloadType, type WorkloadKind } from "../../mirrord/target.ts";
import { typedKind } from "../../mirrord/typed-target.ts";
import { containerNames } from "../../mirrord/workload.ts";
import { attempt } from "../../reading/read.ts";
import { isTarget } from "../../reading/targets.ts";
import { withTemplate } from "../../reading/workload.ts";
import { listedActions, needNoTarget } from "../question/question.ts";

/** Pods and replica sets come and go with the others: they are offered to whoever asks for them. */
const offered: readonly WorkloadKind[] = ["deployment", "rollout", "statefulset", "cronjob", "job", "service"];

const MAX_NAMES = 500;

/** `KIND/NAME` of the namespace, in the user's own word for the kind; behind another `/`, its containers. */
export const completeTargets: Completer = async (typed, world, { current }) => {
  const [word = "", name = "", ...rest] = current.split("/");
  const cluster = await world.connect(typed);
  const namespace = typed.namespace ?? cluster.namespace;
  if (rest.length > 0) return await containers(cluster, word, name, namespace);
  const kinds = current.includes("/") ? exactly(word) : beginning(word);
  const lists = await Promise.all(
    kinds.map(async ({ kind, as }) => {
      const found = await names(cluster, workloadType(kind), namespace, name);
      return found.map((each) => `${as}/${each}`);
    }),
  );
  return lists.flat();
};

/** `[ACTION] [TARGET]`; behind `--list` actions, each once. */
export const completeQuestion: Completer = async (typed, world, line, offer) => {
  if (line.options.has("list")) return listable.filter((action) => !line.given.includes(action));
  const [first] = line.given;
  if (first !== undefined) {
    const action = actions.find((each) => each === first);
    const isAboutTargets = action === undefined ? first.includes("/") : !needNoTarget.has(action);
    return isAboutTargets ? await completeTargets(typed, world, line, offer) : [];
  }
  offer(actions);
  return await completeTargets(typed, world, line, offer);
};

const listable: readonly Action[] = listedActions;

interface TypedKind {
  kind: WorkloadKind;
  /** The user's word. */
  as: string;
}

function exactly(word: string): TypedKind[] {
  const kind = typedKind(word);
  return kind === undefined ? [] : [{ kind, as: word }];
}

function beginning(word: string): TypedKind[] {
  if (word === "") return offered.map((kind) => ({ kind, as: kind }));
  const begun = workloadKinds.filter((kind) => kind.startsWith(word)).map((kind) => ({ kind, as: kind as string }));
  return begun.length > 0 ? begun : exactly(word);
}

/** A kind that is not served or may not be listed has no names, and the others have theirs. */
async function names(cluster: Cluster, type: ResourceType, namespace: string, begin: string): Promise<string[]> {
  const found: string[] = [];
  await attempt(async () => {
    for await (const object of cluster.list(type, { namespace })) {
      const { name } = object.metadata;
      if (name?.startsWith(begin) && isTarget(object)) found.push(name);
      if (found.length === MAX_NAMES) break;
    }
  });
  return found.toSorted();
}

async function containers(cluster: Cluster, word: string, name: string, namespace: string): Promise<string[]> {
  const kind = typedKind(word);
  if (kind === undefined) return [];
  const workload = await cluster.get(workloadType(kind), name, namespace);
  if (workload === undefined) return [];
  const found = containerNames(await withTemplate(cluster, workload));
  return found.map((container) => `${word}/${name}/container/${container}`);
}
