import type { World } from "../../cli/world.ts";
import type { Hooks } from "../../kube/apply/apply.ts";
import type { Cluster, Plan } from "../../kube/cluster.ts";
import { foldedPlan } from "../show-plan.ts";
import { writePlan, writes } from "../write-plan.ts";

/** How a plan is carried out. */
export interface WriteMode {
  dryRun: "none" | "client" | "server";
  yes: boolean;
}

export interface Written {
  plan: Plan;
  /** False: somebody said no. */
  confirmed: boolean;
}

/** Policies hold from their bindings on: what else they need is there before. */
export interface GuardedWrite {
  planFirst: () => Promise<Plan>;
  planBindings: () => Promise<Plan>;
  /** Between the two; throws where the policies would refuse whom they must not. */
  check: () => Promise<void>;
  hooks?: Hooks;
}

/** Everything is shown and confirmed at once. */
export async function writeGuarded(
  cluster: Cluster,
  { planFirst, planBindings, check, hooks }: GuardedWrite,
  mode: WriteMode,
  world: World,
): Promise<Written> {
  const whole = [...(await planFirst()), ...(await planBindings())];
  if (!(await isConfirmed(whole, mode, world))) return { plan: whole, confirmed: false };
  const said = { ...mode, yes: true };
  const first = await writeConfirmed(cluster, said, world, planFirst, hooks);
  if (mode.dryRun === "none") await check();
  const second = await writeConfirmed(cluster, said, world, planBindings);
  return { plan: [...first.plan, ...second.plan], confirmed: true };
}

export async function writeConfirmed(
  cluster: Cluster,
  mode: WriteMode,
  world: World,
  makePlan: () => Promise<Plan>,
  hooks?: Hooks,
): Promise<Written> {
  let confirmed = true;
  const more = hooks === undefined ? {} : { hooks };
  const { planned } = await writePlan(async () => ({ plan: await makePlan(), ...more }), cluster, {
    world,
    dryRun: mode.dryRun,
    confirm: async ({ plan: shown }) => (confirmed = await isConfirmed(shown, mode, world)),
  });
  return { plan: planned.plan, confirmed };
}

export async function isConfirmed(shown: Plan, { yes, dryRun }: WriteMode, world: World): Promise<boolean> {
  if (yes || dryRun !== "none" || writes(shown).length === 0) return true;
  world.note(["To be done:", "", ...foldedPlan(shown), ""]);
  return await world.ask.confirm("Go on?", "--yes");
}
