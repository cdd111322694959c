import { currentTime } from "../../reading/current-time.ts";
import { blockingPolicies, type BlockingPolicy } from "../../access/blocking-policies.ts";
import { exemptedAttributes, type Intent } from "../../access/intent.ts";
import type { GrantOutline } from "../../access/outline.ts";
import { accessPlaces } from "../../access/session-access.ts";
import { formatSubject } from "../../access/subject.ts";
import type { ConnectOptions, World } from "../../cli/world.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { referenceText } from "../../kubernetes/object.ts";
import { readIntents } from "../../reading/grants.ts";
import { attempt } from "../../reading/read.ts";
import { readPolicies } from "../../reading/policies.ts";
import { humanDuration } from "../../text/duration.ts";
import { parseTime } from "../../text/instant.ts";
import { listWords } from "../../text/list-words.ts";
import { shellCommand } from "../../text/shell-quote.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import { printText, type Paragraph } from "../../view/text.ts";
import { describeChanges, planBlock, printPlan } from "../show-plan.ts";
import { writes } from "../write-plan.ts";
import { accessAfter, accessLines, heldSentence, type GrantedWords } from "./access-after.ts";
import { readBesides } from "./besides.ts";
import { findGrants } from "./choose.ts";
import type { PlannedGrant } from "./plan-grant.ts";

interface ShowOptions {
  output: "table" | "wide" | "json" | "yaml" | "name";
  isLong: boolean;
  manifests: ConnectOptions["manifests"];
}

/** What the subject can do now, what was written for it, and how to take it back. */
export async function showGranted(
  cluster: Cluster,
  intent: Intent,
  planned: PlannedGrant,
  { output, isLong, manifests = [] }: ShowOptions,
  world: World,
): Promise<void> {
  const { plan, grant, namespaces, expiresAt } = planned;
  if (output === "name") {
    printPlan(plan, { dryRun: "none", output }, world);
    return;
  }
  const wrote = writes(plan).length > 0;
  const isNobody = grant.members.length === 0;
  const access =
    intent.plain === true || isNobody
      ? []
      : await accessAfter(cluster, grant, { namespaces, wanted: wrote ? "yes" : undefined }, world);
  if (output === "json" || output === "yaml") {
    const { id, name } = grant;
    const value = {
      apiVersion: API_VERSION,
      kind: "Grant",
      id,
      name,
      intent,
      ...(expiresAt === undefined ? {} : { expiresAt }),
      namespaces,
      changes: describeChanges(plan),
      access,
    };
    await printDocument(value, output, world);
    return;
  }
  const [words, besides, revocation] = await Promise.all([
    grantedWords(cluster, grant, { namespaces, expiresAt, time: wrote ? "now" : "already" }, world),
    readBesides(cluster, grant, { namespaces, expiresAt, blocked: () => blockedWords(cluster, grant, namespaces) }),
    wrote ? revocationCommand(cluster, grant, manifests) : undefined,
  ]);
  const sentence = besides.goesOn ? { ...words, until: "" } : words;
  const said = isNobody
    ? [`${grant.subjectText} has nobody in it yet: who is added gets the access by the same command.`]
    : intent.plain === true
      ? [heldSentence(grant, namespaces, sentence)]
      : accessLines(grant, access, sentence);
  const done =
    revocation === undefined ? ["Nothing was changed."] : doneParagraphs(intent, planned, { isLong, revocation });
  printText([...said, ...besides.lines, ...done, ...spaced(planned.notes)], world);
}

/** What the subject could do once this was written: the sentence that follows, before it is true. */
export async function foretell(
  cluster: Cluster,
  intent: Intent,
  { plan, grant, namespaces, expiresAt }: PlannedGrant,
  world: World,
): Promise<string[]> {
  const time = writes(plan).length > 0 ? "then" : "already";
  const words = await grantedWords(cluster, grant, { namespaces, expiresAt, time }, world);
  if (intent.plain === true) return [heldSentence(grant, namespaces, words)];
  const access = accessPlaces(grant, namespaces).map(({ namespace, target }) => ({
    namespace,
    target,
    answer: "yes" as const,
    missing: [],
  }));
  return accessLines(grant, access, words);
}

const spaced = (lines: readonly string[]): string[] => (lines.length === 0 ? [] : ["", ...lines]);

/** The block of what was written, comes with it and stays, and the commands that take it away. */
function doneParagraphs(
  intent: Intent,
  { plan, stays, expiresAt }: PlannedGrant,
  { isLong, revocation }: { isLong: boolean; revocation: string },
): Paragraph[] {
  const after = `after ${shortTime(expiresAt)}`;
  const staying = stays.length > 0;
  return [
    ...planBlock(plan, isLong),
    ...(isLong ? [""] : []),
    ...included(intent).map((text) => ({ word: "included", text })),
    ...(staying ? [{ word: "stays", text: `${after}: ${stays.join(", ")}` }] : []),
    "",
    ...(staying ? [`To remove what stays, ${after}:`, { paste: "kubectl mirrord grant sync" }] : []),
    "To take everything back now:",
    { paste: revocation },
  ];
}

/** What a dry run says of the end. */
export function staysNote(stays: readonly string[], expiresAt: string | undefined): string[] {
  if (stays.length === 0) return [];
  return [
    `After ${shortTime(expiresAt)} the cluster-wide part (${stays.join(", ")}) stays until the next: kubectl mirrord grant sync`,
  ];
}

const shortTime = (time = ""): string => `${time.slice(0, 16).replace("T", " ")} UTC`;

/** By its subject, as people know it; by its id where that would take away another grant as well. */
async function revocationCommand(
  cluster: Cluster,
  { id, intent }: GrantOutline,
  manifests: readonly string[],
): Promise<string> {
  const { subject, set } = intent;
  const who = formatSubject(subject);
  const places = set.kind === "all" ? [] : set.namespaces;
  const isNamed = set.kind === "all" || (set.selectors ?? []).length === 0;
  const words =
    isNamed && (await isOnly(cluster, id, who, places))
      ? [who, ...places.flatMap((namespace) => ["--ns", namespace])]
      : [id];
  const where = manifests.flatMap((path) => ["--manifests", path]);
  return shellCommand(["kubectl", "mirrord", "grant", "revoke", ...words, ...where]);
}

async function isOnly(cluster: Cluster, id: string, who: string, places: readonly string[]): Promise<boolean> {
  // Who may not list the other grants still learns how to take this one back.
  const found = await attempt(async () => findGrants(await readIntents(cluster), who, places));
  return !found.failed && found.value.length === 1 && found.value[0]?.id === id;
}

/** Until when, and what a policy takes away all the same. */
async function grantedWords(
  cluster: Cluster,
  grant: GrantOutline,
  granted: { namespaces: readonly string[]; expiresAt: string | undefined; time: GrantedWords["time"] },
  world: World,
): Promise<GrantedWords> {
  const { namespaces, expiresAt, time } = granted;
  const end = parseTime(expiresAt);
  const left = end === undefined ? 0 : end - currentTime(cluster, world.now()).getTime();
  const until =
    expiresAt === undefined ? "" : `, until ${shortTime(expiresAt)} (in ${humanDuration(wholeMinutes(left))})`;
  const { role, plain } = grant.intent;
  const isOther = role === "view" || exemptedAttributes(role) !== undefined || plain === true;
  const but = isOther ? "" : await blockedWords(cluster, grant, namespaces);
  return { until, but, time };
}

const MINUTE = 60_000;

/** What was granted for 7d ends in 7d, not in 6d23h, also when the question took a second. */
const wholeMinutes = (left: number) => (left < 10 * MINUTE ? left : Math.round(left / MINUTE) * MINUTE);

/** `, but MirrordPolicy dev/no-steal blocks steal`; empty where nothing is blocked. */
async function blockedWords(
  cluster: Cluster,
  { intent, targets }: GrantOutline,
  namespaces: readonly string[],
): Promise<string> {
  const { policies, unreadable } = await readPolicies(cluster, namespaces.length === 1 ? namespaces[0] : undefined);
  const blocking = blockingPolicies(policies, intent.set.kind === "all" ? undefined : namespaces, targets);
  const texts = [
    ...blocking.slice(0, SHOWN_POLICIES).map(blockingText),
    ...(blocking.length > SHOWN_POLICIES ? [`${blocking.length - SHOWN_POLICIES} more policies limit it`] : []),
    ...(unreadable.length > 0 ? [`a policy may limit it (you may not list ${unreadable.join(" and ")})`] : []),
  ];
  return texts.length === 0 ? "" : `, but ${listWords(texts)}`;
}

const SHOWN_POLICIES = 2;

/** `MirrordPolicy dev/no-steal blocks steal and requires a mirrord profile on some targets`. */
function blockingText(blocking: BlockingPolicy): string {
  const { policy, features, requiresProfile, requiresHeaderFilter, unknown, reach } = blocking;
  const limits = [
    ...(features.length === 0 ? [] : [`blocks ${listWords(features)}`]),
    ...(requiresProfile ? ["requires a mirrord profile"] : []),
    ...(requiresHeaderFilter ? ["requires a header filter for stealing"] : []),
    ...(unknown.length === 0 ? [] : [`says what this program does not know (${unknown.join(", ")})`]),
  ];
  const where = { all: "", some: " on some targets", perhaps: ", perhaps" }[reach];
  return `${referenceText(policy)} ${listWords(limits)}${where}`;
}

/** What comes with the role besides connecting, and what people may not expect. */
function included({ reads, role, set, targets, plain }: Intent): string[] {
  if (exemptedAttributes(role) !== undefined || plain === true) return [];
  const sessionReads =
    targets.length > 0
      ? "get the targets, and list pods (all of them: this cannot be limited to a target)"
      : "get the targets and list pods, which a session needs";
  return [
    ...(reads && role !== "view" ? [sessionReads] : []),
    ...(role === "user" && set.kind === "all" ? ["stop the sessions of everybody (--role minimal leaves it out)"] : []),
  ];
}
