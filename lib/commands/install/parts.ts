import type { World } from "../../cli/world.ts";
import type { AccessModelFlags } from "./access-model/run.ts";
import { applyInstallation, type ApplyOptions } from "./apply.ts";
import type { DefaultsFlags } from "./secure-defaults/run.ts";

interface Parts extends ApplyOptions, Omit<DefaultsFlags, "secureDefaults">, Omit<AccessModelFlags, "accessModel"> {
  secureDefaults: DefaultsFlags["secureDefaults"] | undefined;
  accessModel: AccessModelFlags["accessModel"] | undefined;
  sync: boolean;
  syncImage: string | undefined;
  /** Else the operator stays as it is. */
  withOperator: boolean;
}

/** Installs what was asked for, the operator first; resolves to the exit code, the first that is not 0 ends it. */
export async function installParts(options: Parts, world: World): Promise<number> {
  const { secureDefaults, accessModel, sync, withOperator } = options;
  const defaults = secureDefaults === undefined ? undefined : await import("./secure-defaults/run.ts");
  const parts: (() => Promise<number>)[] = [];
  if (withOperator) {
    parts.push(() => applyInstallation(options, world));
    if (defaults && secureDefaults) await defaults.checkBefore({ ...options, secureDefaults }, world);
  }
  if (defaults && secureDefaults) parts.push(() => defaults.setDefaults({ ...options, secureDefaults }, world));
  if (accessModel !== undefined) {
    const { setAccessModel } = await import("./access-model/run.ts");
    parts.push(() => setAccessModel({ ...options, accessModel }, world));
  }
  if (sync) {
    const { installSync } = await import("./sync.ts");
    const installed = accessModel === "on";
    const model = { installed, guards: installed && !options.withoutPolicies };
    parts.push(() => installSync({ ...options, accessModel: model }, world));
  }
  let highest = 0;
  for (const part of parts) {
    const code = await part();
    // A difference is no failure: the rest is shown, too.
    if (code !== 0 && !options.diff) return code;
    highest = Math.max(highest, code);
  }
  return highest;
}
