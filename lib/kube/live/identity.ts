import type { V1SelfSubjectReview, V1SelfSubjectReviewStatus, V1UserInfo } from "@kubernetes/client-node";
import { fieldsIn } from "../../kubernetes/api-types.ts";
import { UserError } from "../../errors.ts";
import { isForbidden, isNotFound } from "../../kubernetes/api-error.ts";
import type { UserInfo } from "../../kubernetes/access.ts";
import { isJsonObject, textIn, textsIn } from "../../json.ts";
import type { Transport } from "../http/transport.ts";

/** SelfSubjectReview, in the newest version that the server has (v1 since Kubernetes 1.28). */
export async function identity(transport: Transport): Promise<UserInfo> {
  try {
    return await ask(transport, "v1");
  } catch (error) {
    if (!isNotFound(error)) throw explained(error);
  }
  try {
    return await ask(transport, "v1beta1");
  } catch (error) {
    throw explained(error);
  }
}

async function ask(transport: Transport, version: string): Promise<UserInfo> {
  const apiVersion = `authentication.k8s.io/${version}`;
  const body = { apiVersion, kind: "SelfSubjectReview" };
  return userInfoFrom(
    await transport.json({ method: "POST", path: `/apis/${apiVersion}/selfsubjectreviews`, body, repeatable: true }),
  );
}

function explained(error: unknown): unknown {
  if (!isNotFound(error) && !isForbidden(error)) return error;
  return new UserError(
    "undetermined",
    "the selfsubjectreviews API is not enabled in the cluster or you do not have permission to call it",
    undefined,
    { cause: error },
  );
}

/** SelfSubjectReview.status.userInfo. */
export function userInfoFrom(answer: unknown): UserInfo {
  const { status } = fieldsIn<V1SelfSubjectReview>(answer);
  const { userInfo } = fieldsIn<V1SelfSubjectReviewStatus>(status);
  const { username, groups, uid, extra } = fieldsIn<V1UserInfo>(userInfo);
  if (typeof username !== "string") throw new UserError("undetermined", "the server does not say who you are");
  return {
    name: username,
    groups: textsIn(groups),
    ...(textIn(uid) === "" ? {} : { uid: textIn(uid) }),
    ...(isJsonObject(extra)
      ? { extra: Object.fromEntries(Object.entries(extra).map(([key, list]) => [key, textsIn(list)])) }
      : {}),
  };
}
