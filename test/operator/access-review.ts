// Access reviews as client-node asks them: a second opinion on requests and answers, beside the reviews of lib/.
import type { AuthorizationV1Api, RequestContext, V1SubjectAccessReviewSpec } from "@kubernetes/client-node";
import type { KubeOptions } from "./kube.ts";
import { Refusal } from "./status.ts";

/** Whether this is allowed. Throws a Refusal with code 500 when it could not be asked. */
export type ReviewAccess = (spec: V1SubjectAccessReviewSpec) => Promise<boolean>;

export function accessReviews(options: KubeOptions): ReviewAccess {
  let api: Promise<AuthorizationV1Api> | undefined;
  return async (spec) => {
    api ??= connect(options);
    const client = await api;
    try {
      const { status } = await client.createSubjectAccessReview({ body: { spec } });
      return status?.allowed === true;
    } catch (error) {
      throw new Refusal(500, "InternalError", `could not review the user's access: ${String(error)}`);
    }
  };
}

/**
 * Loaded with the first question: client-node takes half a second. Its own `makeApiClient` opens a connection for every
 * request; here the first request's connections are kept.
 */
async function connect({ server, ca, token }: KubeOptions): Promise<AuthorizationV1Api> {
  const {
    AuthorizationV1Api: Api,
    KubeConfig,
    ServerConfiguration,
    createConfiguration,
  } = await import("@kubernetes/client-node");
  const name = "operator";
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name, server, caData: Buffer.from(ca).toString("base64") }],
    users: [{ name, token }],
    contexts: [{ name, cluster: name, user: name }],
    currentContext: name,
  });
  let connections: ReturnType<RequestContext["getDispatcher"]>;
  const authentication = {
    getName: () => config.getName(),
    async applySecurityAuthentication(context: RequestContext) {
      await config.applySecurityAuthentication(context);
      connections ??= context.getDispatcher();
      if (connections !== undefined) context.setDispatcher(connections);
    },
  };
  const baseServer = new ServerConfiguration(server, {});
  return new Api(createConfiguration({ baseServer, authMethods: { default: authentication } }));
}
