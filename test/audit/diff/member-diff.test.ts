import t from "tap";
import { directory } from "../../../lib/access/organizations/directory.ts";
import { formatSubject } from "../../../lib/access/subject.ts";
import { memberChanges } from "../../../lib/audit/diff/member-diff.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";

const organization = (name: string, spec: object): KubernetesObject => ({
  apiVersion: "access.kubectl-mirrord.io/v1alpha1",
  kind: "Organization",
  metadata: { name },
  spec,
});
const acme = (members: string[], groups: string[] = [], own: string[] = []) =>
  organization("acme", { members: own, teams: [{ name: "web", members, groups }] });

const cases: { name: string; before: KubernetesObject[]; after: KubernetesObject[]; want: string[] }[] = [
  { name: "nobody", before: [acme(["jim"])], after: [acme(["user:jim"])], want: [] },
  { name: "one joins", before: [acme(["jim"])], after: [acme(["jim", "ann"])], want: ["ann joins team:acme/web"] },
  {
    name: "one goes as another comes",
    before: [acme(["jim"])],
    after: [acme(["sa:ci/runner"])],
    want: ["sa:ci/runner joins team:acme/web", "jim leaves team:acme/web"],
  },
  {
    name: "a group before members, and no user of its name",
    before: [acme([])],
    after: [acme(["web"], ["web"])],
    want: ["group:web joins team:acme/web", "web joins team:acme/web"],
  },
  {
    name: "the organization itself",
    before: [acme([])],
    after: [acme([], [], ["boss"])],
    want: ["boss joins org:acme"],
  },
  {
    name: "an organization goes, with its teams",
    before: [acme(["jim"], [], ["boss"])],
    after: [],
    want: ["boss leaves org:acme", "jim leaves team:acme/web"],
  },
  {
    name: "a team moves",
    before: [acme(["jim"]), organization("beta", {})],
    after: [organization("acme", {}), organization("beta", { teams: [{ name: "web", members: ["jim"] }] })],
    want: ["jim leaves team:acme/web", "jim joins team:beta/web"],
  },
];
for (const { name, before, after, want } of cases)
  t.test(`who joins and who leaves: ${name}`, async (t) => {
    t.same(
      memberChanges(directory(before), directory(after)).map(
        ({ member, change, place }) => `${formatSubject(member)} ${change} ${formatSubject(place)}`,
      ),
      want,
    );
  });
