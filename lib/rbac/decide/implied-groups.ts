import type { UserInfo } from "../../kubernetes/access.ts";

const AUTHENTICATED = "system:authenticated";
const UNAUTHENTICATED = "system:unauthenticated";
export const ANONYMOUS = "system:anonymous";

/**
 * The user with the groups that a real request carries and that a question to an authorizer does not get by itself:
 * those of a service account, `system:unauthenticated` for the anonymous user, and `system:authenticated` for everybody else.
 * Groups that are there already stay where they are; service account groups are added only when no others were given,
 * as under impersonation.
 * Source: apiserver pkg/authentication/group/authenticated_group_adder.go, pkg/endpoints/filters/impersonation/mode.go.
 */
export function withImpliedGroups(user: UserInfo): UserInfo {
  const groups: string[] = [...user.groups];
  const account = serviceAccountFromName(user.name);
  if (account !== undefined && !groups.some((group) => group !== AUTHENTICATED)) {
    groups.push("system:serviceaccounts", `system:serviceaccounts:${account.namespace}`);
  }
  if (user.name === ANONYMOUS && !groups.includes(UNAUTHENTICATED)) groups.push(UNAUTHENTICATED);
  if (!groups.includes(AUTHENTICATED) && !groups.includes(UNAUTHENTICATED)) groups.push(AUTHENTICATED);
  return { ...user, groups };
}

/**
 * The service account behind a user name, or undefined when the name is not one: both parts must be names that Kubernetes
 * accepts, so `system:serviceaccount:ns:a:b` is a user. Source: SplitUsername, pkg/authentication/serviceaccount/util.go.
 */
export function serviceAccountFromName(userName: string): { namespace: string; name: string } | undefined {
  const match = /^system:serviceaccount:([^:]*):([^:]*)$/u.exec(userName);
  const [, namespace = "", name = ""] = match ?? [];
  return isDns1123(namespace, 63, label) && isDns1123(name, 253, subdomain) ? { namespace, name } : undefined;
}

const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/u;
const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/u;

const isDns1123 = (text: string, length: number, form: RegExp): boolean => text.length <= length && form.test(text);
