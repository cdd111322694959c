import t from "tap";
import { organizationType } from "../../lib/access/organizations/definition.ts";
import { formatSubject, parseSubject } from "../../lib/access/subject.ts";
import {
  readDirectory,
  readDirectoryFor,
  requireMembers,
  requireOrganizations,
} from "../../lib/reading/organizations.ts";
import { organizationObject } from "../access/organizations/organization-object.ts";
import { fakeCluster, type FakeOptions } from "../preview/fake-cluster.ts";

const GROUP = organizationType.group;
const acme = organizationObject("acme", {
  members: ["boss"],
  teams: [{ name: "web", members: ["jim"], groups: ["oidc:web"] }],
});
interface Refusal {
  kind: string;
  message: RegExp;
  hint?: RegExp;
}
const team = parseSubject("team:acme/web");

t.test("whether organizations can be said: what is required, and what is only compared", async (t) => {
  const forbidden = { kind: "undetermined", message: /you may not list organizations/ };
  const missing = {
    kind: "undetermined",
    message: /does not have the kind Organization/,
    hint: /install --access-model/,
  };
  const cases: { name: string; given: FakeOptions; required: Refusal | string[]; compared: string[] | undefined }[] = [
    { name: "there", given: { objects: [acme] }, required: ["acme"], compared: ["acme"] },
    { name: "none", given: {}, required: [], compared: [] },
    {
      name: "forbidden",
      given: { objects: [acme], forbidden: ["organizations"] },
      required: forbidden,
      compared: undefined,
    },
    { name: "the kind is missing", given: { notServed: [GROUP] }, required: missing, compared: [] },
    {
      name: "missing and forbidden: access is checked before existence",
      given: { notServed: [GROUP], forbidden: ["organizations"] },
      required: missing,
      compared: [],
    },
    { name: "a folder needs no kind", given: { notServed: [GROUP], offline: true }, required: [], compared: [] },
    {
      name: "discovery fails as well",
      given: { forbidden: ["organizations"], failing: { [GROUP]: 503 } },
      required: forbidden,
      compared: undefined,
    },
  ];
  for (const { name, given, required, compared } of cases) {
    const names = requireOrganizations(fakeCluster(given)).then((all) => all.map(({ metadata }) => metadata.name));
    await (Array.isArray(required) ? t.resolveMatch(names, required, name) : t.rejects(names, required, name));
    const known = await readDirectory(fakeCluster(given));
    t.same(known && [...known.organizations.keys()], compared, name);
  }
});

t.test("a server that fails is neither without organizations nor a refusal", async (t) => {
  const cluster = () => fakeCluster({ objects: [acme], failing: { organizations: 500 } });
  const reads: (() => Promise<unknown>)[] = [
    () => requireOrganizations(cluster()),
    () => readDirectory(cluster()),
    () => readDirectoryFor(cluster(), [team]),
    () => requireMembers(cluster(), team),
  ];
  for (const each of reads) await t.rejects(each(), { kind: "undetermined", message: /unable to handle/ });
});

t.test("who stands for a subject: itself, whoever belongs to it, or a refusal that helps", async (t) => {
  const cases: [subject: string, want: string[] | Refusal][] = [
    ["jim", ["jim"]],
    ["team:acme/web", ["group:oidc:web", "jim"]],
    ["org:acme", ["group:oidc:web", "boss", "jim"]],
    ["team:acme/wep", { kind: "usage", message: /team acme\/wep was not found/, hint: /Did you mean acme\/web\?/ }],
    ["org:acne", { kind: "usage", message: /organization acne was not found/, hint: /Did you mean acme\?/ }],
  ];
  for (const [subject, want] of cases) {
    const found = requireMembers(fakeCluster({ objects: [acme] }), parseSubject(subject));
    await (Array.isArray(want)
      ? t.resolveMatch(
          found.then(({ members }) => members.map(formatSubject)),
          want,
          subject,
        )
      : t.rejects(found, want, subject));
  }
});

t.test("nothing is read for somebody who is no team, even where nothing could be", async (t) => {
  const cluster = fakeCluster({ forbidden: ["organizations"] });
  t.same(await requireMembers(cluster, parseSubject("jim")), { members: [parseSubject("jim")], warnings: [] });
  t.same(await readDirectoryFor(cluster, [undefined, parseSubject("group:web")]), { known: undefined, warnings: [] });
  t.same(cluster.reads, []);
});

t.test("what is not compared, and what counts for nothing, is said", async (t) => {
  const refused = await readDirectoryFor(fakeCluster({ forbidden: ["organizations"] }), [team]);
  t.match(refused, { known: undefined, warnings: [/you may not list organizations: who belongs to a team/] });
  const beta = organizationObject("beta", { groups: ["oidc:web"] });
  const disputed = /^group:oidc:web is claimed by acme\/web and beta: a group can be in one organization only/;
  const { known, warnings } = await readDirectoryFor(fakeCluster({ objects: [acme, beta] }), [undefined, team]);
  t.same([...(known?.organizations.keys() ?? [])], ["acme", "beta"]);
  t.match(warnings, [disputed]);
  const { members, warnings: said } = await requireMembers(fakeCluster({ objects: [acme, beta] }), team);
  t.same(members.map(formatSubject), ["jim"], "the group gets nothing new");
  t.match(said, [disputed]);
});
