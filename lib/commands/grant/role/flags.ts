import { booleanFlag } from "../../../cli/grammar/flags.ts";

/** A role that need not be there yet. */
export const newName = {
  type: "string",
  placeholder: "NAME",
  describe: "The role's short name, such as dba",
  required: true,
} as const;

export const customName = { ...newName, completes: "custom-role" } as const;

export const dangerousFlag = booleanFlag(
  "Allow escalate, bind, impersonate and *, and a role that gives somebody access at once.",
);
