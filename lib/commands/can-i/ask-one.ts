import { currentTime } from "../../reading/current-time.ts";
import { connectionWords } from "../../cli/connection-words.ts";
import type { ConnectOptions, World } from "../../cli/world.ts";
import { GRANT_PREFIX } from "../../access/names.ts";
import { usageError } from "../../errors.ts";
import type { Cluster } from "../../kube/cluster.ts";
import type { Version } from "../../mirrord/plan/client-age.ts";
import { previewAttributes, previewSession, type Preview, type PreviewOptions } from "../../preview/preview.ts";
import type { Fix } from "../../preview/fix.ts";
import type { FixOptions } from "../../preview/fix-commands.ts";
import type { SessionQuestion, NamedConfig } from "../../mirrord/plan/session-question.ts";
import type { OutputFormat } from "../../view/output.ts";
import { asCaller, connectConfigured, withConfig } from "../connection.ts";
import { nextStep } from "../../text/next-step.ts";
import { shellCommand } from "../../text/shell-quote.ts";
import { answerExitCodes } from "../exit-code.ts";
import { identityAsked } from "./identity-flags.ts";
import { parseQuestion, placeSession, type TypedQuestion } from "../question/question.ts";
import { isNonsense, withSubresource } from "../question/plain-question.ts";
import { withServedType } from "../question/served-type.ts";
import { previewNotes } from "../preview/notes.ts";

export interface AskOptions extends ConnectOptions {
  words: string[];
  as: string | undefined;
  asGroup: string[];
  asUid: string | undefined;
  asUserExtra: string[];
  via: PreviewOptions["via"] | undefined;
  manifests: string[];
  overlay: string[];
  allNamespaces: boolean;
  subresource: string | undefined;
  config: string | undefined;
  fromError: string | undefined;
  clientVersion: Version | undefined;
  explain: boolean;
  noPolicies: boolean;
  noExposure: boolean;
  quiet: boolean;
  output: OutputFormat;
  noHeaders: boolean;
}

/** One session, or one plain question. Resolves to the exit code. */
export async function askOne(options: AskOptions, world: World): Promise<number> {
  const config = await readSessionConfig(options, world);
  for (const warning of config?.session.warnings ?? []) world.warn(warning);
  const question = parseQuestion(options.words, config);
  refuseEveryNamespace(question, options);
  const { subresource } = options;
  if (subresource !== undefined) refuseSubresource(question);
  const as = identityAsked(options);
  const connection = withConfig(asCaller(options), config);
  const cluster = await connectConfigured(asCaller(options), config, world);
  const now = world.now();
  const asking: PreviewOptions = {
    explain: options.explain,
    verdictOnly: options.quiet,
    policies: !options.noPolicies,
    exposure: !options.noExposure && !options.quiet,
    now,
    ...(as === undefined ? {} : { as }),
    ...(options.via === undefined ? {} : { via: options.via }),
  };
  if (question.kind === "plain") {
    const namespace = options.namespace ?? cluster.namespace;
    const [verb = "", what = ""] = options.words;
    const typed = await withServedType(cluster, question, [verb, what]);
    const { attributes, namespaced, warnings } =
      subresource === undefined ? typed : withSubresource(typed, subresource);
    for (const warning of warnings) world.warn(warning);
    const scope =
      options.allNamespaces || !namespaced || "path" in attributes ? attributes : { ...attributes, namespace };
    const place = "path" in attributes ? namespace : (attributes.namespace ?? namespace);
    const preview = await previewAttributes(cluster, [scope], [place], asking);
    const answered = { ...(await withExpiry(cluster, preview, options, now)), fixable: !isNonsense(typed) };
    return await answer(answered, options, connection, world);
  }
  const session = await completeQuestion(cluster, question, options, config);
  const preview = await previewSession(cluster, session, asking);
  return await answer(await withExpiry(cluster, preview, options, now), options, connection, world);
}

function refuseEveryNamespace(question: ReturnType<typeof parseQuestion>, { allNamespaces }: AskOptions): void {
  if (!allNamespaces || question.kind === "plain" || question.action.endsWith("-sessions")) return;
  throw usageError("-A is about every namespace, and a session is in one", "Name it: -n NAMESPACE.");
}

/** Access by a grant that is over is told apart; the reasons of the server say whether there is anything to look for. */
async function withExpiry(cluster: Cluster, preview: Preview, { quiet }: AskOptions, local: Date): Promise<Answered> {
  const now = currentTime(cluster, local);
  const isGranted = preview.checks.some(({ reason }) => reason.includes(GRANT_PREFIX));
  if (preview.verdict.answer !== "yes" || quiet || cluster.offline || !isGranted) return { preview, now };
  const { findExpiredAccess } = await import("../../preview/expired-access.ts");
  const found = await findExpiredAccess(cluster, preview, now);
  return found === undefined
    ? { preview, now }
    : { preview: { ...preview, rbac: found.rbac }, now, expired: found.text };
}

interface Answered {
  preview: Preview;
  /** By the clock of the server, where it says. */
  now: Date;
  /** Of a yes that stands only on a grant that is over. */
  expired?: string;
  /** False: nobody should be given what was asked for. True when left out. */
  fixable?: boolean;
  /** A grant that covers what is refused, beside the changes that follow from the preview. */
  grant?: (options: FixOptions) => Fix | undefined;
}

// Source: kubectl pkg/cmd/auth/cani.go.
function refuseSubresource(question: ReturnType<typeof parseQuestion>): void {
  if (question.kind === "session") {
    throw usageError(
      "--subresource is for a plain Kubernetes question",
      "Write for example: kubectl mirrord can-i get pods --subresource log",
    );
  }
  if ("path" in question.attributes) throw usageError("--subresource can not be used with NonResourceURL");
}

/** Shows the answer; resolves to the exit code. */
export async function answer(
  { expired, ...answered }: Answered,
  options: AskOptions,
  connection: ConnectOptions,
  world: World,
): Promise<number> {
  const { preview } = answered;
  const { answer: said } = preview.verdict;
  const isTable = options.output === "table" || options.output === "wide";
  if (options.quiet) return answerExitCodes[said];
  if (said === "yes" && isTable && !options.explain) {
    world.print(expired === undefined ? "yes" : ["yes", expired]);
    world.note(previewNotes(preview, false));
  } else await explain(answered, options, connection, world);
  return answerExitCodes[said];
}

/** Most answers are a plain yes: what it takes to say more is loaded here. */
async function explain(
  { preview, now, fixable = true, grant }: Answered,
  options: AskOptions,
  connection: ConnectOptions,
  world: World,
): Promise<void> {
  const [{ smallestFixes }, { showPreview }] = await Promise.all([
    import("../../preview/fix.ts"),
    import("../preview/view.ts"),
  ]);
  const { manifests } = options;
  const where = { connection: connectionWords(connection), manifests };
  const besides = grant?.(where);
  const fixes =
    preview.verdict.answer === "yes" || !fixable
      ? []
      : [...(besides === undefined ? [] : [besides]), ...smallestFixes(preview, where)];
  const obstacles = preview.obstacles.map((each) => ({ ...each, hint: nextStep(each.hint, manifests) }));
  await showPreview(
    { ...preview, obstacles },
    fixes,
    {
      format: options.output,
      explain: options.explain,
      noHeaders: options.noHeaders,
      now,
      again: (groups) => questionCommand(preview, options, connectionWords(connection), groups),
    },
    world,
  );
}

/** The same question, of somebody who is in these groups; undefined: it was asked about what came by standard input. */
function questionCommand(
  { session, checks }: Preview,
  options: AskOptions,
  connection: readonly string[],
  groups: readonly string[],
): string | undefined {
  const { config, fromError, clientVersion, via, as, asUid, asUserExtra, noPolicies, manifests, allNamespaces } =
    options;
  if (config === "-" || fromError === "-" || [...manifests, ...options.overlay].includes("-")) return undefined;
  const flag = (name: string, value: string | undefined) => (value === undefined ? [] : [name, value]);
  const [check] = checks;
  const place =
    session?.question.namespace ??
    (check !== undefined && "namespace" in check.attributes ? check.attributes.namespace : undefined);
  const words = [
    ...options.words,
    ...flag("--from-error", fromError),
    ...(fromError !== undefined ? [] : allNamespaces ? ["-A"] : flag("-n", place)),
    ...(fromError !== undefined ? [] : flag("--as", as)),
    ...groups.flatMap((group) => ["--as-group", group]),
    ...flag("--as-uid", asUid),
    ...asUserExtra.flatMap((extra) => ["--as-user-extra", extra]),
    ...flag("-f", config),
    ...flag("--client-version", clientVersion?.join(".")),
    ...flag("--via", via),
    ...(noPolicies ? ["--no-policies"] : []),
    ...manifests.flatMap((path) => ["--manifests", path]),
    ...options.overlay.flatMap((path) => ["--overlay", path]),
    ...connection,
  ];
  return shellCommand(["kubectl", "mirrord", "can-i", ...words]);
}

async function readSessionConfig({ config }: AskOptions, { env }: World) {
  return config === undefined ? undefined : (await import("../config-file.ts")).readConfig(config, env);
}

async function completeQuestion(
  cluster: Cluster,
  typed: TypedQuestion,
  { namespace, clientVersion, allNamespaces }: AskOptions,
  config: NamedConfig | undefined,
): Promise<SessionQuestion> {
  const { target } = typed;
  const placed = placeSession(typed, namespace ?? config?.session.namespace, cluster.namespace);
  return {
    ...placed,
    target: target.kind === "bare" ? await lookUp(cluster, target.name, placed.namespace) : target,
    allNamespaces,
    ...(clientVersion === undefined ? {} : { clientVersion }),
    ...(config === undefined ? {} : { config }),
  };
}

async function lookUp(cluster: Cluster, name: string, namespace: string) {
  return (await import("../../reading/target-by-name.ts")).targetByName(cluster, name, namespace);
}
