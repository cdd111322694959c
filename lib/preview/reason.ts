import type { BindingKind, RbacRef, RoleKind, Subject, SubjectKind } from "../rbac/types.ts";

/** What the API server says about an allowed request. */
export interface ReasonMatch {
  binding: RbacRef<BindingKind>;
  role: RbacRef<RoleKind>;
  subject: Subject;
}

const quoted = String.raw`"((?:[^"\\]|\\.)*)"`;
const pattern = new RegExp(
  `^RBAC: allowed by (ClusterRoleBinding|RoleBinding) ${quoted} of (ClusterRole|Role) ${quoted} to (User|Group|ServiceAccount) ${quoted}$`,
  "s",
);

/**
 * Reads SubjectAccessReview.status.reason, by which people who cannot read RBAC learn who decided. Undefined for the
 * words of another authorizer. Source: kubernetes pkg/registry/rbac/validation/rule.go (names are quoted by %q; of a
 * RoleBinding and a ServiceAccount it is `name/namespace`).
 */
export function parseReason(reason: string): ReasonMatch | undefined {
  const [, bindingKind = "", bindingText = "", roleKind = "", roleText = "", subjectKind = "", subjectText = ""] =
    pattern.exec(reason) ?? [];
  if (!isBindingKind(bindingKind) || !isRoleKind(roleKind) || !isSubjectKind(subjectKind)) return undefined;
  const binding = bindingKind === "RoleBinding" ? placed(bindingText) : { name: unquote(bindingText) };
  const subject = subjectKind === "ServiceAccount" ? placed(subjectText) : { name: unquote(subjectText) };
  const ofNamespace = roleKind === "Role" && "namespace" in binding ? { namespace: binding.namespace } : {};
  return {
    binding: { kind: bindingKind, ...binding },
    role: { kind: roleKind, name: unquote(roleText), ...ofNamespace },
    subject: { kind: subjectKind, ...subject },
  };
}

const isBindingKind = (kind: string): kind is BindingKind => kind === "ClusterRoleBinding" || kind === "RoleBinding";
const isRoleKind = (kind: string): kind is RoleKind => kind === "ClusterRole" || kind === "Role";
const isSubjectKind = (kind: string): kind is SubjectKind =>
  kind === "User" || kind === "Group" || kind === "ServiceAccount";

// A namespace has no slash, a name may.
function placed(text: string): { name: string; namespace: string } {
  const whole = unquote(text);
  const slash = whole.lastIndexOf("/");
  return { name: whole.slice(0, Math.max(slash, 0)), namespace: whole.slice(slash + 1) };
}

const short: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** Takes back what Go's %q did. Source: strconv.Quote. */
function unquote(text: string): string {
  return text.replaceAll(
    /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gs,
    (whole, byte?: string, unit?: string, point?: string, letter?: string) => {
      const code = Number.parseInt(byte ?? unit ?? point ?? "", 16);
      if (letter !== undefined) return short[letter] ?? letter;
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
