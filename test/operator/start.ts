import { createAuthority } from "../control-plane/certificates.ts";
import { createCopyTargets } from "./copy-targets.ts";
import { createFailures } from "./failures.ts";
import type { Failure } from "./failures.ts";
import { connectKube } from "./kube.ts";
import type { KubeOptions } from "./kube.ts";
import type { Operator } from "./operator.ts";
import { servePreviews } from "./previews.ts";
import { register } from "./registration.ts";
import type { Plane } from "./registration.ts";
import { serve } from "./server.ts";
import type { LoggedRequest } from "./server.ts";
import { createSessions, randomSessionId, sessionEntry } from "./sessions.ts";
import type { Session, SessionEntry } from "./sessions.ts";
import { defaultSettings } from "./settings.ts";
import type { Settings } from "./settings.ts";
import { targetOfUrlName } from "./target.ts";

export interface OperatorOptions extends Partial<Settings> {
  /** The stand-in's own way to the API server: needs what the vendor's operator may, see registration.ts. */
  kube: KubeOptions;
  /** PEM: who signs the API server's front-proxy certificate. */
  frontProxyCa: string;
  /** Common names that may be the front proxy. Default: any that the authority signed. */
  frontProxyNames?: readonly string[];
  /** For mirrord-operator.NAMESPACE.svc. */
  serving: { cert: string; key: string };
  /** Default: mirrord. */
  operatorNamespace?: string;
  clock?: () => Date;
  /** Whose clients came back before anybody looks. */
  sessions?: readonly IdleSession[];
}

export interface OperatorStandIn {
  /** On loopback. */
  port: number;
  sessions(): SessionEntry[];
  /** The latest requests, oldest first; discovery by the API server among them. */
  requests(): LoggedRequest[];
  control: Control;
  /** Closes every connection. */
  stop(): Promise<void>;
}

interface Control {
  set(settings: Partial<Settings>): void;
  fail(failure: Failure): void;
  /** Takes every failure back. */
  recover(): void;
  /** A session without a connection, such as one whose client is gone for a moment. Returns its id as listed. */
  addSession(session: IdleSession): string;
  /** A port is locked, or is not any more. @param id as listed */
  lockPorts(id: string, ports: readonly number[]): void;
  /** From now on it offers preview environments, whose kind must be defined (installPreviewCrd). */
  offerPreviews(): void;
  /** Its client goes. @param id as listed */
  endSession(id: string): void;
}

interface IdleSession {
  namespace: string;
  /** In a URL name's spelling, such as `deployment.web`. */
  target: string;
  user: string;
  key?: string;
  startedAt?: Date;
  /** As listed: a client that comes back to another operator keeps its id. Default: a random one. */
  id?: string;
}

/** Source: mirrord crd.rs `NewOperatorFeature`. */
const PREVIEWS = "PreviewEnv";

/** Starts the operator; nothing is registered anywhere. */
export async function startOperator(options: OperatorOptions): Promise<OperatorStandIn> {
  const now = options.clock ?? (() => new Date());
  let changes = 1;
  const onChange = () => void (changes += 1);
  const { version, features, licenseExpiresAt, legacy, copyTargets } = {
    ...defaultSettings,
    ...options,
  };
  const operator: Operator = {
    kube: connectKube(options.kube),
    namespace: options.operatorNamespace ?? "mirrord",
    settings: { version, features, licenseExpiresAt, legacy, copyTargets },
    sessions: createSessions(onChange),
    copyTargets: createCopyTargets(now, onChange),
    previews: undefined,
    authority: await createAuthority("mirrord-operator"),
    now,
    resourceVersion: () => String(changes),
  };
  for (const session of options.sessions ?? []) addIdleSession(operator, session);
  const failures = createFailures();
  const server = await serve(operator, failures, {
    serving: options.serving,
    frontProxyCa: options.frontProxyCa,
    frontProxyNames: options.frontProxyNames ?? [],
  });
  return {
    port: server.port,
    sessions: () => operator.sessions.all().map((session) => sessionEntry(session, now())),
    requests: () => [...server.log],
    control: {
      set: (settings) => void Object.assign(operator.settings, settings),
      fail: (failure) => failures.add(failure),
      recover: () => failures.clear(),
      addSession: (session) => addIdleSession(operator, session),
      lockPorts(id, ports) {
        requireSession(operator, id).lockedPorts = ports.map((port) => ({ port, kind: "steal", filter: null }));
      },
      offerPreviews() {
        if (!operator.settings.features.includes(PREVIEWS)) {
          operator.settings.features = [...operator.settings.features, PREVIEWS];
        }
        operator.previews ??= servePreviews(operator.kube, now);
      },
      endSession: (id) => operator.sessions.end(requireSession(operator, id)),
    },
    async stop() {
      await operator.previews?.stop();
      await server.stop();
      operator.kube.stop();
    },
  };
}

function requireSession({ sessions }: Operator, id: string): Session {
  const session = sessions.find(id, undefined);
  if (session === undefined) throw new Error(`no session: ${id}`);
  return session;
}

function addIdleSession(operator: Operator, idle: IdleSession): string {
  const target = targetOfUrlName(idle.target);
  if (target === undefined) throw new Error(`no target: ${JSON.stringify(idle.target)}`);
  const session = {
    id: idle.id === undefined ? randomSessionId() : BigInt(`0x${idle.id}`),
    namespace: idle.namespace,
    target,
    identity: { name: idle.user, groups: [], extra: {} },
    client: { name: idle.user, hostname: "laptop", userId: null },
    ...(idle.key === undefined ? {} : { key: idle.key }),
    startedAt: idle.startedAt ?? operator.now(),
    lockedPorts: [],
    active: false,
    disconnect: () => {},
  };
  operator.sessions.add(session);
  return sessionEntry(session, operator.now()).id;
}

/**
 * Starts the operator and registers it at a control plane: `kubectl get mirrordoperators` works when this returns. One
 * at a time per control plane: waits until another one is stopped. `stop` unregisters it as well.
 */
export async function installOperator(
  plane: Plane,
  options: Partial<Settings> & Pick<OperatorOptions, "clock" | "sessions"> = {},
): Promise<OperatorStandIn> {
  const registration = await register(plane);
  try {
    const standIn = await startOperator({ ...options, ...registration.operatorOptions });
    await registration.publish(standIn.port);
    return {
      ...standIn,
      async stop() {
        await registration.withdraw();
        await standIn.stop();
      },
    };
  } catch (error) {
    await registration.withdraw();
    throw error;
  }
}
