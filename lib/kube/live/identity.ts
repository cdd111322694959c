import { X509Certificate } from "node:crypto";
import type {
  V1SelfSubjectReview,
  V1SelfSubjectReviewStatus,
  V1TokenReviewStatus,
  V1UserInfo,
} from "@kubernetes/client-node";
import { UserError } from "../../errors.ts";
import { isJsonObject, objectIn, textIn, textsIn } from "../../json.ts";
import type { UserInfo } from "../../kubernetes/access.ts";
import { isForbidden, isNotFound } from "../../kubernetes/api-error.ts";
import { fieldsIn } from "../../kubernetes/api-types.ts";
import { withImpliedGroups } from "../../rbac/decide/implied-groups.ts";
import type { Credential } from "../credentials/credentials.ts";
import type { Transport } from "../http/transport.ts";

/** What the caller shows to the server. */
export interface Caller {
  impersonate: UserInfo | undefined;
  credential(): Promise<Credential>;
}

/** Served since Kubernetes 1.28, 1.27 and 1.26. */
const versions = ["v1", "v1beta1", "v1alpha1"];

/**
 * Who the caller is: by a SelfSubjectReview; on clusters that have none, by what is impersonated, by the client certificate, or by
 * a TokenReview of the caller's own token. Throws UserError "undetermined" where none of them tells.
 */
export async function identity(transport: Transport, caller: Caller): Promise<UserInfo> {
  const { seen, cause } = await seenIdentity(transport);
  if (seen !== undefined) return seen;
  const user = caller.impersonate ?? (await credentialUser(transport, await caller.credential()));
  if (user !== undefined) return withImpliedGroups(user);
  throw new UserError(
    "undetermined",
    "the selfsubjectreviews API is not enabled in the cluster or you do not have permission to call it",
    "Nothing else says who you are: log in with a client certificate, or with an account that may create tokenreviews, or say as whom to act: --as USER.",
    { cause },
  );
}

/** As whom the server sees who asks; `cause` is why it does not say. */
export async function seenIdentity(transport: Transport): Promise<{ seen?: UserInfo; cause?: unknown }> {
  let cause: unknown;
  for (const version of versions) {
    try {
      return { seen: await selfSubjectReview(transport, version) };
    } catch (error) {
      if (!isNotFound(error) && !isForbidden(error)) throw error;
      cause ??= error;
    }
  }
  return { cause };
}

async function selfSubjectReview(transport: Transport, version: string): Promise<UserInfo> {
  const apiVersion = `authentication.k8s.io/${version}`;
  const body = { apiVersion, kind: "SelfSubjectReview" };
  return userInfoFrom(
    await transport.json({ method: "POST", path: `/apis/${apiVersion}/selfsubjectreviews`, body, repeatable: true }),
  );
}

/** SelfSubjectReview.status.userInfo. */
export function userInfoFrom(answer: unknown): UserInfo {
  const { status } = fieldsIn<V1SelfSubjectReview>(answer);
  const { userInfo } = fieldsIn<V1SelfSubjectReviewStatus>(status);
  const user = userIn(userInfo);
  if (user === undefined) throw new UserError("undetermined", "the server does not say who you are");
  return user;
}

function userIn(value: unknown): UserInfo | undefined {
  const { username, groups, uid, extra } = fieldsIn<V1UserInfo>(value);
  if (typeof username !== "string" || username === "") return undefined;
  return {
    name: username,
    groups: textsIn(groups),
    ...(textIn(uid) === "" ? {} : { uid: textIn(uid) }),
    ...(isJsonObject(extra)
      ? { extra: Object.fromEntries(Object.entries(extra).map(([key, list]) => [key, textsIn(list)])) }
      : {}),
  };
}

/** The server looks at a token before it looks at a certificate. */
async function credentialUser(
  transport: Transport,
  { authorization, certificate }: Credential,
): Promise<UserInfo | undefined> {
  if (authorization !== undefined) return await tokenUser(transport, authorization);
  return certificate === undefined ? undefined : certificateUser(certificate.cert);
}

async function tokenUser(transport: Transport, authorization: string): Promise<UserInfo | undefined> {
  const token = /^Bearer (.+)$/s.exec(authorization)?.[1];
  if (token === undefined) return undefined;
  const apiVersion = "authentication.k8s.io/v1";
  const body = { apiVersion, kind: "TokenReview", spec: { token } };
  try {
    const path = `/apis/${apiVersion}/tokenreviews`;
    const answer = await transport.json({ method: "POST", path, body, repeatable: true });
    const { authenticated, user } = fieldsIn<V1TokenReviewStatus>(objectIn(answer)["status"]);
    return authenticated === true ? userIn(user) : undefined;
  } catch (error) {
    if (isNotFound(error) || isForbidden(error)) return undefined;
    throw error;
  }
}

/** Source: apiserver pkg/authentication/request/x509 CommonNameUserConversion: CN is the user, each O a group. */
function certificateUser(pem: string): UserInfo | undefined {
  const { CN, O } = objectIn(new X509Certificate(pem).toLegacyObject().subject);
  const groups = typeof O === "string" ? [O] : textsIn(O);
  return typeof CN === "string" && CN !== "" ? { name: CN, groups } : undefined;
}
