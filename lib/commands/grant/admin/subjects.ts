/** Who is to be an administrator. */
export const subjectsPositional = {
  type: "list",
  placeholder: "SUBJECT",
  describe: "USER, user:NAME, group:NAME or sa:NAMESPACE/NAME",
  required: true,
  completes: "rbac-subject",
} as const;

/** Who is to be one no more. */
export const administratorsPositional = { ...subjectsPositional, completes: "administrator" } as const;
