import t from "tap";
import { UserError } from "../../lib/errors.ts";
import { formatTeamName, parseOrganizationName, parseTeamName } from "../../lib/kubernetes/organization-name.ts";

const sixtyThree = "a".repeat(63);

t.test("names are DNS labels of 1 to 63 characters", async (t) => {
  for (const name of ["acme", "a", "0", "a-b", sixtyThree]) {
    t.equal(parseOrganizationName(name), name);
    t.same(parseTeamName(`${name}/${name}`), { organization: name, team: name });
  }
  t.equal(formatTeamName(parseTeamName("acme/web")), "acme/web");
});

const badNames: [string, RegExp][] = [
  ["", /"" cannot be the name of an organization/],
  [`${sixtyThree}a`, /has 64 characters, and 63 are possible/],
  ["Acme", /lower-case/],
  ["ac me", /lower-case/],
  ["acme\n", /cannot be/],
  ["-acme", /lower-case/],
  ["acme-", /lower-case/],
  ["a.b", /lower-case/],
  ["acme/web", /An organization is one word/],
  ...[...`\\*+[]:;|=,?<>"'`].map((character): [string, RegExp] => [`a${character}b`, /cannot be the name/]),
];
for (const [name, want] of badNames) {
  t.test(`${JSON.stringify(name)} is refused as the name of an organization`, async (t) => {
    t.match(
      said(() => parseOrganizationName(name)),
      want,
    );
  });
}

for (const [name, want] of [
  ["acme", /A team is ORG\/TEAM/],
  ["acme/web/x", /A team is ORG\/TEAM/],
  ["acme/", /"" is no name: it is empty/],
  ["/web", /"" is no name/],
  ["acme/Web", /"Web" is no name: names are lower-case/],
  [`acme/${sixtyThree}a`, /has 64 characters/],
] as const) {
  t.test(`${JSON.stringify(name)} is refused as a team`, async (t) => {
    t.match(
      said(() => parseTeamName(name)),
      want,
    );
  });
}

/** Message and hint of the error that it throws. */
function said(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof UserError && error.kind === "usage") return [...error.lines, ...error.hints].join("\n");
    throw error;
  }
  return "";
}
