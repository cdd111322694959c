/** Who is to be an administrator, or no more. */
export const subjectsPositional = {
  type: "list",
  placeholder: "SUBJECT",
  describe: "USER, user:NAME, group:NAME or sa:NAMESPACE/NAME",
  required: true,
  completes: "subject",
} as const;
