import type { World } from "../../cli/world.ts";
import { withDefaultSignals } from "../../computing.ts";
import { usageError } from "../../errors.ts";
import { readNamedText } from "../../kube/config/files.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { AccessAttributes } from "../../kubernetes/access.ts";
import { attributesKey } from "../../kubernetes/answers.ts";
import { denialsIn } from "../../kubernetes/denials.ts";
import { deniedSessions, refusalBesideAccess, type DeniedSession } from "../../mirrord/denied-session.ts";
import { mirrordResources } from "../../mirrord/resources.ts";
import { sessionRequests } from "../../mirrord/session-requests.ts";
import { formatTarget } from "../../mirrord/target.ts";
import { optionsFor } from "../../preview/fix-commands.ts";
import { coveringGrant } from "../../preview/fix-grant.ts";
import { previewAttributes } from "../../preview/preview.ts";
import { likelyPlan } from "../../preview/resolve.ts";
import { currentTime } from "../../reading/current-time.ts";
import { attempt } from "../../reading/read.ts";
import { nextStep } from "../../text/next-step.ts";
import { shellCommand } from "../../text/shell-quote.ts";
import { asCaller } from "../connection.ts";
import { answer, askOne, type AskOptions } from "./ask-one.ts";
import { identityAsked } from "./identity-flags.ts";

/**
 * Asks again what an error says was refused: the session where it tells which, else exactly those requests. Resolves to the
 * exit code.
 */
export async function askFromError(options: AskOptions, world: World): Promise<number> {
  const text = errorText(options.fromError ?? "");
  const { user, denied } = whatWasDenied(text);
  let cluster: Promise<Cluster> | undefined;
  const shared: World = { ...world, connect: (connection) => (cluster ??= world.connect(connection)) };
  const connected = await shared.connect(asCaller(options));
  const isCaller = options.asGroup.length === 0 && (await callerName(connected)) === user;
  const asked = { ...options, as: isCaller ? undefined : user };
  const isMirrords = /mirrord/i.test(text) || denied.some(isMirrordRight);
  const session = deniedSessions(denied, /mirrord/i.test(text)).find((each) => isAllOf(each, denied));
  if (session === undefined) return await askExactly(connected, denied, { options: asked, isMirrords }, world);
  const { action, target, namespace } = session;
  const words = [action, ...(target.kind === "targetless" ? [] : [formatTarget(target)])];
  const as = isCaller ? [] : ["--as", user, ...options.asGroup.flatMap((group) => ["--as-group", group])];
  const question = shellCommand(["kubectl", "mirrord", "can-i", ...words, "-n", namespace, ...as]);
  world.note(nextStep(`asking: ${question}`, options.manifests));
  return await askOne({ ...asked, fromError: undefined, words, namespace }, shared);
}

/** More is no error message. */
const MAX_CHARACTERS = 1024 * 1024;

function errorText(given: string): string {
  const text = given === "-" ? readNamedText("-") : given;
  if (text.length <= MAX_CHARACTERS) return text;
  throw usageError("this is too long for an error message", "Pass on its last lines: | tail -20 |");
}

function whatWasDenied(text: string): { user: string; denied: AccessAttributes[] } {
  const denials = withDefaultSignals(() => denialsIn(text));
  const users = [...new Set(denials.map(({ user }) => user))];
  const [user] = users;
  if (user === undefined) throw nothingDenied(text);
  if (users.length > 1)
    throw usageError(
      `the text is about several users: ${users.map((name) => JSON.stringify(name)).join(", ")}`,
      "Give what one of them was told.",
    );
  return { user, denied: denials.map(({ attributes }) => attributes) };
}

function nothingDenied(text: string) {
  const besides = refusalBesideAccess(text);
  if (besides !== undefined) return usageError(besides.what, besides.hint);
  if (/is forbidden|User "/.test(text))
    return usageError(
      "the text ends before it says what was refused",
      'Give all of it: …is forbidden: User "jim" cannot get resource "pods" in API group "" in the namespace "dev"',
    );
  return usageError("this text does not say that anything was refused", [
    'Such a text has: User "jim" cannot get resource "pods" in API group "" in the namespace "dev"',
    "Of a file, give what is in it: kubectl mirrord can-i --from-error - < FILE",
  ]);
}

async function callerName(cluster: Cluster): Promise<string | undefined> {
  if (cluster.offline) return undefined;
  const read = await attempt(() => cluster.identity());
  return read.failed ? undefined : read.value.name;
}

const groups = new Set(Object.values(mirrordResources).flatMap(({ group }) => (group === "argoproj.io" ? [] : group)));

const isMirrordRight = (attributes: AccessAttributes): boolean =>
  !("path" in attributes) && groups.has(attributes.apiGroup);

/** Whether everything that was refused is a step of the session. */
function isAllOf(session: DeniedSession, denied: readonly AccessAttributes[]): boolean {
  const steps = new Set(sessionRequests(likelyPlan(session)).map(({ attributes }) => attributesKey(attributes)));
  return denied.every((attributes) => steps.has(attributesKey(attributes)));
}

async function askExactly(
  cluster: Cluster,
  denied: readonly AccessAttributes[],
  { options, isMirrords }: { options: AskOptions; isMirrords: boolean },
  world: World,
): Promise<number> {
  const as = identityAsked(options);
  const places = denied.flatMap((attributes) => ("path" in attributes ? [] : (attributes.namespace ?? [])));
  const preview = await previewAttributes(cluster, denied, places, {
    explain: options.explain,
    verdictOnly: options.quiet,
    ...(as === undefined ? {} : { as }),
    ...(options.via === undefined ? {} : { via: options.via }),
  });
  // A right in the whole cluster comes with a grant in any namespace: the one that is at hand.
  const [place = cluster.namespace, ...others] = new Set(places);
  const answered = { preview, now: currentTime(cluster, world.now()) };
  const hasGrant = isMirrords && others.length === 0 && preview.identity.nameless !== true;
  return await answer(
    {
      ...answered,
      ...(hasGrant
        ? {
            grant: (where) => coveringGrant(preview, place, optionsFor(preview, where)),
          }
        : {}),
    },
    options,
    asCaller(options),
    world,
  );
}
