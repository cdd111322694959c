import { roleText } from "./custom-role.ts";
import { exemptedAttributes, type Intent } from "./intent.ts";

/** What a grant in all namespaces opens besides the sessions that people think of: everything that `--allow-system` guards, and more. */
export function opensEverywhere({ role }: Pick<Intent, "role">): string {
  const holds = "This holds in kube-system, in the operator's namespace and in namespaces to come";
  if (exemptedAttributes(role) !== undefined) return `${holds}.`;
  switch (role) {
    case "minimal":
      return `${holds}.`;
    case "user":
      return `${holds}, and allows ending everybody's sessions and getting credentials of branch databases.`;
    case "view":
      return `${holds}, and shows everybody's sessions.`;
    default:
      return `${holds}, and what ${roleText(role)} allows is allowed in the whole cluster.`;
  }
}
