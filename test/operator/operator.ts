import type { Authority } from "../control-plane/certificates.ts";
import type { CopyTargets } from "./copy-targets.ts";
import type { Identity } from "./identity.ts";
import type { Kube } from "./kube.ts";
import type { ApiPath } from "./path.ts";
import type { Previews } from "./previews.ts";
import type { Reply } from "./reply.ts";
import type { Sessions } from "./sessions.ts";
import type { Settings } from "./settings.ts";

/** Everything that the request handlers share. */
export interface Operator {
  kube: Kube;
  /** The namespace that it says it runs in. */
  namespace: string;
  settings: Settings;
  sessions: Sessions;
  copyTargets: CopyTargets;
  /** Undefined: it offers none. */
  previews: Previews | undefined;
  /** Signs the users' credentials. */
  authority: Authority;
  now(): Date;
  /** Of lists: grows with every change. */
  resourceVersion(): string;
}

/** One authenticated request to the operator's group. */
export interface Call {
  method: string;
  path: ApiPath;
  query: URLSearchParams;
  headers: NodeJS.Dict<string[]>;
  identity: Identity;
  body: Buffer;
}

export type Handler = (operator: Operator, call: Call) => Reply | Promise<Reply>;
