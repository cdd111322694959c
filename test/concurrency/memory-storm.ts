// Administrators who change the grants, teams and collections of one company at once, on a cluster in memory: whose request is next is
// by chance, and the same for the same seed. A storm takes a moment, so there can be thousands.
import { collectionLabels } from "../../lib/access/collection.ts";
import type { Cluster } from "../../lib/kube/cluster.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { organizationObject } from "../access/organizations/organization-object.ts";
import { exampleMemory, runGrant } from "../commands/grant-world.ts";
import { inTurns, standing } from "../commands/turns.ts";
import { memoryCluster, type MemoryCluster } from "../kube/memory-cluster.ts";
import { random, type Random } from "../rbac/random.ts";
import { bindingFaults, type CompanyState } from "./company-state.ts";
import { crashes, idleness, orderFaults, type Ran } from "./storm-judgement.ts";
import {
  anyCommand,
  type Command,
  namespaces,
  nomad,
  nomadMembers,
  organizations,
  people,
  roaming,
  startingPaths,
  teams,
} from "./storm-operations.ts";

const ADMINISTRATORS = 5;
const COMMANDS = 4;

/** What they are about: the fewer, the more often they meet. */
export const mixes = {
  everything: /^/,
  collections: /^collection/,
  teams: /^(team|org|revoke (team|org)|sync)/,
} as const;

/** What is wrong with what they left; nothing when all is well. */
export async function memoryStorm(seed: number, mix: keyof typeof mixes): Promise<string[]> {
  const cluster = company();
  const before = state(cluster);
  const ran: Ran[] = [];
  let clock = 0;
  const workers = Array.from({ length: ADMINISTRATORS }, (_, at) => async (own: Cluster) => {
    const choices = random(seed * 1000 + at);
    for (let count = 0; count < COMMANDS; count += 1) {
      const command = commandOf(choices, mixes[mix]);
      const started = (clock += 1);
      const answer = await answerTo(command, own);
      ran.push({ ...command, administrator: `admin-${at}`, started, ended: (clock += 1), ...answer });
    }
  });
  await inTurns(cluster, workers, seed);
  // What one that failed has left over, the next sync clears away.
  if (ran.some(({ code }) => code === 4)) await runGrant(["sync", "-y"], { cluster });
  const after = state(cluster);
  const { code, stdout } = await runGrant(["sync", "--check"], {
    cluster: memoryCluster(...standing(cluster.objects())),
  });
  return [
    ...bindingFaults(after),
    ...orderFaults(ran, before, after),
    ...crashes(ran),
    ...idleness(ran),
    ...ran.filter(({ code: ended }) => ended === 3).map(({ words, said }) => `${words.join(" ")}: ${said}`),
    ...(code === 0 ? [] : [stdout]),
  ];
}

/** As `prepare` of a storm on an API server. */
function company(): MemoryCluster {
  const members = teams.map((name) => ({ name, members: people }));
  const first = [...members, { name: nomad, members: nomadMembers }];
  const cluster = exampleMemory(
    ...organizations.map((name, at) => organizationObject(name, { teams: at === 0 ? first : members })),
  );
  for (const [at, name] of [...namespaces, ...roaming].entries()) {
    const labels = collectionLabels(startingPaths[at] ?? "");
    cluster.put({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
  }
  return cluster;
}

function commandOf(choices: Random, mix: RegExp): Command {
  for (;;) {
    const command = anyCommand(choices, { movesTeams: true });
    if (mix.test(command.words.join(" "))) return command;
  }
}

async function answerTo({ words }: Command, cluster: Cluster): Promise<Pick<Ran, "code" | "said">> {
  try {
    const { code, stdout, stderr } = await runGrant(words, { cluster });
    return { code, said: stdout + stderr };
  } catch (error) {
    return { code: 70, said: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** As `readCompany` of an API server. */
function state(cluster: MemoryCluster): CompanyState {
  const all = standing(cluster.objects());
  const isGrant = ({ metadata }: KubernetesObject) => metadata.labels?.["kubectl-mirrord.io/grant"] !== undefined;
  const of = (kind: string) => all.filter((object) => object.kind === kind);
  return {
    organizations: of("Organization"),
    namespaces: of("Namespace"),
    grants: of("ClusterRoleBinding").filter(isGrant),
    bindings: of("RoleBinding").filter(isGrant),
  };
}
