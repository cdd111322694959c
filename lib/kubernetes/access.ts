// A question to an authorizer and its answer, as the API's access reviews spell them.

export interface UserInfo {
  name: string;
  groups: string[];
  uid?: string;
  extra?: Record<string, string[]>;
}

/** SubjectAccessReview.spec.resourceAttributes; empty `namespace` is the cluster scope, empty `name` is no name. */
export interface ResourceAttributes {
  verb: string;
  apiGroup: string;
  resource: string;
  subresource?: string;
  namespace?: string;
  name?: string;
}

/** SubjectAccessReview.spec.nonResourceAttributes. */
export interface NonResourceAttributes {
  verb: string;
  path: string;
}

export type AccessAttributes = ResourceAttributes | NonResourceAttributes;

/** One question to an authorizer. */
export type AccessRequest = AccessAttributes & { user: UserInfo };

/** Silence is never consent and never denial: what could not be asked is "unknown". */
export type Answer = "yes" | "no" | "unknown";
