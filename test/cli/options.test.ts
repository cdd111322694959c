import t from "tap";
import { execute } from "../../lib/cli/execute.ts";
import { connectionFlags } from "../../lib/cli/grammar/shared-flags.ts";
import { longName } from "../../lib/cli/grammar/flags.ts";
import { optionsCommand } from "../../lib/cli/options.ts";
import { fakeWorld } from "./fake-world.ts";

t.test("options shows every flag of a connection but the hidden ones, and needs no cluster", async (t) => {
  const world = fakeWorld({ columns: 80 });
  t.equal(await execute(optionsCommand, [], world), 0);
  for (const [option, flag] of Object.entries(connectionFlags)) {
    const isShown = new RegExp(`--${longName(option)} `).test(world.stdout);
    t.equal(isShown, !("hidden" in flag), option);
  }
});
