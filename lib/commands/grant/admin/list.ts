import { administrators, type Administrator } from "../../../access/administrators.ts";
import { formatSubject } from "../../../access/subject.ts";
import { command } from "../../../cli/grammar/command.ts";
import { connectionFlags, noHeadersFlag, outputFlag } from "../../../cli/grammar/shared-flags.ts";
import { UserError } from "../../../errors.ts";
import { readRbac } from "../../../reading/rbac-objects.ts";
import { askAdministrators } from "./read.ts";
import type { Columns } from "../../../view/columns.ts";
import { printOutput } from "../../../view/output.ts";
import { connectBounded } from "../../connection.ts";

export const list = command({
  name: "grant admin list",
  summary: "List the administrators.",
  description: [
    "Those that grant admin names, and whoever passes for one by another binding, as whoever may do everything does. Members of",
    "system:masters pass every check without any binding.",
  ].join(" "),
  usage: "[flags]",
  examples: { "kubectl mirrord grant admin list": "All of them" },
  flags: {
    output: outputFlag(["table", "wide", "json", "yaml", "name", "csv"]),
    noHeaders: noHeadersFlag,
    ...connectionFlags,
  },
  async run({ output, noHeaders, ...connection }, world) {
    const cluster = await connectBounded(connection, world);
    const { objects, unreadable } = await readRbac(cluster, []);
    if (unreadable.length > 0)
      throw new UserError(
        "undetermined",
        `you may not list ${unreadable.join(", ")}: who is an administrator is not known`,
        askAdministrators,
      );
    const rows = administrators(objects);
    await printOutput(
      {
        kind: "AdministratorList",
        value: { items: rows.map(({ subject, ...row }) => ({ subject: formatSubject(subject), ...row })) },
        rows,
        columns,
        name: ({ subject }) => formatSubject(subject),
        empty: "No administrators found.",
      },
      { format: output, noHeaders },
      world,
    );
    return 0;
  },
});

const columns: Columns<Administrator> = {
  SUBJECT: ({ subject }) => formatSubject(subject),
  ROLE: ({ role }) => role,
  BINDING: ({ binding }) => binding,
  "NAMED BY": ({ managed }) => (managed ? "grant admin" : "another binding"),
};
