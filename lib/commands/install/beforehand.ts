import type { World } from "../../cli/world.ts";
import { usageError } from "../../errors.ts";
import { readBeforehand, type Installed } from "../../install/access-model/beforehand.ts";
import type { Cluster } from "../../kube/cluster.ts";

const hints: Readonly<Record<Installed, string>> = {
  "access model": "Delete it, and name administrators by --admin or grant admin add. Nothing was written.",
  sync: "Delete it: whoever made it would act as the account of grant sync. Nothing was written.",
};

/** Throws UserError "usage" for what waits for the installation to become powerful by it. */
export async function refuseBeforehand(
  cluster: Cluster,
  installed: Installed,
  world: Pick<World, "warn">,
): Promise<void> {
  const { refused, doubtful } = await readBeforehand(cluster, installed);
  for (const clause of doubtful)
    world.warn(`${clause}: whoever may run something there can act as the account of grant sync`);
  if (refused.length === 0) return;
  const what = installed === "sync" ? "grant sync" : "the access model";
  throw usageError(
    [`something was made beforehand that ${what} would make powerful:`, ...refused.map((each) => `  ${each}`)],
    hints[installed],
  );
}
