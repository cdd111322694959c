import { anchorState } from "../../access/anchor.ts";
import { openRoutes, routeQuestions, type OpenRoute } from "../../access/defeat.ts";
import { boundSubjects, type StoredGrant } from "../../access/stored.ts";
import type { Removal } from "../../access/removal.ts";
import { commonIdentity, isShared } from "../../access/subject.ts";
import { command } from "../../cli/grammar/command.ts";
import { connectionFlags, outputFlag } from "../../cli/grammar/shared-flags.ts";
import type { Cluster } from "../../kube/cluster.ts";
import { timestamp } from "../../text/instant.ts";
import { wrapDescription } from "../../view/describe-lines.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import { findGrants, notFound } from "./choose.ts";
import { bindingName, findUnmanaged } from "./find-unmanaged.ts";
import { currentTime } from "../../reading/current-time.ts";
import { readGrantContexts } from "../../reading/grant-context.ts";
import { connectBounded } from "../connection.ts";
import { readShownGrants } from "../../reading/grants.ts";
import {
  findingText,
  grantRow,
  grantValue,
  rowInPlace,
  timeLeft,
  UNKNOWN,
  type GrantRow,
} from "../../access/grant-row.ts";

export const describe = command({
  name: "grant describe",
  summary: "Show one grant with its objects and what is wrong with them.",
  usage: "SUBJECT|ID [flags]",
  examples: {
    "kubectl mirrord grant describe k3q7v2": "One grant",
    "kubectl mirrord grant describe jim": "All of jim's",
  },
  positionals: {
    grant: { type: "string", placeholder: "SUBJECT|ID", describe: "The grant", required: true, completes: "grant" },
  },
  flags: { output: outputFlag(["table", "json", "yaml"]), ...connectionFlags },
  waits: "Reading the grants",
  async run({ grant: wanted, output, ...connection }, world) {
    const cluster = await connectBounded(connection, world);
    const { grants, anchorsRead, warnings } = await readShownGrants(cluster);
    const named = bindingName(wanted);
    const chosen =
      named === undefined
        ? findGrants(grants, wanted, [])
        : grants.filter(({ binding }) => binding?.metadata.name === named);
    const byHand = chosen.some(({ id }) => id.startsWith(wanted))
      ? []
      : await findUnmanaged(cluster, wanted, grants, world);
    if (chosen.length + byHand.length === 0) throw notFound(wanted);
    const now = currentTime(cluster, world.now());
    const contexts = await readGrantContexts(cluster, chosen, {
      now: now.getTime(),
      weakness: true,
      anchorsRead,
    });
    for (const warning of [...warnings, ...contexts.warnings]) world.warn(warning);
    const described = await Promise.all(
      chosen.map(async (grant) => ({
        ...grantRow(grant, contexts.of(grant)),
        ...(await readRoutes(cluster, grant, contexts.of(grant).namespaces)),
        objects: describeObjects(grant),
      })),
    );
    const all: Described[] = [...described, ...byHand];
    if (output === "table") {
      const lines = all.flatMap((grant, at) => [...(at === 0 ? [] : [""]), ...describeGrant(grant, now)]);
      world.print(wrapDescription(lines, world));
    } else {
      const items = all.map((grant) => grantValue(rowInPlace(grant, connection.manifests)));
      await printDocument({ apiVersion: API_VERSION, kind: "GrantDescription", items }, output, world);
    }
    return 0;
  },
});

/** Of a grant that ends: what is open to its subject to keep the access past the end. */
async function readRoutes(
  cluster: Cluster,
  { intent, objects }: StoredGrant,
  namespaces: readonly string[] = [],
): Promise<{ routes?: OpenRoute[] }> {
  if (intent?.temporary !== true || cluster.offline) return {};
  const members = isShared(intent.subject) ? boundSubjects(objects) : [intent.subject];
  const questions = routeQuestions(namespaces).map(({ question }) => question);
  const answers = await cluster.review(questions, commonIdentity(members, intent.groups));
  const routes = openRoutes(
    namespaces,
    answers.map(({ answer }) => answer),
  );
  return { routes };
}

function routeLines(routes: readonly OpenRoute[] | undefined): string[] {
  if (routes === undefined) return [];
  const title = "Routes past its end that nothing closes:";
  if (routes.length === 0) return [`${title} none that the subject may take by itself`];
  return [
    title,
    ...routes.map(({ text, answer, namespaces }) => {
      const place = namespaces === undefined ? "" : ` (in ${namespaces.join(", ")})`;
      return answer === "yes" ? `  it may ${text}${place}` : `  it is not known whether it may ${text}${place}`;
    }),
  ];
}

interface DescribedObject {
  kind: string;
  name: string;
  namespace?: string;
  /** Of an anchor: whether it will end the grant. */
  anchor?: string;
}

function describeObjects({ objects, binding }: StoredGrant): DescribedObject[] {
  return objects.map(({ type, object }) => {
    const { name = "", namespace } = object.metadata;
    const place = { kind: type.kind, name, ...(namespace === undefined ? {} : { namespace }) };
    if (type.kind !== "Job") return place;
    const state = anchorState(object, binding?.metadata.uid);
    const anchor =
      state.state === "sound"
        ? `ends ${timestamp(state.endsAt)}`
        : state.state === "pending"
          ? "not complete"
          : state.why;
    return { ...place, anchor };
  });
}

type Described = GrantRow & { objects: DescribedObject[]; routes?: OpenRoute[]; removal?: Removal };

function removalLines(removal: Removal | undefined): string[] {
  if (removal === undefined) return [];
  return [
    "",
    removal.others ? "Made by hand, for others as well. To edit it:" : "Made by hand. To take it away:",
    `  ${removal.command}`,
  ];
}

function describeGrant(grant: Described, now: Date): string[] {
  const { namespaces, selectors, targets, expiresAt, findings, objects } = grant;
  const fields: [string, string | undefined][] = [
    ["ID", grant.id],
    ["Name", grant.id === undefined ? grant.name : undefined],
    ["Subject", grant.subject ?? UNKNOWN],
    ["Role", grant.role ?? UNKNOWN],
    ["Namespaces", namespaces[0] === "*" ? "<all>" : namespaces.join(", ")],
    ["Selectors", selectors.length === 0 ? undefined : selectors.join("; ")],
    ["Targets", targets.length === 0 ? "<all>" : targets.join(", ")],
    ["Granted by", grant.grantedBy],
    ["Granted at", grant.grantedAt],
    ["Reason", grant.reason],
    ["Expires", expiresAt === undefined ? "<never>" : `${expiresAt} (${timeLeft(expiresAt, now)})`],
    ["Status", grant.status],
  ];
  return [
    ...fields.flatMap(([name, value]) => (value === undefined ? [] : [`${`${name}:`.padEnd(12)}${value}`])),
    ...(findings.length === 0 ? [] : ["Findings:"]),
    ...findings.map((finding) => `  ${findingText(finding)}`),
    ...routeLines(grant.routes),
    "Objects:",
    ...objects.map(({ kind, name, namespace, anchor }) => {
      const place = namespace === undefined ? "" : ` in namespace ${namespace}`;
      return `  ${kind.toLowerCase()}/${name}${place}${anchor === undefined ? "" : ` (${anchor})`}`;
    }),
    ...removalLines(grant.removal),
  ];
}
