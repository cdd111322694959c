import { sharedSubjects } from "../../access/organizations/directory.ts";
import { userSubject, type GrantSubject, type RbacSubject } from "../../access/subject.ts";
import { readDirectory } from "../../reading/organizations.ts";
import { listWords } from "../../text/list-words.ts";
import { isDeepStrictEqual } from "node:util";
import { connectionWords } from "../../cli/connection-words.ts";
import { command } from "../../cli/grammar/command.ts";
import { connectionFlags, outputFlag } from "../../cli/grammar/shared-flags.ts";
import { UserError } from "../../errors.ts";
import { nativeResources } from "../../kubernetes/resources.ts";
import { API_VERSION, printDocument } from "../../view/output.ts";
import { shellCommand } from "../../text/shell-quote.ts";
import { connectBounded } from "../connection.ts";
import { currentTime } from "../../reading/current-time.ts";
import { readGrantContexts } from "../../reading/grant-context.ts";
import { placesText } from "./list.ts";
import { readListedGrants } from "../../reading/grants.ts";
import { grantRow, grantValue, rowInPlace, timeLeft, type GrantRow } from "../../access/grant-row.ts";

const names = (shared: readonly GrantSubject[], kind: GrantSubject["kind"]): string[] =>
  shared.flatMap((subject) => (subject.kind === kind ? [subject.name] : []));

/** `acme/web and organization acme`. */
function teamsText(shared: readonly GrantSubject[] | undefined): string {
  if (shared === undefined) return "unknown: you may not list organizations";
  const teams = names(shared, "Team");
  const alone = names(shared, "Organization").filter((name) => !teams.some((team) => team.startsWith(`${name}/`)));
  return listWords([...teams, ...alone.map((name) => `organization ${name}`)]) || "none";
}

const asking = ["kubectl", "mirrord", "can-i", "--list"];

export const whoami = command({
  name: "grant whoami",
  summary: "Show who you are and what was granted to you.",
  description:
    "Your user name and groups as the API server sees them, the teams that you are in, the grants that name them, and whether you may grant.",
  usage: "[flags]",
  examples: { "kubectl mirrord grant whoami": "Who am I here?" },
  flags: { output: outputFlag(["table", "json", "yaml"]), ...connectionFlags },
  waits: "Asking who you are, and reading the grants",
  async run({ output, ...connection }, world) {
    const cluster = await connectBounded(connection, world);
    const user = await cluster.identity();
    const own: RbacSubject[] = [
      userSubject(user.name),
      ...user.groups.map((name): RbacSubject => ({ kind: "Group", name })),
    ];
    const directory = await readDirectory(cluster);
    const shared = directory && sharedSubjects(directory, own);
    const subjects: GrantSubject[] = [...own, ...(shared ?? [])];
    const { clusterRoleBindings: type } = nativeResources;
    const questions = ["create", "patch"].map((verb) => ({ verb, apiGroup: type.group, resource: type.resource }));
    const [grants, answers] = await Promise.all([grantsIfAllowed(), cluster.review(questions)]);
    const mayGrant = answers.every(({ answer }) => answer === "yes")
      ? "yes"
      : answers.some(({ answer }) => answer === "no")
        ? "no"
        : "unknown";
    const { name, groups } = user;
    if (output === "table") world.print(lines(grants));
    else {
      const belongs =
        shared === undefined ? {} : { teams: names(shared, "Team"), organizations: names(shared, "Organization") };
      const known =
        grants === undefined ? {} : { grants: grants.map((row) => grantValue(rowInPlace(row, connection.manifests))) };
      await printDocument(
        { apiVersion: API_VERSION, kind: "WhoAmI", username: name, groups, ...belongs, mayGrant, ...known },
        output,
        world,
      );
    }
    return 0;

    async function grantsIfAllowed(): Promise<GrantRow[] | undefined> {
      try {
        const read = await readListedGrants(cluster);
        if ("unlisted" in read) {
          world.warn(`you may not list ${read.unlisted.join(", ")}: what was granted to you is not shown`);
          return undefined;
        }
        const { grants: all, anchorsRead, warnings } = read;
        const mine = all.filter(({ intent }) =>
          subjects.some((subject) => isDeepStrictEqual(subject, intent?.subject)),
        );
        const contexts = await readGrantContexts(cluster, mine, {
          now: currentTime(cluster, world.now()).getTime(),
          weakness: false,
          anchorsRead,
        });
        if (mine.some(({ intent }) => intent?.temporary === true)) for (const text of warnings) world.warn(text);
        return mine.map((grant) => grantRow(grant, contexts.of(grant)));
      } catch (error) {
        if (error instanceof UserError && error.kind === "undetermined") return undefined;
        throw error;
      }
    }

    function lines(rows: readonly GrantRow[] | undefined): string[] {
      const listed = rows?.map(
        ({ id = "", subject = "", role = "", namespaces, selectors, status, expiresAt }) =>
          `  ${id}  ${subject}  ${role} in ${placesText(namespaces, selectors)}, ${status}, expires ${timeLeft(expiresAt, currentTime(cluster, world.now()))}`,
      );
      return [
        `Username:   ${name}`,
        `Groups:     ${groups.join(", ")}`,
        `Teams:      ${teamsText(shared)}`,
        `May grant:  ${mayGrant}`,
        ...(listed === undefined
          ? [`Grants:     you may not list them; ask: ${shellCommand([...asking, ...connectionWords(connection)])}`]
          : [`Grants:     ${listed.length === 0 ? "none" : ""}`.trimEnd(), ...listed]),
      ];
    }
  },
});
