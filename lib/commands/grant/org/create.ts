import { planFields, planOrganization } from "../../../access/organizations/edit.ts";
import { refuseRenamed } from "../../../access/organizations/moving.ts";
import { command } from "../../../cli/grammar/command.ts";
import { parseOrganizationName } from "../../../kubernetes/organization-name.ts";
import { connectBounded } from "../../connection.ts";
import { changeFlags } from "../change-flags.ts";
import { changeOrganizations } from "../organizations/change.ts";
import { descriptionFlag, newOrganizationPositional } from "../organizations/flags.ts";

export const create = command({
  name: "grant org create",
  summary: "Make an organization.",
  description: "One that is there already is left as it is, but for a new description. Nobody's access changes.",
  usage: "ORG [flags]",
  examples: {
    "kubectl mirrord grant org create acme": "An empty one",
    'kubectl mirrord grant org create acme --description "Those who build the shop"': "With a description",
  },
  positionals: { organization: newOrganizationPositional },
  flags: { description: descriptionFlag, ...changeFlags },
  async run({ organization: text, description, dryRun, output, yes: _yes, ...connection }, world) {
    const name = parseOrganizationName(text);
    const cluster = await connectBounded(connection, world);
    const fields = description === undefined ? {} : { description };
    return await changeOrganizations(
      cluster,
      ({ objects }) => {
        const stored = objects.find(({ metadata }) => metadata.name === name);
        refuseRenamed(objects, name);
        return {
          plan: [stored === undefined ? planOrganization(name, fields) : planFields(stored, fields)],
          sentences: [`${stored === undefined ? "Made" : "Changed"} organization ${name}.`],
        };
      },
      { dryRun, output },
      world,
    );
  },
});
