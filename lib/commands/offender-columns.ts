import type { Offender } from "../install/secure-defaults/offenders.ts";
import type { Columns } from "../view/columns.ts";

/** What the secure defaults would refuse, as it is listed. */
export const offenderColumns = {
  NAMESPACE: ({ namespace }: Offender) => namespace ?? "-",
  OBJECT: ({ kind, name }: Offender) => `${kind.toLowerCase()}/${name}`,
  OPTIONS: ({ attributes }: Offender) => attributes.join(","),
  WHERE: { wide: ({ paths }: Offender) => paths.join(", ") },
} as const satisfies Columns<Offender>;
